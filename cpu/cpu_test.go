package cpu

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
)

func TestOps(t *testing.T) {
	for _, isa := range kernel.Supported() {
		var ops []string // all of them on the best one, those with kernels on the others
		if isa != kernel.Best() {
			ops = []string{"map", "matmul", "conv2d", "conv2d_data", "conv2d_filter", "lstm", "lstm_grad"}
		}
		t.Run(string(isa), func(t *testing.T) { optest.Run(t, on(isa), ops...) })
	}
}

// on compiles for an instruction set.
func on(isa kernel.ISA) graph.Compiler {
	return func(b *graph.Builder) (graph.VM, error) { return Config{ISA: string(isa)}.Build(b) }
}

func TestUpdates(t *testing.T) { optest.Updates(t, Compile) }

// trained runs five Adam steps and returns the losses and the parameters.
func trained(t *testing.T, build func(*graph.Builder, int) graph.Net, dtype graph.Dtype, compile graph.Compiler) (losses []float64, params map[string][]float64) {
	p := graph.NewParams(dtype, 3)
	b := graph.New(p, graph.Config{Training: true, Seed: 5})
	net := build(b, 3)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	b.Keep(net.Tasks[0].Loss)
	require.NoError(t, b.Err())
	m, err := compile(b)
	require.NoError(t, err)
	defer m.Close()
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, net.Input.DataSize())
	for step := range 5 {
		for i := range x {
			x[i] = r.Float32()
		}
		require.NoError(t, graph.Fill(net.Input, x))
		require.NoError(t, graph.SetClock(b.ClockNode(), 0, step*3))
		m.Reset()
		require.NoError(t, m.RunAll())
		loss, err := graph.Floats(net.Tasks[0].Loss)
		require.NoError(t, err)
		losses = append(losses, loss...)
	}
	params = map[string][]float64{}
	for _, q := range p.All() {
		params[q.Name()] = q.Floats()
	}
	return losses, params
}

func TestModelsTrainAsOnTheTapeMachine(t *testing.T) {
	for name, build := range map[string]func(*graph.Builder, int) graph.Net{
		"dense":        dense.Config{Input: 20, Hidden: []int{12, 5}}.Build,
		"tied":         dense.Config{Input: 20, Hidden: []int{12, 5}, Tied: true, Activation: "tanh"}.Build,
		"conv":         conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}}.Build,
		"conv-strided": conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}, Strided: true}.Build,
		"vae":          vae.Config{Input: 20, Hidden: []int{9}, Latent: 3}.Build,
		"lstm":         seq.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}.Build,
	} {
		t.Run(name, func(t *testing.T) {
			for dtype, tol := range map[graph.Dtype]float64{graph.Float32: 1e-5, graph.Float64: 1e-12} {
				want, wantParams := trained(t, build, dtype, tape.Compile)
				for _, isa := range kernel.Supported() {
					got, gotParams := trained(t, build, dtype, on(isa))
					require.Len(t, gotParams, len(wantParams))
					for i := range want {
						require.InEpsilon(t, want[i], got[i], tol, "%v, %v: loss of step %d", isa, dtype, i+1)
					}
					for q, w := range wantParams {
						largest := 1e-3 // Adam's smallest weights move by the rate whatever their gradient
						for _, v := range w {
							largest = max(largest, v, -v)
						}
						require.InDeltaSlice(t, w, gotParams[q], tol*10*largest, "%v, %v: %s", isa, dtype, q)
					}
				}
			}
		})
	}
}

// randomGraph builds a graph of random ops over a few inputs and a state.
func randomGraph(r *rand.Rand, b *graph.Builder) (inputs, kept []*graph.Node) {
	shapes := [][]int{{4, 6}, {6, 4}, {6}, {4, 1}, {2, 3, 4}}
	var pool []*graph.Node
	for i, s := range shapes {
		n := b.Input(fmt.Sprintf("in%d", i), s...)
		inputs = append(inputs, n)
		pool = append(pool, n)
	}
	w := b.State("w", graph.Normal(0, 1), 4, 6)
	pool = append(pool, w)
	pick := func() *graph.Node { return pool[r.IntN(len(pool))] }
	for range 25 {
		x := pick()
		s := x.Shape()
		var y *graph.Node
		switch r.IntN(9) {
		case 0:
			y = b.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.5))), x)
		case 1:
			y = b.Add(x, b.Sigmoid(x))
		case 2:
			if z := pick(); len(z.Shape()) == len(s) && z.Shape().Eq(s) {
				y = b.Mul(x, z)
			}
		case 3:
			if len(s) == 2 {
				y = b.Transpose(x, 1, 0)
			}
		case 4:
			if len(s) > 0 {
				y = b.SumKeep(x, r.IntN(len(s)))
			}
		case 5:
			if len(s) > 0 && s[0] > 1 {
				y = b.Slice(x, 0, 1, s[0])
			}
		case 6:
			y = b.Reshape(x, -1)
		case 7:
			if z := pick(); len(s) == 2 && len(z.Shape()) == 2 && s[1] == z.Shape()[0] {
				y = b.Tanh(b.MatMul(x, z))
			}
		case 8:
			if len(s) > 0 {
				y = b.Concat(0, x, x)
			}
		}
		if y != nil && y.DataSize() < 500 {
			pool = append(pool, y)
		}
	}
	for range 4 {
		kept = append(kept, pick())
	}
	b.Update(w, b.Add(w, b.Scale(b.Sum(kept[0]), 1e-3)))
	return inputs, kept
}

