package suite

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

// Recurrent is a gated recurrent cell in Gorgonia's ops, over some steps of a series,
// each with a row of an embedding. UnsafeLet sets which steps and rows a run reads.
type Recurrent struct {
	Graph   *gorgonia.ExprGraph
	Learn   gorgonia.Nodes
	Cost    *gorgonia.Node
	windows []*gorgonia.Node // slices of the series, by step
	rows    []*gorgonia.Node // slices of the embedding, by step
	series  int
	table   int
}

// NewRecurrent builds a Recurrent whose series has series steps. A run reads steps of
// them.
func NewRecurrent(dtype tensor.Dtype, series, steps, batch, in, hidden int) *Recurrent {
	must := gorgonia.Must
	r := rand.New(rand.NewPCG(11, 12))
	p := &Recurrent{Graph: gorgonia.NewGraph(), series: series, table: 2 * steps}
	x := weights(p.Graph, dtype, r, "series", series, batch, in)
	table := weights(p.Graph, dtype, r, "table", p.table, hidden)
	wx, wh := weights(p.Graph, dtype, r, "wx", in, 3*hidden), weights(p.Graph, dtype, r, "wh", hidden, 3*hidden)
	out := weights(p.Graph, dtype, r, "out", hidden, in)
	h := weights(p.Graph, dtype, r, "h", batch, hidden)
	p.Learn = gorgonia.Nodes{table, wx, wh, out}
	for t := range steps {
		window, row := must(gorgonia.Slice(x, gorgonia.S(t))), must(gorgonia.Slice(table, gorgonia.S(t)))
		p.windows, p.rows = append(p.windows, window), append(p.rows, row)
		z := must(gorgonia.Add(must(gorgonia.Mul(window, wx)), must(gorgonia.Mul(h, wh))))
		var gate [3]*gorgonia.Node
		for k := range gate {
			gate[k] = must(gorgonia.Slice(z, nil, gorgonia.S(k*hidden, (k+1)*hidden)))
		}
		forget := must(gorgonia.Sigmoid(gate[0]))
		update := must(gorgonia.HadamardProd(must(gorgonia.Sigmoid(gate[1])), must(gorgonia.Tanh(gate[2]))))
		h = must(gorgonia.Add(must(gorgonia.HadamardProd(forget, h)), update))
		h = must(gorgonia.BroadcastAdd(h, must(gorgonia.Reshape(row, tensor.Shape{1, hidden})), nil, []byte{0}))
		y := must(gorgonia.Square(must(gorgonia.Sub(must(gorgonia.Mul(h, out)), window))))
		if p.Cost == nil {
			p.Cost = y
		} else {
			p.Cost = must(gorgonia.Add(p.Cost, y))
		}
	}
	p.Cost = must(gorgonia.Mean(p.Cost))
	return p
}

// Move sets the slices for the i-th run.
func (p *Recurrent) Move(i int) error {
	for t, n := range p.windows {
		if err := gorgonia.UnsafeLet(n, gorgonia.S((3*i+t)%p.series)); err != nil {
			return err
		}
		if err := gorgonia.UnsafeLet(p.rows[t], gorgonia.S((i*i+2*t)%p.table)); err != nil {
			return err
		}
	}
	return nil
}

// slicesMoveInEveryRun trains on different slices in each run and compares with the
// TapeMachine.
func (on Machine) slicesMoveInEveryRun(t *testing.T) {
	train := func(machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) (seen []float64) {
		p := NewRecurrent(tensor.Float64, 9, 3, 4, 5, 6)
		_, err := gorgonia.Grad(p.Cost, p.Learn...)
		require.NoError(t, err)
		m := machine(p.Graph, gorgonia.BindDualValues(p.Learn...))
		defer m.Close()
		solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))
		for i := range 8 {
			require.NoError(t, p.Move(i))
			require.NoError(t, m.RunAll())
			for _, n := range append(gorgonia.Nodes{p.Cost}, p.Learn...) {
				x, err := value.Of(n)
				require.NoError(t, err)
				seen = append(seen, x...)
			}
			require.NoError(t, solver.Step(gorgonia.NodesToValueGrads(p.Learn)))
			if v, ok := m.(vm.DropIn); ok && i == 3 {
				require.NoError(t, v.Verify())
			}
			m.Reset()
		}
		return seen
	}
	want := train(func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
		return gorgonia.NewTapeMachine(g, opts...)
	})
	got := train(func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM { return on.New(g, opts...) })
	require.InDeltaSlice(t, want, got, 1e-10)
}

// aSliceThatDoesNotFitIsAnError checks that the error names the node and both extents,
// and that the machine still runs with a slice that fits.
func (on Machine) aSliceThatDoesNotFitIsAnError(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(6, 2), gorgonia.WithValue(tensor.New(tensor.WithShape(6, 2), tensor.WithBacking(tensor.Range(tensor.Float64, 0, 12)))))
	s := gorgonia.Must(gorgonia.Slice(x, gorgonia.S(0, 2)))
	y := gorgonia.Must(gorgonia.Square(s))
	cost := gorgonia.Must(gorgonia.Sum(y))
	_, err := gorgonia.Grad(cost, x)
	require.NoError(t, err)
	m := on.New(g, gorgonia.BindDualValues(x))
	defer m.Close()
	run := func(sl tensor.Slice) error {
		require.NoError(t, gorgonia.UnsafeLet(s, sl))
		m.Reset()
		return m.RunAll()
	}
	for range 2 {
		for _, c := range []struct {
			slice      tensor.Slice
			start, end float64
		}{{gorgonia.S(0, 2), 0, 4}, {gorgonia.S(3, 5), 6, 10}, {gorgonia.S(1, 6, 3), 2, 8}, {gorgonia.S(4, 6), 8, 12}} {
			require.NoError(t, run(c.slice))
			v, err := value.Of(y)
			require.NoError(t, err)
			require.Equal(t, math.Pow(c.start, 2), v[0], c)
			if c.slice.Step() == 1 {
				require.Equal(t, math.Pow(c.end-1, 2), v[3], c)
			} else {
				require.Equal(t, math.Pow(c.end, 2), v[2], c)
			}
		}
		require.ErrorContains(t, run(gorgonia.S(1, 4)), "the slice 1:4:1 of an axis of 6 takes 3 elements, the graph was built for 2")
		require.ErrorContains(t, run(gorgonia.S(5, 8)), s.Name())
		require.Error(t, run(gorgonia.S(9, 11)))
	}
	require.NoError(t, run(gorgonia.S(0, 2)))
}
