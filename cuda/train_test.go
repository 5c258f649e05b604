//go:build gpu

package cuda

import (
	"context"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// squares is a set of n samples of 16 numbers.
type squares int

func (n squares) Len() int             { return int(n) }
func (n squares) Fields() []data.Field { return []data.Field{{Name: "x", Shape: []int{16}}} }
func (n squares) Read(i int, to [][]float32) error {
	for k := range to[0] {
		to[0][k] = float32((16*i+k)*(16*i+k)%31) / 31
	}
	return nil
}

// Steps are in flight while the scalars of earlier ones are read; batches are
// evaluated between epochs, and the last one is short.
func TestTrainingIsThatOfTheCPU(t *testing.T) {
	fit := func(on vm.Backend) []train.Epoch {
		r, err := train.Fit(context.Background(), dense.Config{Input: 16, Hidden: []int{8, 3}}, squares(50),
			train.Options{Backend: on, Epochs: 3, Batch: 12, Seed: 7, Validation: squares(20)})
		require.NoError(t, err)
		return r.Epochs
	}
	want, got := fit(cpu.Config{}), fit(Config{})
	for i := range want {
		require.InEpsilonSlice(t, want[i].Losses, got[i].Losses, 1e-5)
		require.InEpsilon(t, want[i].Validation[train.Loss], got[i].Validation[train.Loss], 1e-5)
		require.InEpsilon(t, want[i].Validation[train.MSE], got[i].Validation[train.MSE], 1e-5)
	}
}

// Two ranks share the GPU, each with its own weights.
func TestRanksOnTheGPUTrainAsOneDoes(t *testing.T) {
	fit := func(g collective.Group) ([]train.Epoch, error) {
		r, err := train.Fit(context.Background(), dense.Config{Input: 16, Hidden: []int{8, 3}}, squares(50),
			train.Options{Backend: Config{}, Epochs: 2, Batch: 12, Seed: 7, Validation: squares(20), Group: g, Exact: 2})
		return r.Epochs, err
	}
	want, err := fit(collective.Local(1)[0])
	require.NoError(t, err)
	groups := collective.Local(2)
	var epochs [2][]train.Epoch
	var errs [2]error
	var all sync.WaitGroup
	for i, g := range groups {
		all.Go(func() { epochs[i], errs[i] = fit(g) })
	}
	all.Wait()
	for i := range groups {
		require.NoError(t, errs[i])
		for e := range want {
			require.Equal(t, want[e].Losses, epochs[i][e].Losses)
			require.Equal(t, want[e].Validation, epochs[i][e].Validation)
		}
	}
}

// spoilt is a set in which one sample holds a NaN.
type spoilt struct{ squares }

func (s spoilt) Read(i int, to [][]float32) error {
	err := s.squares.Read(i, to)
	if i == 31 {
		to[0][5] = float32(math.NaN())
	}
	return err
}

// When the NaN is seen, another step is in flight and has used the weights.
func TestAfterANaNTheWeightsAreThoseBeforeTheStepOnTheGPUToo(t *testing.T) {
	fit := func(on vm.Backend) (*train.Result, *train.NonFinite) {
		r, err := train.Fit(context.Background(), dense.Config{Input: 16, Hidden: []int{8, 3}, Loss: graph.MSE}, spoilt{squares(50)},
			train.Options{Backend: on, Epochs: 3, Batch: 6, Seed: 7})
		var bad *train.NonFinite
		require.ErrorAs(t, err, &bad)
		return r, bad
	}
	want, wantBad := fit(cpu.Config{})
	got, gotBad := fit(Config{})
	require.Equal(t, wantBad.Error(), gotBad.Error())
	for _, p := range want.Params.All() {
		require.InDeltaSlice(t, p.Floats(), got.Params.Get(p.Name()).Floats(), 1e-5, p.Name())
	}
}

// Two runs may be in flight, and the numbers are those of the one waited for.
func TestNumbersAreThoseOfTheRunThatWasWaitedFor(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	m := suite.MachineOf(t, Config{}, b, nil, b.Sum(b.Input("x", 3)))
	defer m.Close()
	require.Equal(t, 2, m.MaxInFlight())
	start := func(first float32) {
		require.NoError(t, m.Feed("x", []float32{first, 1, 2}))
		require.NoError(t, m.Start())
	}
	start(0)
	for i := range 6 {
		start(float32(i + 1))
		require.NoError(t, m.Wait())
		got, err := m.Number("out0")
		require.NoError(t, err)
		require.Equal(t, float64(i+3), got)
	}
	require.NoError(t, m.Wait())
	got, err := m.Number("out0")
	require.NoError(t, err)
	require.Equal(t, 9.0, got)
}
