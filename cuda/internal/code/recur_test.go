package code

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// recurCase is a recurrence and its gradient.
type recurCase struct {
	n, t, d, h                          int
	repeated, reverse, initial          bool // of the recurrence; repeated: one x for all steps
	outputs, lastH, lastC, x, ws, state bool // of the gradient: what is given and what is wanted
}

var recurCases = []recurCase{
	{n: 3, t: 4, d: 2, h: 5, outputs: true, x: true, ws: true},
	{n: 33, t: 3, d: 4, h: 17, reverse: true, initial: true, outputs: true, lastH: true, lastC: true, x: true, ws: true, state: true},
	{n: 2, t: 3, d: 3, h: 4, repeated: true, outputs: true, x: true, ws: true},
	{n: 2, t: 3, d: 3, h: 4, repeated: true, initial: true, reverse: true, lastH: true, x: true, ws: true, state: true},
	{n: 2, t: 1, d: 3, h: 4, lastH: true, x: true, ws: true},
	{n: 2, t: 1, d: 3, h: 4, initial: true, lastC: true, outputs: true, ws: true, state: true},
	{n: 4, t: 2, d: 1, h: 3, reverse: true, lastH: true, ws: true},
	{n: 4, t: 2, d: 1, h: 3, initial: true, lastH: true, state: true},
	{n: 2, t: 20, d: 1, h: 70, outputs: true, ws: true},
	{n: 300, t: 7, d: 2, h: 6, reverse: true, initial: true, outputs: true, lastH: true, lastC: true, x: true, ws: true, state: true},
	{n: 5, t: 6, d: 2, h: 33, repeated: true, outputs: true, x: true, ws: true},
	{n: 2, t: 5, d: 1, h: 125, initial: true, outputs: true, ws: true, x: true, state: true},
}

func TestRecurrences(t *testing.T) {
	for cell := range lower.Cell(lower.Cells) {
		t.Run(cell.String(), func(t *testing.T) {
			var s battery
			for _, c := range recurCases {
				c.add(&s, cell)
			}
			f := s.function()
			in := inputs(f, 3)
			for i := range in {
				for k := range in[i].Data {
					in[i].Data[k] /= 4
					if cell == lower.CellRNN { // whose states would grow apart by rounding
						in[i].Data[k] /= 4
					}
				}
			}
			check(t, f, in, near)
		})
	}
}

// add adds the recurrence and its gradient with a cell.
func (c recurCase) add(s *battery, cell lower.Cell) {
	step := cell.Step()
	c.lastC = c.lastC && len(step.NextStates) > 1
	given := c.t
	if c.repeated {
		given = 1
	}
	state := lower.Shape{c.n, c.h}
	shapes := []lower.Shape{{c.n, given, c.d}, {c.d, step.Gates * c.h}, {c.h, step.Gates * c.h}, {step.Biases * c.h}}
	if c.initial {
		for range step.NextStates {
			shapes = append(shapes, state)
		}
	}
	forward := len(shapes)
	if c.outputs {
		shapes = append(shapes, lower.Shape{c.n, c.t, c.h})
	}
	for _, last := range []bool{c.lastH, c.lastC} {
		if last {
			shapes = append(shapes, state)
		}
	}
	p := lower.Recur{Cell: cell, Steps: c.t, Reverse: c.reverse, Initial: c.initial}
	g := lower.RecurGrad{Of: p, Outputs: c.outputs, LastH: c.lastH, LastC: c.lastC, X: c.x, Weights: c.ws, State: c.state}
	s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
		outs := f.Apply(p, in[:forward]...)
		args := append([]lower.Value{in[0], in[1], in[2]}, in[4:forward]...)
		args = append(append(args, outs...), in[forward:]...)
		return append(outs, f.Apply(g, args...)...)
	}, shapes...)
}

// A long recurrence of few units becomes few kernels; one whose weights do not
// fit in a block becomes a kernel for each step.
func TestShortKernelsBecomeOne(t *testing.T) {
	for units, most := range map[int]int{32: 30, 128: 30, 200: 120} {
		var s battery
		recurCase{n: 128, t: 40, d: 3, h: units, outputs: true, x: true, ws: true}.add(&s, lower.CellLSTM)
		_, program := programOf(t, s.function(), graph.Float32)
		require.LessOrEqual(t, len(program.Calls), most, "%d units", units)
		require.Equal(t, units > 128, len(program.Calls) > 80, "%d units", units)
	}
}
