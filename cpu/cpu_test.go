package cpu

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/vm/vmtest"
)

func TestOps(t *testing.T) {
	for _, isa := range kernel.Supported() {
		var ops []string // all of them on the best instruction set, those with kernels on the others
		if isa != kernel.Best() {
			ops = []string{"map", "matmul", "conv2d", "conv2d_data", "conv2d_filter", "lstm", "lstm_grad"}
		}
		t.Run(string(isa), func(t *testing.T) { optest.Run(t, Config{ISA: string(isa)}, ops...) })
	}
}

func TestUpdates(t *testing.T) { optest.Updates(t, Config{}) }

func TestMachines(t *testing.T) { vmtest.Run(t, Config{}) }

// TestPromises runs the suite of all compiled machines on every instruction set.
func TestPromises(t *testing.T) {
	for _, isa := range kernel.Supported() {
		t.Run(string(isa), func(t *testing.T) {
			suite.Run(t, suite.Machine{With: func(s suite.Settings) suite.Maker {
				return Config{ISA: string(isa), Strict: s.Strict, Watch: s.Watch, Log: s.Log}
			}})
		})
	}
}

func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, e := range zoo.All() {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			runtime.GOMAXPROCS(1)
			want, wantParams := suite.Trained(t, e, dtype, Config{})
			for _, n := range []int{2, 5, 8} {
				runtime.GOMAXPROCS(n)
				got, gotParams := suite.Trained(t, e, dtype, Config{})
				require.Equal(t, want, got, "%s, %v", e.Name, dtype)
				require.Equal(t, wantParams, gotParams, "%s, %v", e.Name, dtype)
			}
		}
	}
}

func TestRandomGraphsHaveTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for seed := range uint64(40) {
		var want [][]float64
		for threads := 1; threads <= 8; threads *= 2 {
			r := rand.New(rand.NewPCG(seed, 9))
			p := graph.NewParams(graph.Float32, seed)
			m := suite.RandomGraph(t, Config{Threads: threads}, r, p)
			got := append(suite.Outputs(t, m), p.Get("w").Floats())
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
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(2))
	y := gorgonia.Must(gorgonia.Square(x))
	m := New(g)
	require.NoError(t, value.Bind(x, 1, 2))
	require.NoError(t, m.RunAll())
	first := y.Value()
	require.NoError(t, value.Bind(x, 3, 4))
	require.NoError(t, m.RunAll(), "without Reset, nothing runs")
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
	_, err := Config{}.Compile(nil)
	require.ErrorContains(t, err, "no program")
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Output("sum", b.Sum(b.Input("x", 2)))
	p, err := b.Program()
	require.NoError(t, err)
	_, err = Config{ISA: "mmx"}.Compile(p)
	require.ErrorContains(t, err, `"mmx"`)
	_, err = Config{Threads: -1}.Compile(p)
	require.ErrorContains(t, err, "number of threads is -1")
}
