package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// recurCell computes the elementwise part of a recurrent cell for some samples at one
// step. A worker calls it for one step at a time.
type recurCell[T lower.Float] interface {
	// begin passes the bias and the input's projection [n,G*H] that all steps read.
	// The cell may change the projection.
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
	// z [n,G*H] is the sum of both projections. If the cell reads them separately, or
	// if all steps read one input, z is the state's projection and zx the input's.
	// The cell may change z.
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
	dzx, dzh      kernel.Rows[T]    // become the gradients of the projections; the same memory unless the cell reads them separately
	sum           kernel.Rows[T]    // dzx is added to it if all steps read one input
	dBias         []T               // [B*H], to which the gradient of the bias is added
	fetch         [20][]T           // see recurGradStep.fetch
}

// newRecurCell returns a cell with kernels of its own if there are any, else one that
// runs the cell's expressions.
func newRecurCell[T lower.Float](c lower.Cell, units int, isa kernel.ISA, workers int) recurCell[T] {
	if c == lower.CellLSTM {
		return &lstmCell[T]{kernel.LSTMFor[T](isa), vectorFor[T](isa), units}
	}
	g := &exprCell[T]{code: interp.CompileCell(c), units: units, loop: vectorLoop(vectorFor[T](isa))}
	for range workers {
		g.rows = append(g.rows, interp.NewCellRows[T](g.code, units))
	}
	return g
}

// lstmCell is lower.CellLSTM in one pass.
type lstmCell[T lower.Float] struct {
	kernels kernel.LSTM[T]
	vector  *kernel.Vector[T]
	units   int
}

func (c *lstmCell[T]) hasDirectGrad() bool { return false }

func (c *lstmCell[T]) begin(n int, zx kernel.Rows[T], bias []T) {
	for i := range n {
		row := zx.Row(i, 4*c.units)
		c.vector.Binary[kernel.OpAdd](row, row, bias)
	}
}

func (c *lstmCell[T]) forward(x *cellForward[T], _ int) error {
	add := x.zx // begin added the bias to it
	if add.Data == nil {
		add = kernel.Rows[T]{Data: x.bias}
	}
	return c.kernels.Forward(kernel.LSTMForward[T]{
		Rows: x.n, Units: c.units, Z: x.z, Add: add, CPrev: x.before[1],
		Acts: x.saved, C: x.after[1], H: x.after[0], H2: x.next,
	})
}

// backward adds dz to the gradient of the bias. If dz is summed over time, end does
// that.
func (c *lstmCell[T]) backward(x *cellBackward[T], _ int) error {
	sum := x.sum
	if sum.Data == nil {
		sum = kernel.Rows[T]{Data: x.dBias}
	}
	return c.kernels.Backward(kernel.LSTMBackward[T]{
		Rows: x.n, Units: c.units, Acts: x.saved, C: x.after[1], CPrev: x.before[1],
		DOut: x.dOut, DH: x.dState[0], DC: x.dState[1], DZ: x.dzh, Sum: sum,
	})
}

func (c *lstmCell[T]) end(x *cellBackward[T]) {
	if x.sum.Data != nil {
		c.vector.AddRows(x.dBias, x.sum.Data, x.n, x.sum.Stride)
	}
}

// exprCell runs the expressions of any cell, one sample at a time.
type exprCell[T lower.Float] struct {
	code  *interp.CellCode
	units int
	loop  interp.MapLoop[T]
	rows  []*interp.CellRows[T] // by worker
}

func (c *exprCell[T]) hasDirectGrad() bool { return c.code.Of[c.code.State(0)] >= 0 }

func (c *exprCell[T]) begin(int, kernel.Rows[T], []T) {}

func (c *exprCell[T]) forward(x *cellForward[T], worker int) error {
	rows, columns := c.rows[worker], c.code.Gates*c.units
	rows.SetBlocks(c.code.Bias(0), c.code.Biases, x.bias)
	for i := range x.n {
		z := x.z.Row(i, columns)
		switch {
		case c.code.SplitProjections:
			rows.SetBlocks(c.code.Gate(0), c.code.Gates, x.zx.Row(i, columns))
		case x.zx.Data != nil:
			zx := x.zx.Row(i, columns)
			c.loop(lower.FnAdd, z, z, zx, zx)
		}
		rows.SetBlocks(c.code.GateOfState(0), c.code.Gates, z)
		c.set(rows, i, x.before, x.after, x.saved)
		rows.Forward(c.loop)
		copy(x.next.Row(i, c.units), x.after[0].Row(i, c.units))
	}
	return nil
}

// set binds the states and saved values of sample i.
func (c *exprCell[T]) set(rows *interp.CellRows[T], i int, before, after [2]kernel.Rows[T], saved kernel.Rows[T]) {
	for s, v := range c.code.NextStates {
		rows.Set(c.code.State(s), before[s].Row(i, c.units))
		rows.Set(v, after[s].Row(i, c.units))
	}
	all := saved.Row(i, len(c.code.Saved)*c.units)
	for k, v := range c.code.Saved {
		rows.Set(v, all[k*c.units:(k+1)*c.units])
	}
}

func (c *exprCell[T]) backward(x *cellBackward[T], worker int) error {
	rows, columns := c.rows[worker], c.code.Gates*c.units
	for i := range x.n {
		dh := x.dState[0].Row(i, c.units)
		c.add(dh, x.dOut.Row(i, c.units))
		for s := range c.code.NextStates {
			rows.Set(c.code.NextStateGrad(s), x.dState[s].Row(i, c.units))
		}
		c.set(rows, i, x.before, x.after, x.saved)
		rows.Backward(c.loop)

		dzx, dzh := x.dzx.Row(i, columns), x.dzh.Row(i, columns)
		for g := range c.code.Gates {
			at := g * c.units
			copy(dzx[at:at+c.units], rows.Grad(c.code.Gate(g)))
			copy(dzh[at:at+c.units], rows.Grad(c.code.GateOfState(g)))
		}
		if x.sum.Data != nil {
			c.add(x.sum.Row(i, columns), dzx)
		}
		for b := range c.code.Biases {
			c.add(x.dBias[b*c.units:(b+1)*c.units], rows.Grad(c.code.Bias(b)))
		}
		for s := range c.code.NextStates {
			to := x.dState[s].Row(i, c.units)
			if d := rows.Grad(c.code.State(s)); d != nil {
				copy(to, d)
			} else {
				clear(to)
			}
		}
	}
	return nil
}

func (c *exprCell[T]) end(*cellBackward[T]) {}

func (c *exprCell[T]) add(dst, x []T) { c.loop(lower.FnAdd, dst, dst, x, x) }
