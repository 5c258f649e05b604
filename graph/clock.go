package graph

// clockName is the name of the input that random numbers are indexed by.
const clockName = "clock"

// Clock returns the node that every random number of the graph is indexed by: the
// input named "clock", [4]. There is one for all scopes, added on first use. It
// holds the epoch and the position of the batch's first sample in the epoch's
// order, each as two 16-bit words, the low one first. A machine sets it.
func (b *Builder) Clock() *Node {
	if b.Err() != nil {
		return nil
	}
	if n := b.inputs[clockName]; n != nil {
		if !Shape(n.Shape()).Equal(Shape{4}) {
			b.Failf("random numbers: the input %q is %v, but it must be the clock, [4]: give that input another name", clockName, Shape(n.Shape()))
			return nil
		}
		return n
	}
	n := (&Builder{b.build, ""}).Input(clockName, 4)
	b.optional(n, 0)
	return n
}
