package graph

// Feeder is a machine that reads an input's elements where the caller has them.
type Feeder interface {
	// Feed makes x, in row-major order, the elements of an input in the runs that
	// follow.
	Feed(n *Node, x []float32) error
}

// Feed gives an input its elements x, in row-major order, for the next run: what
// a training loop does with each batch. A machine that is a Feeder reads x
// itself, in every run until the next Feed; for any other one x is copied, as
// Fill does. So leave x alone while a run is under way, and feed again after a
// change. Nothing is ever written to x.
func Feed(vm VM, n *Node, x []float32) error {
	if f, ok := vm.(Feeder); ok {
		return f.Feed(n, x)
	}
	return Fill(n, x)
}
