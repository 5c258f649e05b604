package train

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

func TestAnArrayIsFiniteIfAllElementsAre(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, v := range []float64{0, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, inf, -inf, nan} {
		for at := range 5 {
			x, y := make([]float32, 5), make([]float64, 5)
			x[at], y[at] = float32(v), v
			require.Equal(t, finite(v), allFinite32(x), "%g", v)
			require.Equal(t, finite(v), allFinite64(y), "%g", v)
		}
	}
	require.True(t, allFinite64([]float64{math.MaxFloat64, -math.MaxFloat64}))
	require.False(t, allFinite32([]float32{math.Float32frombits(0xffffffff)}))
	require.True(t, noNewNonFinite([]float64{1, inf}, []float64{2, inf}), "a state may start infinite")
	require.False(t, noNewNonFinite([]float64{inf, inf}, []float64{2, inf}))
	require.False(t, noNewNonFinite([]float64{inf}, nil))
}

// slope is a model with the loss mean(w x).
type slope struct{}

func (slope) Build(b *graph.Builder, batch int) graph.Net {
	loss := b.Mean(b.Mul(b.Input("x", batch, 3), b.Param("w", nil, 3)))
	return graph.Net{Tasks: []graph.Task{{Name: "slope", Loss: loss}}}
}

// The error names the same step, and the weights are the same, wherever the last copy
// was made: before each step, or epochs ago.
func TestTheFailingStepIsFoundFromAnyCopy(t *testing.T) {
	values := make([]float32, 3*10)
	for i := range values {
		values[i] = 1000 * (float32(i%7) - 2.5)
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: values})
	require.NoError(t, err)
	rates := func(fails int) map[string]Schedule {
		return map[string]Schedule{"rate": func(step, _ int) float64 {
			if step == fails {
				return 3e38
			}
			return 0.1
		}}
	}
	for _, fails := range []int{0, 2, 3, 10, 11, 14} { // three steps an epoch
		var weights [][]float64
		for _, rest := range []time.Duration{0, time.Hour} {
			o := Options{Backend: cpu.Config{}, Optimizer: optim.SGD{Momentum: 0.9}, Batch: 4, Epochs: 5, Schedules: rates(fails)}
			o.Callbacks = []Callback{OnEpoch(func(e Epoch) error {
				require.NotContains(t, e.Losses, math.NaN())
				return nil
			})}
			tr, err := New(slope{}, o)
			require.NoError(t, err)
			tr.minBackupInterval = rest
			r, err := tr.Fit(t.Context(), set)
			var bad *NonFinite
			require.ErrorAs(t, err, &bad, "%d", fails)
			require.Equal(t, []int{fails/3 + 1, fails%3 + 1}, []int{bad.Epoch, bad.Step})
			require.Equal(t, []string{"", "w"}, []string{bad.Task, bad.Param})
			require.Len(t, r.Epochs, fails/3)
			require.Equal(t, float64(fails/3), r.Params.Get(epochsState).Floats()[0])
			weights = append(weights, r.Params.Get("w").Floats())
			require.NoError(t, tr.Close())
		}
		require.Equal(t, weights[0], weights[1], "%d", fails)
		require.True(t, allFinite64(weights[0]))
	}
}

// The step before a cancellation may have spoilt the weights.
func TestWeightsAreFiniteAfterACancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Backend: cpu.Config{}, Optimizer: optim.SGD{}, Batch: 1, Schedules: map[string]Schedule{"rate": func(step, _ int) float64 {
		if step == 4 {
			cancel()
			return 3e38
		}
		return 0.1
	}}}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: []float32{1, 2, 300, 4, 5, 600, 7, 8, 900, 1, 2, 3e3, 1, 2, 3e3, 1, 2, 3e3}})
	require.NoError(t, err)
	r, err := Fit(ctx, slope{}, set, o)
	require.ErrorIs(t, err, context.Canceled)
	var bad *NonFinite
	require.ErrorAs(t, err, &bad)
	require.Equal(t, 5, bad.Step)
	require.True(t, allFinite64(r.Params.Get("w").Floats()))
}

func TestAnInitialNaNIsAnError(t *testing.T) {
	o := Options{Backend: cpu.Config{}, Params: graph.NewParams(graph.Float32, 1)}
	s, err := NewTrainStep(slope{}, 2, o)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, o.Params.Get("w").SetFloats([]float64{0, math.NaN(), 0}))
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: make([]float32, 6)})
	require.NoError(t, err)
	_, err = Fit(t.Context(), slope{}, set, o)
	require.EqualError(t, err, `train: weight "w" has a NaN or an infinity before training`)
}

// fickle is a set with a NaN in one of its reads only.
type fickle struct {
	data.Set
	reads *int
}

func (f fickle) Read(i int, to [][]float32) error {
	err := f.Set.Read(i, to)
	if *f.reads++; *f.reads == 3 {
		to[0][1] = float32(math.NaN())
	}
	return err
}

func TestTheErrorSaysThatAStepFailedOnlyOnce(t *testing.T) {
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: make([]float32, 12)})
	require.NoError(t, err)
	r, err := Fit(t.Context(), slope{}, fickle{set, new(int)}, Options{Backend: cpu.Config{}, Batch: 1})
	var bad *NonFinite
	require.ErrorAs(t, err, &bad)
	require.True(t, bad.Passed)
	require.ErrorContains(t, err, "are not deterministic")
	require.True(t, allFinite64(r.Params.Get("w").Floats()))
}

// BenchmarkCopies checks and copies 2 million float32 parameters, as many as a dense
// autoencoder has with Adam. Training does this once in a while.
func BenchmarkCopies(b *testing.B) {
	p := graph.NewParams(graph.Float32, 1)
	in := graph.New(p, graph.Config{})
	for _, name := range []string{"w", "m", "v"} {
		in.Param(name, nil, 784, 850)
	}
	require.NoError(b, in.Err())
	c := backup{params: p}
	require.NoError(b, c.save(data.Position{}, 0))
	for b.Loop() {
		bad, err := c.firstNonFinite()
		require.NoError(b, err)
		require.Empty(b, bad)
		require.NoError(b, c.save(data.Position{}, 0))
	}
}
