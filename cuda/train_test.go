//go:build gpu

package cuda

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
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

// Two runs may be in flight, and the numbers of both can be read.
func TestNumbersOfTheRunBeforeAreStillThere(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 3)
	sum := b.Sum(x)
	b.Read(sum)
	m, err := Config{}.Build(b)
	require.NoError(t, err)
	defer m.Close()
	for i := range 6 {
		require.NoError(t, graph.Feed(m, x, []float32{float32(i), 1, 2}))
		m.Reset()
		require.NoError(t, m.RunAll())
		if i == 0 {
			continue
		}
		before, err := m.NumberAgo(sum, 1)
		require.NoError(t, err)
		require.Equal(t, float64(i+2), before)
		now, err := m.Number(sum)
		require.NoError(t, err)
		require.Equal(t, float64(i+3), now)
	}
	_, err = m.NumberAgo(sum, 2)
	require.ErrorContains(t, err, "not held")
}
