package train_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// scores records a number of a table after each epoch, and keeps the weights.
type scores struct {
	train.Base
	values  []float64
	weights []map[string][]float64
}

func (s *scores) Epoch(r *train.Run) error {
	r.Record("score", s.values[len(s.weights)])
	s.weights = append(s.weights, model(states(r.Params())))
	return nil
}

// model are the values of parameters without those of the training.
func model(all map[string][]float64) map[string][]float64 {
	out := map[string][]float64{}
	for name, v := range all {
		if strings.HasPrefix(name, "code/") || strings.HasPrefix(name, "out/") {
			out[name] = v
		}
	}
	return out
}

func TestEarlyStoppingEndsAfterItsPatienceWithTheBestWeights(t *testing.T) {
	for _, c := range []struct {
		values []float64
		stop   train.EarlyStopping
		epochs int
		best   int
		why    string
	}{
		{[]float64{5, 4, 3, 3.5, 3, 2}, train.EarlyStopping{Patience: 2}, 5, 3, "score has not improved for 2 epochs on the 3 of epoch 3"},
		{[]float64{5, 4, 3.9, 3.8, 3, 2}, train.EarlyStopping{Patience: 2, MinChange: 0.5}, 4, 2, "score has not improved for 2 epochs on the 4 of epoch 2"},
		{[]float64{1, 2, 1, 0, 0, 0}, train.EarlyStopping{Patience: 1, Maximize: true}, 3, 2, "score has not improved for 1 epochs on the 2 of epoch 2"},
		{[]float64{5, 4, 6, 6, 6, 6}, train.EarlyStopping{}, 6, 2, ""},
		{[]float64{5, 4, 2, 1, 1, 1}, train.EarlyStopping{Goal: new(3.)}, 3, 3, "score has reached 2"},
		{[]float64{1, 2, 1, 3, 1, 1}, train.EarlyStopping{Goal: new(3.), Maximize: true}, 4, 4, "score has reached 3"},
		{[]float64{5, 4, 6, 6, 6, 6}, train.EarlyStopping{KeepLast: true}, 6, 6, ""},
	} {
		s := &scores{values: c.values}
		c.stop.Metric = "score"
		o := options(3)
		o.Epochs, o.Callbacks = 6, []train.Callback{s, &c.stop}
		r := fit(t, narrow{}, o)
		require.Equal(t, c.why, r.Stopped)
		require.Len(t, r.Epochs, c.epochs)
		require.Equal(t, s.weights[c.best-1], model(states(r.Params)))
		require.Equal(t, c.values[0], r.Epochs[0].Extra["score"])
	}
}

func TestEarlyStoppingKeepsTheLastWeightsAfterAnError(t *testing.T) {
	s := &scores{values: []float64{1, 2, 3}}
	o := options(3)
	o.Callbacks = []train.Callback{s, &train.EarlyStopping{Metric: "score"}, train.OnEpoch(func(e train.Epoch) error {
		if e.Epoch == 2 {
			return errors.New("enough")
		}
		return nil
	})}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "enough")
	require.Equal(t, s.weights[1], model(states(r.Params)))
}

func TestAnUnknownMetricIsAnErrorThatListsThem(t *testing.T) {
	for _, c := range []train.Callback{&train.EarlyStopping{Metric: "lost"}, &train.ReduceOnPlateau{Metric: "lost"}} {
		o := options(1)
		o.Callbacks = []train.Callback{c}
		_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
		require.ErrorContains(t, err, `the metric "lost" is none of the epoch's numbers: they are largest, loss, mse, squared`)
	}
}

// The first training stops early; the second has the same callback, and the third its
// own.
func TestACallbackOfAnEarlierTrainingStartsAnew(t *testing.T) {
	stop := &train.EarlyStopping{Metric: "score", Patience: 1}
	o := options(3)
	o.Callbacks = []train.Callback{&scores{values: []float64{1, 2, 3}}, stop}
	require.NotEmpty(t, fit(t, narrow{}, o).Stopped)
	o.Callbacks = []train.Callback{&scores{values: []float64{9, 8, 7}}, stop}
	again := fit(t, narrow{}, o)
	require.Empty(t, again.Stopped)
	require.Len(t, again.Epochs, 3)
}

// A learning rate that falls when the loss of three epochs has not improved, until five
// such epochs end the training.
func ExampleEarlyStopping() {
	o := train.Options{Callbacks: []train.Callback{
		&train.EarlyStopping{Metric: "loss", Patience: 5, MinChange: 1e-4},
		&train.ReduceOnPlateau{Metric: "loss", Patience: 3, Factor: 0.5, Min: 1e-5},
	}}
	fmt.Println(len(o.Callbacks))
	// Output: 2
}

// averages keeps the moving averages after each epoch.
type averages struct {
	train.Base
	after [][]float64
}

func (a *averages) Epoch(r *train.Run) error {
	a.after = append(a.after, r.Params().Get("squared/average/out/w").Floats())
	return nil
}

func TestEarlyStoppingRestoresMovingAverages(t *testing.T) {
	a := &averages{}
	o := options(3)
	o.Optimizer = optim.MovingAverage{}
	o.Callbacks = []train.Callback{&scores{values: []float64{2, 1, 3}}, a, &train.EarlyStopping{Metric: "score"}}
	r := fit(t, narrow{}, o)
	require.Equal(t, a.after[1], r.Params.Get("squared/average/out/w").Floats())
	require.NotEqual(t, a.after[1], a.after[2])
}
