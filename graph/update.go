package graph

import "slices"

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
	q := b.updatable(node, next)
	switch {
	case q == nil:
	case b.indexOfUpdate(q) >= 0:
		b.Failf("update of %q: it is updated twice in one step", q.name)
	default:
		b.updates = append(b.updates, Update{q, node, next})
	}
}

// NextOf returns the next value that Update gave to the parameter or state that node
// reads, or nil if it has none. An optimiser around another one reads it, such as for a
// moving average of the weights after the step.
func (b *Builder) NextOf(node *Node) *Node {
	if b.Err() != nil {
		return nil
	}
	if i := b.indexOfUpdate(b.owner[node]); i >= 0 {
		return b.updates[i].Next
	}
	return nil
}

// ReplaceNext gives another next value to a parameter or state that Update has given one
// in this step. An optimiser around another one so changes the other's result.
func (b *Builder) ReplaceNext(node, next *Node) {
	q := b.updatable(node, next)
	if q == nil {
		return
	}
	i := b.indexOfUpdate(q)
	if i < 0 {
		b.Failf("update of %q: it has no next value to replace: call Update first", q.name)
		return
	}
	b.updates[i].Next = next
}

// updatable returns the parameter that node reads if next can be its next value. If
// not, it records an error.
func (b *Builder) updatable(node, next *Node) *Param {
	if b.Err() != nil {
		return nil
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
		return q
	}
	return nil
}

// indexOfUpdate returns the position of the parameter's update, or -1.
func (b *Builder) indexOfUpdate(q *Param) int {
	return slices.IndexFunc(b.updates, func(u Update) bool { return q != nil && u.Param == q })
}

// Updates returns the updates in the order in which they were added.
func (b *Builder) Updates() []Update { return b.updates }
