package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// recurCell computes the elementwise part of a recurrent cell for some samples at one
// step. A worker calls it for one step at a time.
type recurCell[T lower.Float] interface {
	// begin passes the bias and the input's projection [n,G*H] that all steps read.
	// The cell may change the projection, whose rows have room for the width of z.
	begin(n int, zx kernel.Rows[T], bias []T)
	forward(x *cellForward[T], worker int) error
	backward(x *cellBackward[T], worker int) error
	// end follows the last backward call for some samples.
	end(x *cellBackward[T])
	// hasDirectGrad reports whether backward writes part of the gradient of the
	// previous h to dState[0], so that the product is added to it.
	hasDirectGrad() bool
}

// cellForward is what a cell reads and writes at one step of n samples.
type cellForward[T lower.Float] struct {
	n int
	// z has the projections: the sums of both, then the state's in the separate columns
	// (so far [n,G*H]), then the input's in these. If all steps read one input, z has the
	// state's alone and zeros for the input's, and zx [n,G*H] is the input's. The cell may
	// change what products write.
	z, zx         kernel.Rows[T]
	bias          []T // [B*H]
	before, after [2]kernel.Rows[T]
	next          kernel.Rows[T] // a second destination for h
	saved         kernel.Rows[T]
	fetch         [2][]T // memory that the cell writes, for the product before it to prefetch
}

// cellBackward is what the gradient of a cell reads and writes.
type cellBackward[T lower.Float] struct {
	n             int
	before, after [2]kernel.Rows[T]
	saved         kernel.Rows[T]
	dOut          kernel.Rows[T]    // the gradient of h as an output
	dState        [2]kernel.Rows[T] // the gradients of the states after the step; become those of the states before
	dz            kernel.Rows[T]    // becomes the gradients of the projections [n,G*H], with the input's in the separate columns, and then the state's in these
	sum           kernel.Rows[T]    // dz is added to it if all steps read one input
	dBias         []T               // [B*H], to which the gradient of the bias is added
	fetch         [][]T             // see recurGradStep.fetch
}

// cellKinds are the cells that have kernels of their own.
func cellKinds() map[lower.Cell]kernel.CellKind {
	return map[lower.Cell]kernel.CellKind{lower.CellLSTM: kernel.LSTM, lower.CellGRU: kernel.GRU, lower.CellRNN: kernel.RNN}
}

// newRecurCell returns a cell with kernels of its own if there are any, else one that
// runs the cell's expressions.
func newRecurCell[T lower.Float](c lower.Cell, units int, isa kernel.ISA, workers int) recurCell[T] {
	kind, ok := cellKinds()[c]
	if !ok {
		return newExprCell[T](c, units, isa, workers)
	}
	s := c.Step()
	return &kernelCell[T]{
		kernels: kernel.CellFor[T](kind, isa), vector: vectorFor[T](isa), units: units, gates: s.Gates, biases: s.Biases,
		last: len(s.NextStates) - 1, direct: s.Grad().Of[s.State(0)] >= 0,
	}
}

// kernelCell runs the elementwise part of a step in one pass. Its bias has as many blocks
// as z.
type kernelCell[T lower.Float] struct {
	kernels              kernel.Cell[T]
	vector               *kernel.Vector[T]
	units, gates, biases int
	last                 int  // the state that the kernels call Prev: c of an LSTM, else h
	direct               bool // see hasDirectGrad
}

func (c *kernelCell[T]) hasDirectGrad() bool { return c.direct }

// begin makes zx what is added to z: the input's projection plus the bias, and then those
// blocks of the bias that are added to the state's projection.
func (c *kernelCell[T]) begin(n int, zx kernel.Rows[T], bias []T) {
	columns := c.gates * c.units
	for i := range n {
		row := zx.Row(i, c.biases*c.units)
		c.vector.Binary[kernel.OpAdd](row[:columns], row[:columns], bias[:columns])
		copy(row[columns:], bias[columns:])
	}
}

func (c *kernelCell[T]) forward(x *cellForward[T], _ int) error {
	add := x.zx // begin added the bias to it
	if add.Data == nil {
		add = kernel.Rows[T]{Data: x.bias}
	}
	return c.kernels.Forward(kernel.CellForward[T]{
		Rows: x.n, Units: c.units, Z: x.z, Add: add, Prev: x.before[c.last],
		Saved: x.saved, C: x.after[1], H: x.after[0], H2: x.next,
	})
}

// backward adds dz to the gradient of the bias. If dz is summed over time, end does
// that.
func (c *kernelCell[T]) backward(x *cellBackward[T], _ int) error {
	sum := x.sum
	if sum.Data == nil {
		sum = kernel.Rows[T]{Data: x.dBias}
	}
	return c.kernels.Backward(kernel.CellBackward[T]{
		Rows: x.n, Units: c.units, Saved: x.saved, C: x.after[1], Prev: x.before[c.last],
		DOut: x.dOut, DH: x.dState[0], DC: x.dState[1], DZ: x.dz, Sum: sum,
	})
}

func (c *kernelCell[T]) end(x *cellBackward[T]) {
	if x.sum.Data != nil {
		c.vector.AddRows(x.dBias, x.sum.Data, x.n, x.sum.Stride)
	}
}
