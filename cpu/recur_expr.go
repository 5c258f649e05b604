package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// exprCell runs the expressions of any cell, one sample at a time.
type exprCell[T lower.Float] struct {
	code     *interp.CellCode
	units    int
	separate int // see separateGates
	loop     interp.MapLoop[T]
	rows     []*interp.CellRows[T] // by worker
	zeros    []T                   // [G*H]
}

func newExprCell[T lower.Float](c lower.Cell, units int, isa kernel.ISA, workers int) *exprCell[T] {
	g := &exprCell[T]{code: interp.CompileCell(c), units: units, loop: vectorLoop(vectorFor[T](isa))}
	g.separate = separateGates(g.code.CellStep)
	g.zeros = make([]T, g.code.Gates*units)
	for range workers {
		g.rows = append(g.rows, interp.NewCellRows[T](g.code, units))
	}
	return g
}

func (c *exprCell[T]) hasDirectGrad() bool { return c.code.Of[c.code.State(0)] >= 0 }

func (c *exprCell[T]) begin(int, kernel.Rows[T], []T) {}

func (c *exprCell[T]) forward(x *cellForward[T], worker int) error {
	rows, columns := c.rows[worker], c.code.Gates*c.units
	sums := columns - c.separate*c.units
	rows.SetBlocks(c.code.Bias(0), c.code.Biases, x.bias)
	for i := range x.n {
		z := x.z.Row(i, columns+c.separate*c.units)
		zx := z[columns:]
		if x.zx.Data != nil {
			zx = x.zx.Row(i, columns)
			c.loop(lower.FnAdd, z[:sums], z[:sums], zx[:sums], zx[:sums])
			zx = zx[sums:]
		}
		if c.code.SplitProjections {
			rows.SetBlocks(c.code.Gate(0), c.code.Gates-c.separate, c.zeros)
			rows.SetBlocks(c.code.Gate(c.code.Gates-c.separate), c.separate, zx)
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

		dz := x.dz.Row(i, columns+c.separate*c.units)
		for g := range c.code.Gates {
			copy(dz[g*c.units:(g+1)*c.units], rows.Grad(c.code.Gate(g)))
		}
		for g := range c.separate {
			copy(dz[columns+g*c.units:], rows.Grad(c.code.GateOfState(c.code.Gates-c.separate+g)))
		}
		if x.sum.Data != nil {
			c.add(x.sum.Row(i, len(dz)), dz)
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
