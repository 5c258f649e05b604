package compiled

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// RunHost runs a node's own Do on copies of its operands, and copies the result
// into out, a row-major array. What Do panics with is an error.
func RunHost[T lower.Float](h plan.Host, in []lower.Array[T], out lower.Array[T]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Do panicked: %v", r)
		}
	}()
	values := make([]gorgonia.Value, len(h.Direct))
	for i, n := range h.Direct {
		if n != nil {
			if values[i] = n.Value(); values[i] == nil {
				return fmt.Errorf("input %s: no value is bound", n.Name())
			}
			continue
		}
		values[i] = graph.NewValue(append([]T(nil), in[0].Elements()...), in[0].Shape)
		in = in[1:]
	}
	v, err := h.Node.Op().Do(values...)
	if err != nil {
		return err
	}
	if v == nil {
		return errors.New("its Do returned nothing")
	}
	y, err := graph.Elements[T](v)
	if err != nil {
		return err
	}
	if len(y) != out.Shape.Size() {
		return fmt.Errorf("returned %d elements, the graph says %v", len(y), out.Shape)
	}
	copy(out.Elements(), y)
	return nil
}
