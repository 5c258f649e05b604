package graph_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// gorgoniaOps are uses of Gorgonia's own ops on parameters of the given shapes.
var gorgoniaOps = []struct {
	name   string
	shapes [][]int
	f      func(w ...*graph.Node) (*graph.Node, error)
}{
	{"usual bias", [][]int{{3, 4}, {1, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BroadcastAdd(w[0], w[1], nil, []byte{0}) }},
	{"bias of a vector", [][]int{{3, 4}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BroadcastAdd(w[0], w[1], nil, []byte{0}) }},
	{"bias on the left", [][]int{{1, 4}, {3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BroadcastAdd(w[0], w[1], []byte{0}, nil) }},
	{"bias of columns", [][]int{{3, 4}, {3, 1}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BroadcastAdd(w[0], w[1], nil, []byte{1}) }},
	{"bias of channels", [][]int{{2, 3, 2, 2}, {1, 3, 1, 1}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.BroadcastAdd(w[0], w[1], nil, []byte{0, 2, 3})
	}},
	{"difference", [][]int{{3, 4}, {1, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BroadcastSub(w[0], w[1], nil, []byte{0}) }},
	{"product", [][]int{{3, 1}, {3, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.BroadcastHadamardProd(w[0], w[1], []byte{1}, nil)
	}},
	{"quotient", [][]int{{3, 4}, {3, 1}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.BroadcastHadamardDiv(w[0], w[1], nil, []byte{1})
	}},
	{"both sides", [][]int{{3, 1}, {1, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.BroadcastAdd(w[0], w[1], []byte{1}, []byte{0})
	}},
	{"power", [][]int{{3, 4}, {1, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.BroadcastPow(G.Must(G.Exp(w[0])), w[1], nil, []byte{0})
	}},
	{"comparison", [][]int{{3, 4}, {1, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		above, err := G.BroadcastGt(w[0], w[1], true, nil, []byte{0})
		if err != nil {
			return nil, err
		}
		return G.BroadcastAdd(G.Must(G.HadamardProd(above, w[0])), w[1], nil, []byte{0})
	}},
	{"mean", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Mean(w[0]) }},
	{"mean of an axis", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Mean(w[0], 1) }},
	{"sum of an axis", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Sum(w[0], 0) }},
	{"sum of an axis of four", [][]int{{2, 3, 4, 2}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Sum(w[0], 2) }},
	{"sum of two axes of four", [][]int{{2, 3, 4, 2}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Sum(w[0], 1, 3) }},
	{"maximum of an axis", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Max(w[0], 1) }},
	{"maximum", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Max(w[0]) }},
	{"softmax", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.SoftMax(w[0]) }},
	{"softmax of columns", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.SoftMax(w[0], 0) }},
	{"logarithm of softmax", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.LogSoftMax(w[0], 1) }},
	{"outer product", [][]int{{3}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.OuterProd(w[0], w[1]) }},
	{"product with a vector", [][]int{{3, 4}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Mul(w[0], w[1]) }},
	{"dot product", [][]int{{4}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Mul(w[0], w[1]) }},
	{"batched product", [][]int{{2, 3, 4}, {2, 4, 5}}, func(w ...*graph.Node) (*graph.Node, error) { return G.BatchedMatMul(w[0], w[1]) }},
	{"logarithm to base 2", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Log2(G.Must(G.Exp(w[0]))) }},
	{"inverse square root", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.InverseSqrt(G.Must(G.Exp(w[0]))) }},
	{"absolute value", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Abs(w[0]) }},
	{"power of 3", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Pow(w[0], G.NewConstant(3.0)) }},
	{"number and matrix", [][]int{{3, 4}, {}}, func(w ...*graph.Node) (*graph.Node, error) { return G.HadamardProd(w[0], w[1]) }},
	{"slice", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Slice(w[0], nil, G.S(1, 3)) }},
	{"one row", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Slice(w[0], G.S(1)) }},
	{"slices of several widths", [][]int{{3, 2}, {3, 4}, {3, 1}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Concat(1, w...) }},
	{"slices past 256", [][]int{{128}, {128}, {128}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Concat(0, w...) }},
	{"transpose", [][]int{{3, 4, 2}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Transpose(w[0], 2, 0, 1) }},
	{"reshape", [][]int{{3, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Reshape(w[0], tensor.Shape{2, 6}) }},
	{"tensor product", [][]int{{3, 4}, {4, 2}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Tensordot([]int{1}, []int{0}, w[0], w[1]) }},
	{"convolution", [][]int{{2, 3, 5, 5}, {4, 3, 3, 3}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.Conv2d(w[0], w[1], tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1})
	}},
	{"maximum of windows", [][]int{{1, 2, 4, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.MaxPool2D(w[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
	}},
	{"means of windows", [][]int{{1, 2, 4, 4}}, func(w ...*graph.Node) (*graph.Node, error) {
		return G.AveragePool2D(w[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
	}},
	{"means of images", [][]int{{2, 3, 4, 4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.GlobalAveragePool2D(w[0]) }},
	{"upsampling", [][]int{{1, 2, 3, 3}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Upsample2D(w[0], 2) }},
	{"softplus", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Softplus(w[0]) }},
	{"rectifier", [][]int{{4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.Rectify(w[0]) }},
	{"lesser of two", [][]int{{4}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.MinBetween(w[0], w[1]) }},
	{"greater of two", [][]int{{4}, {4}}, func(w ...*graph.Node) (*graph.Node, error) { return G.MaxBetween(w[0], w[1]) }},
}

// The test compares the gradient of a weighted sum with central differences. Every
// element has another weight, so that elements in the wrong place show.
func TestGradientsThroughGorgoniasOpsAreDerivatives(t *testing.T) {
	for _, c := range gorgoniaOps {
		t.Run(c.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			var w []*graph.Node
			var values [][]float64
			for i, s := range c.shapes {
				v := make([]float64, graph.Shape(s).Size())
				for k := range v {
					v[k] = math.Sin(float64(7*k+3*i+1)) + 0.1
				}
				w, values = append(w, b.Input(fmt.Sprintf("w%d", i), s...)), append(values, v)
			}
			y, err := c.f(w...)
			require.NoError(t, err)
			weights := make([]float64, graph.Shape(y.Shape()).Size())
			for k := range weights {
				weights[k] = math.Cos(float64(5 * k))
			}
			weight := b.Input("weight", y.Shape()...)
			loss := b.Sum(b.Mul(y, weight))
			grads := b.Grad(loss, w...)
			b.Output("loss", loss)
			for i, g := range grads {
				b.Output(fmt.Sprintf("grad%d", i), g)
			}
			p, err := b.Program()
			require.NoError(t, err)
			m, err := cpu.Config{}.Compile(p)
			require.NoError(t, err)
			defer m.Close()
			for i, v := range values {
				require.NoError(t, m.SetFloats(fmt.Sprintf("w%d", i), v))
			}
			require.NoError(t, m.SetFloats("weight", weights))
			at := func() float64 {
				require.NoError(t, vm.Run(m))
				x, err := m.Number("loss")
				require.NoError(t, err)
				return x
			}
			at()
			got := make([][]float64, len(w))
			for i := range w {
				got[i], err = m.Floats(fmt.Sprintf("grad%d", i))
				require.NoError(t, err)
			}
			for i := range w {
				name := fmt.Sprintf("w%d", i)
				for k := range values[i] {
					const h = 1e-5
					var side [2]float64
					for s, d := range []float64{h, -h} {
						moved := append([]float64(nil), values[i]...)
						moved[k] += d
						require.NoError(t, m.SetFloats(name, moved))
						side[s] = at()
					}
					require.NoError(t, m.SetFloats(name, values[i]))
					want := (side[0] - side[1]) / (2 * h)
					require.InDelta(t, want, got[i][k], 1e-6*max(1, math.Abs(want)), "operand %d, element %d", i, k)
				}
			}
		})
	}
}
