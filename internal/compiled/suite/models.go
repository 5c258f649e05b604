package suite

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// Models returns the benchmark's models at small sizes.
func Models() map[string]func(*graph.Builder, int) graph.Net {
	return map[string]func(*graph.Builder, int) graph.Net{
		"dense":        dense.Config{Input: 20, Hidden: []int{12, 5}}.Build,
		"tied":         dense.Config{Input: 20, Hidden: []int{12, 5}, Tied: true, Activation: "tanh"}.Build,
		"conv":         conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}}.Build,
		"conv-strided": conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}, Strided: true}.Build,
		"vae":          vae.Config{Input: 20, Hidden: []int{9}, Latent: 3}.Build,
		"lstm":         seq.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}.Build,
	}
}

// Trained runs five Adam steps and returns the losses and the parameters.
func Trained(t *testing.T, build func(*graph.Builder, int) graph.Net, dtype graph.Dtype, on vm.Backend) (losses []float64, params map[string][]float64) {
	t.Helper()
	p := graph.NewParams(dtype, 3)
	b := graph.New(p, graph.Config{Training: true, Seed: 5})
	net := build(b, 3)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	m := MachineOf(t, on, b, nil, net.Tasks[0].Loss)
	defer m.Close()
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, b.InputNode(graph.InputX).DataSize())
	for step := range 5 {
		for i := range x {
			x[i] = r.Float32()
		}
		require.NoError(t, m.Feed(graph.InputX, x))
		require.NoError(t, m.SetClock(0, step*3))
		losses = append(losses, Outputs(t, m)[0]...)
	}
	params = map[string][]float64{}
	for _, q := range p.All() {
		params[q.Name()] = q.Floats()
	}
	return losses, params
}

func (on Machine) modelsTrainAsOnTheTapeMachine(t *testing.T) {
	for name, build := range Models() {
		t.Run(name, func(t *testing.T) {
			for dtype, tol := range map[graph.Dtype]float64{graph.Float32: 1e-5, graph.Float64: 1e-12} {
				want, wantParams := Trained(t, build, dtype, tape.Config{})
				for _, s := range []Settings{{Strict: true}, {Watch: true}} {
					got, gotParams := Trained(t, build, dtype, on.With(s))
					require.Len(t, gotParams, len(wantParams))
					for i := range want {
						require.InEpsilon(t, want[i], got[i], tol, "%+v, %v: loss of step %d", s, dtype, i+1)
					}
					for q, w := range wantParams {
						largest := 1e-3 // Adam changes even the smallest weights by the learning rate
						for _, v := range w {
							largest = max(largest, v, -v)
						}
						require.InDeltaSlice(t, w, gotParams[q], tol*10*largest, "%+v, %v: %s", s, dtype, q)
					}
				}
			}
		})
	}
}

func (on Machine) watchingChangesNoBits(t *testing.T) {
	for name, build := range Models() {
		want, wantParams := Trained(t, build, graph.Float32, on)
		got, gotParams := Trained(t, build, graph.Float32, on.With(Settings{Watch: true}))
		require.Equal(t, want, got, name)
		require.Equal(t, wantParams, gotParams, name)
	}
}
