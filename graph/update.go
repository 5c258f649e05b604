package graph

// Update says that the value of Next in a step is the parameter's next value.
type Update struct {
	Param *Param
	Node  *Node // the node that reads the parameter
	Next  *Node
}

// Update says that the next value of the parameter or state that node reads
// is the value of next, which has the same shape. Within the step every reader
// sees the old value; all parameters change after the last read.
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

// Updates returns the updates in the order in which they were added.
func (b *Builder) Updates() []Update { return b.updates }
