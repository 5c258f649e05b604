package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/vm"
)

// overRows are nets whose steps over rows are joined, over x [130, 24].
var overRows = map[string]func(b *graph.Builder, x *graph.Node) *graph.Node{
	"layer norm": func(b *graph.Builder, x *graph.Node) *graph.Node { return graph.LayerNorm{}.Apply(b, x) },
	"layer norm of 3 x 8": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return graph.LayerNorm{Axes: 2}.Apply(b, b.Reshape(x, 130, 3, 8))
	},
	"group norm": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return graph.GroupNorm{Groups: 2}.Apply(b, b.Reshape(x, 130, 4, 3, 2))
	},
	"instance norm": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return graph.InstanceNorm{}.Apply(b, b.Reshape(x, 65, 4, 3, 4))
	},
	"scaled softmax": func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Softmax(b.Scale(x, .3), 1) },
	"log-softmax":    func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Square(b.LogSoftmax(x, 1)) },
	"softmax of 2 x 5 x 13": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return b.Softmax(b.Scale(b.Reshape(x, 2, 5, 13, 24), .3), 3)
	},
	"log-sum-exp": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return b.Add(x, b.Reshape(b.LogSumExp(x, 1), 130, 1))
	},
	"cosine similarity": func(b *graph.Builder, x *graph.Node) *graph.Node { return b.CosineSimilarity(x, b.Square(x)) },
	"cross entropy": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return b.CrossEntropyOfLabelsPerSample(x, b.ArgMax(b.Sigmoid(x), 1))
	},
	"attention": func(b *graph.Builder, x *graph.Node) *graph.Node {
		return graph.TransformerBlock{Heads: 2, Hidden: 5, Causal: true}.Apply(b, b.Reshape(x, 13, 10, 24))
	},
}

func TestStepsOverRowsAreJoinedAndRight(t *testing.T) {
	for name, net := range overRows {
		for _, dtype := range []tensor.Dtype{graph.Float32, graph.Float64} {
			for _, isa := range kernel.Supported() {
				var one map[string][]float64
				for _, threads := range []int{1, 3} {
					got, joined := runByRow(t, net, dtype, Config{Threads: threads, ISA: string(isa)})
					require.True(t, joined, "%s: no step by rows", name)
					if one == nil {
						one = got
					}
					require.Equal(t, one, got, "%s, %v, %s: %d threads", name, dtype, isa, threads)
				}
			}
		}
	}
}

// runByRow returns a net's result and its gradients, and whether a step runs by rows.
func runByRow(t *testing.T, net func(b *graph.Builder, x *graph.Node) *graph.Node, dtype tensor.Dtype, on Config) (got map[string][]float64, joined bool) {
	r := rand.New(rand.NewPCG(1, 2))
	b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
	x := b.Param("x", graph.Normal(0, 1), 130, 24)
	y := net(b, x)
	require.NoError(t, b.Err())
	var wrt []*graph.Node
	for _, q := range b.Params().Trainable() {
		require.NoError(t, q.SetFloats(normals(r, q.Shape().Size())))
		wrt = append(wrt, b.Node(q))
	}
	outputs := map[string]*graph.Node{"y": y}
	weights := b.Constant(normals(r, y.DataSize()), y.Shape()...)
	for i, d := range b.Grad(b.Sum(b.Mul(y, weights)), wrt...) {
		outputs[fmt.Sprint("d", i)] = d
	}
	for name, n := range outputs {
		b.Output(name, n)
	}
	p, err := b.Program()
	require.NoError(t, err)
	m, err := on.Compile(p)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	steps, err := m.Profile(func() error { return vm.Run(m) })
	require.NoError(t, err)
	for _, s := range steps {
		joined = joined || strings.HasPrefix(s.Step, "rows[")
	}
	require.NoError(t, m.Verify())
	got = map[string][]float64{}
	for name := range outputs {
		o, ok := p.Output(name)
		require.True(t, ok)
		values := make([]float32, o.Shape.Size())
		require.NoError(t, m.Read(name, values))
		for _, v := range values {
			got[name] = append(got[name], float64(v))
		}
	}
	return got, joined
}

// The last part has what is left over. If that is one row, it is not a row that all rows share.
func TestAPartOfASingleRowIsRight(t *testing.T) {
	for _, shape := range [][2]int{{2*rowsGrain/512 + 1, 512}, {4096, 28}} {
		rows, width := shape[0], shape[1]
		r := rand.New(rand.NewPCG(3, 4))
		xs, weights := normals(r, rows*width), normals(r, rows*width)
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		x := b.Param("x", graph.Normal(0, 1), rows, width)
		require.NoError(t, b.Params().Trainable()[0].SetFloats(xs))
		y := graph.LayerNorm{}.Apply(b, x)
		require.NoError(t, b.Err())
		b.Output("y", y)
		b.Output("largest", b.Max(b.Abs(y), 1))
		var wrt []*graph.Node
		affine := b.Params().Trainable()[1:]
		for _, q := range affine {
			wrt = append(wrt, b.Node(q))
		}
		for i, d := range b.Grad(b.Sum(b.Mul(y, b.Constant(weights, rows, width))), wrt...) {
			b.Output(affine[i].Name(), d)
		}
		p, err := b.Program()
		require.NoError(t, err)
		m, err := Config{Threads: 2}.Compile(p)
		require.NoError(t, err)
		steps, err := m.Profile(func() error { return vm.Run(m) })
		require.NoError(t, err)
		joined := ""
		for _, s := range steps {
			if strings.HasPrefix(s.Step, "rows[") {
				joined += s.Step
			}
		}
		require.NotEmpty(t, joined)

		gain, bias := affine[0].Name(), affine[1].Name()
		want := map[string][]float64{"y": make([]float64, rows*width), "largest": make([]float64, rows), gain: make([]float64, width), bias: make([]float64, width)}
		for i := range rows {
			row := xs[i*width : (i+1)*width]
			mean, square := 0.0, 0.0
			for _, v := range row {
				mean += v / float64(width)
				square += v * v / float64(width)
			}
			for j, v := range row {
				y := (v - mean) / math.Sqrt(square-mean*mean+1e-5)
				want["y"][i*width+j] = y
				want["largest"][i] = max(want["largest"][i], math.Abs(y))
				want[gain][j] += weights[i*width+j] * y
				want[bias][j] += weights[i*width+j]
			}
		}
		for name, values := range want {
			got := make([]float32, len(values))
			require.NoError(t, m.Read(name, got))
			for i, v := range got {
				require.InDelta(t, values[i], v, 1e-5, "%v %s %d", shape, name, i)
			}
		}
		require.NoError(t, m.Close())
	}
}

func normals(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}
