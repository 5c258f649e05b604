package cpu

import (
	"fmt"
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

func normals(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}
