//go:build gpu

package cuda

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
)

func TestOps(t *testing.T) { optest.Run(t, Compile) }

func TestUpdates(t *testing.T) { optest.Updates(t, Compile) }

// small are the models of the benchmark at sizes that an emulator runs in
// seconds.
var small = map[string]func(*graph.Builder, int) graph.Net{
	"dense":        dense.Config{Input: 20, Hidden: []int{12, 5}}.Build,
	"tied":         dense.Config{Input: 20, Hidden: []int{12, 5}, Tied: true, Activation: "tanh"}.Build,
	"conv":         conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}}.Build,
	"conv-strided": conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}, Strided: true}.Build,
	"vae":          vae.Config{Input: 20, Hidden: []int{9}, Latent: 3}.Build,
	"lstm":         seq.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}.Build,
}

// trained runs five Adam steps and returns the losses and the parameters.
func trained(t *testing.T, build func(*graph.Builder, int) graph.Net, dtype graph.Dtype, compile graph.Compiler) (losses []float64, params map[string][]float64) {
	t.Helper()
	p := graph.NewParams(dtype, 3)
	b := graph.New(p, graph.Config{Training: true, Seed: 5})
	net := build(b, 3)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	b.Read(net.Tasks[0].Loss)
	require.NoError(t, b.Err())
	m, err := compile(b)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, net.Input.DataSize())
	for step := range 5 {
		for i := range x {
			x[i] = r.Float32()
		}
		require.NoError(t, graph.Feed(m, net.Input, x))
		require.NoError(t, graph.SetClock(b.ClockNode(), 0, step*3))
		m.Reset()
		require.NoError(t, m.RunAll())
		loss, err := graph.Number(m, net.Tasks[0].Loss)
		require.NoError(t, err)
		losses = append(losses, loss)
	}
	require.NoError(t, m.Close())
	require.NoError(t, p.Sync())
	params = map[string][]float64{}
	for _, q := range p.All() {
		params[q.Name()] = q.Floats()
	}
	return losses, params
}

func TestModelsTrainAsOnTheCPU(t *testing.T) {
	for name, build := range small {
		t.Run(name, func(t *testing.T) {
			for dtype, tol := range map[graph.Dtype]float64{graph.Float32: 1e-5, graph.Float64: 1e-12} {
				want, wantParams := trained(t, build, dtype, cpu.Compile)
				for _, c := range []Config{{Strict: true}, {Serial: true}} {
					got, gotParams := trained(t, build, dtype, c.Compile)
					require.Len(t, gotParams, len(wantParams))
					for i := range want {
						require.InEpsilon(t, want[i], got[i], tol, "%+v, %v: loss of step %d", c, dtype, i+1)
					}
					for q, w := range wantParams {
						largest := 1e-3 // Adam's smallest weights move by the rate whatever their gradient
						for _, v := range w {
							largest = max(largest, v, -v)
						}
						require.InDeltaSlice(t, w, gotParams[q], tol*10*largest, "%+v, %v: %s", c, dtype, q)
					}
				}
			}
		})
	}
}

func TestTheSameSeedGivesTheSameBits(t *testing.T) {
	for name, build := range small {
		want, wantParams := trained(t, build, graph.Float32, Compile)
		got, gotParams := trained(t, build, graph.Float32, Config{Serial: true}.Compile)
		require.Equal(t, want, got, name)
		require.Equal(t, wantParams, gotParams, name)
	}
}

func TestVerifyFindsNothingWrong(t *testing.T) {
	for name, build := range small {
		b := graph.New(graph.NewParams(graph.Float32, 3), graph.Config{Training: true, Seed: 5})
		net := build(b, 3)
		optim.Minimize(b, optim.Adam{}, net.Tasks[0])
		b.Keep(net.Tasks[0].Loss)
		require.NoError(t, b.Err())
		require.NoError(t, graph.Fill(net.Input, make([]float32, net.Input.DataSize())))
		require.NoError(t, Verify(b), name)
	}
}

// Two machines over one set of parameters: what one trains the other reads.
func TestMachinesShareParameters(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	build := func() (*graph.Builder, *graph.Node, *graph.Node) {
		b := graph.New(p, graph.Config{})
		w := b.Param("w", graph.Normal(0, 1), 4)
		return b, w, b.Sum(w)
	}
	b, w, _ := build()
	b.Update(w, b.Scale(w, 2))
	doubles, err := Compile(b)
	require.NoError(t, err)
	b, _, sum := build()
	b.Read(sum)
	sums, err := Compile(b)
	require.NoError(t, err)

	want := 0.0
	for _, x := range p.Get("w").Floats() {
		want += x
	}
	for range 4 {
		require.NoError(t, doubles.RunAll())
		require.NoError(t, sums.RunAll())
		want *= 2
		got, err := graph.Number(sums, sum)
		require.NoError(t, err)
		require.InEpsilon(t, want, got, 1e-6)
		doubles.Reset()
		sums.Reset()
	}
	require.NoError(t, p.Get("w").SetFloats([]float64{1, 2, 3, 4})) // the host's word counts again
	require.NoError(t, doubles.RunAll())
	require.Equal(t, []float64{2, 4, 6, 8}, p.Get("w").Floats())
	require.NoError(t, doubles.Close())
	require.NoError(t, sums.RunAll())
	got, err := graph.Number(sums, sum)
	require.NoError(t, err)
	require.Equal(t, 20.0, got)
	require.NoError(t, sums.Close())
	require.Nil(t, p.Get("w").Holder())
}
