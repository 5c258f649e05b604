package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Update is a change of state that a step makes: the parameter's next value
// is the value of the node.
type Update struct {
	Param *Param
	Node  *Node // the node that reads the parameter
	Next  *Node
}

// Update says that the next value of the parameter or state that node reads
// is the value of next, which has the same shape. Within the step every reader
// sees the old value; all updates land after the last read.
func (b *Builder) Update(node, next *Node) {
	if b.Err() != nil {
		return
	}
	q := b.owner[node]
	switch {
	case node == nil || next == nil:
		b.Failf("update: node is nil")
	case q == nil:
		b.Failf("update of %s: only a parameter or a state can be updated", node.Name())
	case next.Graph() != b.g:
		b.Failf("update of %q: the next value is of another graph", q.name)
	case !Shape(next.Shape()).Equal(q.shape) || next.Dtype() != b.dtype:
		b.Failf("update of %q: it is %v %v, its next value is %v %v", q.name, b.dtype, q.shape, next.Dtype(), Shape(next.Shape()))
	default:
		for _, u := range b.updates {
			if u.Param == q {
				b.Failf("update of %q: it is updated twice in one step", q.name)
				return
			}
		}
		b.updates = append(b.updates, Update{q, node, next})
	}
}

// Updates returns the updates in the order they were given.
func (b *Builder) Updates() []Update { return b.updates }

// Land carries out updates on the host once the graph has run, for machines
// that do not do it themselves: all next values are read before any is written.
func Land(updates []Update) error {
	for i, u := range updates {
		if u.Param == nil || u.Next == nil {
			return fmt.Errorf("graph: update %d has no parameter or no next value: make it by Builder.Update", i)
		}
	}
	if len(updates) > 0 && updates[0].Next.Dtype() == Float64 {
		return land[float64](updates)
	}
	return land[float32](updates)
}

func land[T lower.Float](updates []Update) error {
	next := make([][]T, len(updates))
	for i, u := range updates {
		x, err := value.Elements[T](u.Next.Value())
		if err != nil {
			return fmt.Errorf("graph: update of %q: %w", u.Param.name, err)
		}
		if u.Next.Op() == nil { // an input's or a parameter's own memory, which another update may write
			x = append([]T(nil), x...)
		}
		next[i] = x
	}
	for i, u := range updates {
		copy(u.Param.value.Data().([]T), next[i])
		u.Param.Touch()
	}
	return nil
}

var _ gorgonia.SDOp = (*applied)(nil)
