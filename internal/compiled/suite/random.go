package suite

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
)

// randomStock is a random graph of Gorgonia's own ops on matrices and images, with the
// gradients of its inputs.
func randomStock(t *testing.T, r *rand.Rand, dtype tensor.Dtype) *net {
	n := newNet(dtype)
	n.random = r
	matrices := gorgonia.Nodes{n.weight("a", 1, 4, 6), n.weight("b", 1, 6, 4), n.weight("c", 1, 4, 4)}
	images := gorgonia.Nodes{n.weight("x", 1, 2, 3, 8, 8)}
	filters := gorgonia.Nodes{n.weight("f", 0.5, 3, 3, 3, 3), n.weight("g", 0.5, 3, 3, 1, 1)}
	pick := func(of gorgonia.Nodes) *graph.Node { return of[r.IntN(len(of))] }
	for range 14 {
		x := pick(matrices)
		rows, cols := x.Shape()[0], x.Shape()[1]
		switch r.IntN(9) {
		case 0:
			x = must(gorgonia.Tanh(x))
		case 1:
			x = must(gorgonia.Sigmoid(x))
		case 2:
			x = must(gorgonia.HadamardProd(x, must(gorgonia.Cos(x))))
		case 3:
			x = must(gorgonia.Transpose(x, 1, 0))
		case 4:
			x = must(gorgonia.SoftMax(x, 1))
		case 5:
			y := pick(matrices)
			if y.Shape()[0] != cols {
				continue
			}
			x = must(gorgonia.Rectify(must(gorgonia.Mul(x, y))))
		case 6:
			y := pick(matrices)
			if !y.Shape().Eq(x.Shape()) {
				continue
			}
			x = must(gorgonia.Add(x, must(gorgonia.Softplus(y))))
		case 7:
			row := must(gorgonia.Slice(x, gorgonia.S(r.IntN(rows)), nil))
			x = must(gorgonia.BroadcastSub(x, must(gorgonia.Reshape(row, tensor.Shape{1, cols})), nil, []byte{0}))
		case 8:
			sum := must(gorgonia.Sum(x, 1))
			x = must(gorgonia.BroadcastHadamardProd(x, must(gorgonia.Reshape(sum, tensor.Shape{rows, 1})), nil, []byte{1}))
		}
		matrices = append(matrices, x)
	}
	for range 6 {
		x := pick(images)
		side := x.Shape()[2]
		switch r.IntN(5) {
		case 0:
			x = must(gorgonia.Rectify(x))
		case 1:
			x = must(gorgonia.Conv2d(x, filters[0], tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
		case 2:
			x = must(gorgonia.Conv2d(x, filters[1], tensor.Shape{1, 1}, []int{0, 0}, []int{1, 1}, []int{1, 1}))
		case 3:
			if side < 4 {
				continue
			}
			x = must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		case 4:
			if side > 8 {
				continue
			}
			x = must(gorgonia.Upsample2D(x, 2))
		}
		images = append(images, x)
	}
	for _, x := range append(append(matrices[len(matrices)-3:], images[len(images)-2:]...), n.learn...) {
		m := must(gorgonia.Mean(must(gorgonia.Square(x))))
		if n.cost == nil {
			n.cost = m
		} else {
			n.cost = must(gorgonia.Add(n.cost, m))
		}
	}
	_, err := gorgonia.Grad(n.cost, n.learn...)
	require.NoError(t, err)
	return n
}

func (on Machine) randomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned(t *testing.T) {
	for seed := range on.seeds(12) {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			n := randomStock(t, rand.New(rand.NewPCG(seed, 21)), dtype)
			m := on.With(Settings{Strict: true}).New(n.ExprGraph, gorgonia.BindDualValues(n.learn...))
			require.NoError(t, m.RunAll(), "seed %d, %v", seed, dtype)
			require.NoError(t, m.Verify(), "seed %d, %v", seed, dtype)
			require.NoError(t, m.Close())
		}
	}
}

func (on Machine) randomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine(t *testing.T) {
	for seed := range on.seeds(40) {
		var got [2][][]float64
		for i, machine := range []func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM{
			func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
				return gorgonia.NewTapeMachine(g, append(opts, gorgonia.TraceExec())...)
			},
			func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM { return on.New(g, opts...) },
		} {
			n := randomStock(t, rand.New(rand.NewPCG(seed, 21)), tensor.Float64)
			m := machine(n.ExprGraph, gorgonia.BindDualValues(n.learn...))
			require.NoError(t, m.RunAll(), "seed %d", seed)
			for _, w := range n.learn {
				d, err := w.Grad()
				require.NoError(t, err)
				x, err := value.Floats(d)
				require.NoError(t, err)
				got[i] = append(got[i], append([]float64(nil), x...))
			}
			require.NoError(t, m.Close())
		}
		for k, want := range got[0] {
			largest := math.Abs(slices.MaxFunc(want, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) }))
			require.InDeltaSlice(t, want, got[1][k], 1e-9*largest, "seed %d: gradient of weight %d", seed, k)
		}
	}
}