func TestRandomGraphsEqualTheTapeMachine(t *testing.T) {
	for seed := range uint64(150) {
		results := map[string][][]float64{}
		for name, compile := range map[string]graph.Compiler{"tape": tape.Compile, "cpu": Compile} {
			r := rand.New(rand.NewPCG(seed, 9))
			p := graph.NewParams(graph.Float64, seed)
			b := graph.New(p, graph.Config{})
			inputs, kept := randomGraph(r, b)
			require.NoError(t, b.Err())
			b.Keep(kept...)
			for _, n := range inputs {
				x := make([]float64, n.DataSize())
				for i := range x {
					x[i] = r.NormFloat64()
				}
				require.NoError(t, graph.SetFloats(n, x))
			}
			m, err := compile(b)
			require.NoError(t, err)
			require.NoError(t, m.RunAll())
			for _, n := range kept {
				x, err := graph.Floats(n)
				require.NoError(t, err)
				results[name] = append(results[name], x)
			}
			results[name] = append(results[name], p.Get("w").Floats())
			require.NoError(t, m.Close())
		}
		for i, want := range results["tape"] {
			optest.RequireClose(t, fmt.Sprintf("seed %d, result %d", seed, i), want, results["cpu"][i], 1e-12)
		}
	}
}

func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	build := conv.Config{Size: graph.Pair{12, 12}, Encoder: []int{6, 4}}.Build
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want, wantParams := trained(t, build, graph.Float32, Compile)
	for _, n := range []int{2, 5, 8} {
		runtime.GOMAXPROCS(n)
		got, gotParams := trained(t, build, graph.Float32, Compile)
		require.Equal(t, want, got)
		require.Equal(t, wantParams, gotParams)
	}
}

func TestRandomGraphsHaveTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for seed := range uint64(40) {
		var want [][]float64
		for threads := 1; threads <= 8; threads *= 2 {
			r := rand.New(rand.NewPCG(seed, 9))
			p := graph.NewParams(graph.Float32, seed)
			b := graph.New(p, graph.Config{})
			inputs, kept := randomGraph(r, b)
			b.Keep(kept...)
			for _, n := range inputs {
				x := make([]float64, n.DataSize())
				for i := range x {
					x[i] = r.NormFloat64()
				}
				require.NoError(t, graph.SetFloats(n, x))
			}
			m, err := Config{Threads: threads}.Build(b)
			require.NoError(t, err)
			require.NoError(t, m.RunAll())
			var got [][]float64
			for _, n := range kept {
				x, err := graph.Floats(n)
				require.NoError(t, err)
				got = append(got, x)
			}
			got = append(got, p.Get("w").Floats())
			require.NoError(t, m.Close())
			if want == nil {
				want = got
			}
			for i := range want {
				for k := range want[i] {
					same := want[i][k] == got[i][k] || want[i][k] != want[i][k] && got[i][k] != got[i][k]
					require.True(t, same, "seed %d, %d threads, result %d, element %d", seed, threads, i, k)
				}
			}
		}
	}
}

func TestPublishedValuesAreNotChangedByLaterRuns(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 2)
	y := b.Square(x)
	b.Keep(y)
	m, err := Config{}.Build(b)
	require.NoError(t, err)
	require.NoError(t, graph.SetFloats(x, []float64{1, 2}))
	require.NoError(t, m.RunAll())
	first := y.Value()
	require.NoError(t, graph.SetFloats(x, []float64{3, 4}))
	require.NoError(t, m.RunAll(), "without Reset nothing is run")
	require.Equal(t, []float32{1, 4}, y.Value().Data())
	m.Reset()
	require.NoError(t, m.RunAll())
	require.Equal(t, []float32{9, 16}, y.Value().Data())
	require.Equal(t, []float32{1, 4}, first.Data())
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	require.ErrorContains(t, m.RunAll(), "closed")
}

func TestMistakesAreErrors(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	_, err := Config{}.Build(b)
	require.ErrorContains(t, err, "nothing is wanted")
	_, err = Config{}.Build(nil)
	require.ErrorContains(t, err, "no builder")
	b.Input("x", 0)
	_, err = Config{}.Build(b)
	require.ErrorIs(t, err, b.Err())
	_, err = Config{ISA: "mmx"}.Build(b)
	require.ErrorIs(t, err, b.Err())
	b = graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Keep(b.Sum(b.Input("x", 2)))
	_, err = Config{ISA: "mmx"}.Build(b)
	require.ErrorContains(t, err, `"mmx"`)
	_, err = Config{Threads: -1}.Build(b)
	require.ErrorContains(t, err, "Threads")
}
