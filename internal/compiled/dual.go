package compiled

import (
	"fmt"
	"reflect"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
)

// dual is a node whose gradient is in its dual value: the sum over runs or, with
// overwrite, the gradient of the last run.
type dual struct {
	node, deriv *graph.Node
	overwrite   bool
}

// isShared reports whether a derivative is one of Gorgonia's constants, whose value all
// graphs share, so that a solver must not change it.
func isShared(deriv *graph.Node) bool {
	return plan.IsConstant(deriv)
}

// Adder is an engine with a fast sum[i] += x[i].
type Adder[T float32 | float64] interface {
	Add(sum, x []T)
}

// add adds the derivative's value to the node's gradient. The gradient starts from
// zero in the first run or, with overwrite, in each run.
func (b dual) add(e Engine) error {
	if b.overwrite || !isDual(b.node) {
		gorgonia.WithGrad(zeroOf(b.node))(b.node)
	}
	sum, err := b.node.Grad()
	if err != nil {
		return err
	}
	if b.node.Dtype() == graph.Float64 {
		return addTo[float64](e, sum, b.deriv.Value())
	}
	return addTo[float32](e, sum, b.deriv.Value())
}

// zeroOf returns a gradient of zeros for a node. For shape () it is a tensor if the
// node's value is a tensor, else a number.
func zeroOf(n *graph.Node) gorgonia.Value {
	if t, ok := n.Value().(*tensor.Dense); ok && t.Dims() == 0 {
		return tensor.New(tensor.Of(n.Dtype()), tensor.WithShape())
	}
	return value.Zero(n.Dtype(), graph.Shape(n.Shape()))
}

func addTo[T float32 | float64](e Engine, sum, x gorgonia.Value) error {
	y, err := value.Elements[T](x)
	if err != nil {
		return err
	}
	switch s := any(sum).(type) {
	case *gorgonia.F32:
		*s += gorgonia.F32(y[0])
	case *gorgonia.F64:
		*s += gorgonia.F64(y[0])
	case *tensor.Dense:
		d, err := value.Elements[T](s)
		if err != nil || len(d) != len(y) {
			return fmt.Errorf("a gradient of %d elements does not fit %v", len(y), s.Shape())
		}
		if a, ok := e.(Adder[T]); ok {
			a.Add(d, y)
			return nil
		}
		for i, v := range y {
			d[i] += v
		}
	}
	return nil
}

// isDual reports whether a dual value is bound to the node.
func isDual(n *graph.Node) bool {
	v := reflect.ValueOf(n).Elem().FieldByName("boundTo")
	return !v.IsNil() && v.Elem().Type().String() == "*gorgonia.dualValue"
}
