package code

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// TestEveryTile computes, with each tile, a product of matrices with all kinds of
// sums, a convolution and a recurrence, all a little larger than the tile.
func TestEveryTile(t *testing.T) {
	need(t)
	var s battery
	var of []tile // by step
	for i, x := range tiles {
		require.Zero(t, x.threads()%32, "%v", x)
		require.LessOrEqual(t, x.memory()*4, staticBytes, "%v", x)
		m, n, k := x.high+3, x.wide+5, x.deep+x.deep/2+1
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			y := f.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.1))), f.MatMul(in[0], in[1]))
			return []lower.Value{y, f.Sum(y, 0), f.Sum(y, 1), f.Max(y, 0, 1)}
		}, lower.Shape{m, k}, lower.Shape{k, n})
		c := convCase{n: 1, c: 2, o: m, size: [2]int{5, n/5 + 1}, kernel: [2]int{3, 2}, geometry: geometry(1, 1, 1, 1, 1, 0)}
		images, kernels, _ := c.shapes(t)
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.Conv{Geometry: c.geometry}, in[0], in[1])
		}, images, kernels)
		of = append(of, x, x)
		cell := []lower.Cell{lower.CellLSTM, lower.CellGRU}[i%2]
		step := cell.Step()
		if _, ok := x.grouped(step.Gates); !ok {
			continue
		}
		h := x.wide/4 + 1
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.Recur{Cell: cell, Steps: 2}, in...)
		}, lower.Shape{x.high + 1, 2, 2}, lower.Shape{2, step.Gates * h}, lower.Shape{h, step.Gates * h}, lower.Shape{step.Biases * h})
		of = append(of, x)
	}
	f := s.function()
	in := inputs(f, 8)
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	p, err := plan.OfFunc(f, graph.Float32, plan.Target{Convs: true})
	require.NoError(t, err)
	require.Len(t, p.Steps, len(of))
	program, err := makeOf(p, func(step int) []tile { return of[step : step+1] })
	require.NoError(t, err)
	values := make([][]float64, len(in))
	for i, x := range in {
		values[i] = x.Elements()
	}
	m := newMachine(p, program, values)
	require.NoError(t, m.run(1))
	for i := range want {
		same(t, want[i].Elements(), m.result(i), near, "result %d", i)
	}
}
