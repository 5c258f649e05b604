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
