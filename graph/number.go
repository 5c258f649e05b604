package graph

// Reader is a machine that hands out numbers without making values of them: a
// Gorgonia node takes no value without an allocation.
type Reader interface {
	// Number returns the value that a scalar node given to the builder's Read or
	// Keep had in the last run.
	Number(n *Node) (float64, error)
}

// Number returns the value that a scalar node had in the last run of a machine:
// by the machine where it is a Reader, which allocates nothing, else as Scalar.
func Number(vm VM, n *Node) (float64, error) {
	if r, ok := vm.(Reader); ok {
		return r.Number(n)
	}
	return Scalar(n)
}

// Queue is a machine that is still at work on a run when RunAll returns, and
// that another run may be given to meanwhile: two at most are under way.
type Queue interface {
	// NumberAgo returns the value that a scalar node, given to the builder's Read
	// or Keep, had in the last run (ago 0) or in the one before (ago 1). It waits
	// for that run and for no later one.
	NumberAgo(n *Node, ago int) (float64, error)
}
