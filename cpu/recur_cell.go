package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// recurCell is the elementwise part of a recurrent cell for some samples at one
// step. A worker calls it for one step at a time.
type recurCell interface {
	// begin is told the input's projection [n,G*H] that all steps will read, which
	// it may change, and the bias.
	begin(n int, zx kernel.Rows, bias []float32)
	forward(x *cellForward, worker int) error
	backward(x *cellBackward, worker int) error
	// end is told of the last backward of some samples.
	end(x *cellBackward)
	// direct says whether backward leaves a part of the gradient of the h before.
	direct() bool
}

// cellForward is what a cell reads and writes at one step of n samples.
type cellForward struct {
	n int
	// z [n,G*H] is the sum of both projections. Where the cell reads them apart,
	// and where all steps read one input, it is that of the state alone, and zx is
	// that of the input. It may be changed.
	z, zx         kernel.Rows
	bias          []float32 // [B*H]
	before, after [2]kernel.Rows
	next          kernel.Rows // another place for h
	saved         kernel.Rows
	fetch         [2][]float32 // what it writes to, for the product before to bring into the cache
}

// cellBackward is what its gradient reads and writes.
type cellBackward struct {
	n             int
	before, after [2]kernel.Rows
	saved         kernel.Rows
	dOut          kernel.Rows    // the gradient of h from outside
	dState        [2]kernel.Rows // the gradients of the states after the step, which become those of the states before
	dzx, dzh      kernel.Rows    // become the gradients of the projections; the same memory unless the cell reads them apart
	sum           kernel.Rows    // dzx is added to it where all steps read one input
	dBias         []float32      // [B*H], the bias' gradient is added to it
	fetch         [20][]float32  // see recurGradStep.fetch
}

// newRecurCell returns the kernels of a cell that has some of its own, and runs
// others by their expressions.
func newRecurCell(c lower.Cell, units int, isa kernel.ISA, workers int) recurCell {
	if c == lower.CellLSTM {
		return &lstmCell{kernel.LSTMFor(isa), kernel.VectorFor(isa), units}
	}
	g := &exprCell{code: lower.CompileCell(c), units: units, loop: vectorLoop(isa)}
	for range workers {
		g.rows = append(g.rows, lower.NewCellRows[float32](g.code, units))
	}
	return g
}

// lstmCell is lower.CellLSTM in one pass.
type lstmCell struct {
	kernels kernel.LSTM
	vector  *kernel.Vector[float32]
	units   int
}

func (c *lstmCell) direct() bool { return false }

func (c *lstmCell) begin(n int, zx kernel.Rows, bias []float32) {
	for i := range n {
		row := zx.Row(i, 4*c.units)
		c.vector.Binary[kernel.OpAdd](row, row, bias)
	}
}

func (c *lstmCell) forward(x *cellForward, _ int) error {
	add := x.zx // with the bias, since begin
	if add.Data == nil {
		add = kernel.Rows{Data: x.bias}
	}
	return c.kernels.Forward(kernel.LSTMForward{
		Rows: x.n, Units: c.units, Z: x.z, Add: add, CPrev: x.before[1],
		Acts: x.saved, C: x.after[1], H: x.after[0], H2: x.next,
	})
}

// backward adds dz to the bias' gradient, but where it is summed over time
// anyway leaves that to end.
func (c *lstmCell) backward(x *cellBackward, _ int) error {
	sum := x.sum
	if sum.Data == nil {
		sum = kernel.Rows{Data: x.dBias}
	}
	return c.kernels.Backward(kernel.LSTMBackward{
		Rows: x.n, Units: c.units, Acts: x.saved, C: x.after[1], CPrev: x.before[1],
		DOut: x.dOut, DH: x.dState[0], DC: x.dState[1], DZ: x.dzh, Sum: sum,
	})
}

func (c *lstmCell) end(x *cellBackward) {
	if x.sum.Data != nil {
		c.vector.AddRows(x.dBias, x.sum.Data, x.n, x.sum.Stride)
	}
}

// exprCell runs the expressions of any cell, a sample at a time.
type exprCell struct {
	code  *lower.CellCode
	units int
	loop  lower.MapLoop[float32]
	rows  []*lower.CellRows[float32] // by worker
}

func (c *exprCell) direct() bool { return c.code.Of[c.code.Before(0)] >= 0 }

func (c *exprCell) begin(int, kernel.Rows, []float32) {}

func (c *exprCell) forward(x *cellForward, worker int) error {
	rows, columns := c.rows[worker], c.code.Gates*c.units
	rows.SetBlocks(c.code.Bias(0), c.code.Biases, x.bias)
	for i := range x.n {
		z := x.z.Row(i, columns)
		switch {
		case c.code.Apart:
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

// set tells where the states and what is saved of the i-th sample lie.
func (c *exprCell) set(rows *lower.CellRows[float32], i int, before, after [2]kernel.Rows, saved kernel.Rows) {
	for s, v := range c.code.After {
		rows.Set(c.code.Before(s), before[s].Row(i, c.units))
		rows.Set(v, after[s].Row(i, c.units))
	}
	all := saved.Row(i, len(c.code.Saved)*c.units)
	for k, v := range c.code.Saved {
		rows.Set(v, all[k*c.units:(k+1)*c.units])
	}
}

func (c *exprCell) backward(x *cellBackward, worker int) error {
	rows, columns := c.rows[worker], c.code.Gates*c.units
	for i := range x.n {
		dh := x.dState[0].Row(i, c.units)
		c.add(dh, x.dOut.Row(i, c.units))
		for s := range c.code.After {
			rows.Set(c.code.Given(s), x.dState[s].Row(i, c.units))
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
		for s := range c.code.After {
			to := x.dState[s].Row(i, c.units)
			if d := rows.Grad(c.code.Before(s)); d != nil {
				copy(to, d)
			} else {
				clear(to)
			}
		}
	}
	return nil
}

func (c *exprCell) end(*cellBackward) {}

func (c *exprCell) add(dst, x []float32) { c.loop(lower.FnAdd, dst, dst, x, x) }
