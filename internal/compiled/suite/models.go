package suite

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// modelBatch is the number of samples in a step of a model.
const modelBatch = 3

// Trained runs five Adam steps of a model and returns its losses and metrics in each,
// and the parameters at the end.
func Trained(t *testing.T, e zoo.Entry, dtype graph.Dtype, on vm.Backend) (numbers [][]float64, params map[string][]float64) {
	t.Helper()
	s, r := trainStep(t, e, dtype, on), rand.New(rand.NewPCG(1, 1))
	defer func() { require.NoError(t, s.Close()) }()
	for step := range 5 {
		feed(t, s, e, r)
		values, err := s.Run(0, step*modelBatch)
		require.NoError(t, err)
		numbers = append(numbers, slices.Clone(values))
	}
	params = map[string][]float64{}
	for _, q := range s.Machines()[0].Program().Params().All() {
		params[q.Name()] = q.Floats()
	}
	return numbers, params
}

// trainStep compiles the training step of a model.
func trainStep(t *testing.T, e zoo.Entry, dtype graph.Dtype, on vm.Backend) *train.Step {
	t.Helper()
	s, err := train.NewTrainStep(e.Model, modelBatch, train.Options{Backend: on, Params: graph.NewParams(dtype, 3), Seed: 5})
	require.NoError(t, err)
	return s
}

// feed draws the inputs of a step. Adversaries share theirs.
func feed(t *testing.T, s *train.Step, e zoo.Entry, r *rand.Rand) {
	t.Helper()
	fed := map[string]bool{}
	for _, m := range s.Machines() {
		in := e.Feed(m.Program(), r)
		for _, name := range slices.Sorted(maps.Keys(in)) {
			if !fed[name] {
				fed[name] = true
				require.NoError(t, s.Feed(name, in[name]))
			}
		}
	}
}

func (on Machine) modelsTrainAsOnTheTapeMachine(t *testing.T) {
	settings := []Settings{{Strict: true}, {Watch: true}}
	if on.Slow {
		settings = settings[:1]
	}
	for _, e := range on.models() {
		t.Run(e.Name, func(t *testing.T) {
			for dtype, tol := range map[graph.Dtype]float64{graph.Float32: 1e-5, graph.Float64: 1e-12} {
				want, wantParams := Trained(t, e, dtype, tape.Config{})
				for _, s := range settings {
					got, gotParams := Trained(t, e, dtype, on.With(s))
					require.Len(t, gotParams, len(wantParams))
					for i := range want {
						for k, w := range want[i] {
							require.InDelta(t, w, got[i][k], tol*max(1, w, -w), "%+v, %v: number %d of step %d", s, dtype, k+1, i+1)
						}
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
	for _, e := range on.models() {
		want, wantParams := Trained(t, e, graph.Float32, on)
		got, gotParams := Trained(t, e, graph.Float32, on.With(Settings{Watch: true}))
		require.Equal(t, want, got, e.Name)
		require.Equal(t, wantParams, gotParams, e.Name)
	}
}
