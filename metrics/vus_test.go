package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// The numbers are those of generate_curve of TSB-AD 1.5, with the same scores.
func TestVUSPRIsThatOfTSBAD(t *testing.T) {
	const n = 400
	state := 12345
	for _, c := range []struct {
		anomalies [][2]int
		window    int
		want      float64
	}{
		{[][2]int{{50, 80}, {90, 95}, {390, 399}}, 20, 0.4575720985959125},
		{[][2]int{{0, 3}, {200, 200}}, 7, 0.8392208878144349},
		{[][2]int{{100, 180}}, 0, 0.5580510605489141},
		{[][2]int{{10, 12}, {30, 40}, {60, 61}}, 41, 0.3637984149269992},
	} {
		t.Run(fmt.Sprint(c.anomalies), func(t *testing.T) {
			anomaly, scores := make([]bool, n), make([]float64, n)
			for _, a := range c.anomalies {
				for i := a[0]; i <= a[1]; i++ {
					anomaly[i] = true
				}
			}
			for i := range scores {
				state = (state*1103515245 + 12345) % (1 << 31)
				scores[i] = math.Round(100*float64(state)/(1<<31)) / 100
				if anomaly[i] {
					scores[i] += .3
				}
			}
			got, err := metrics.VUSPR(scores, anomaly, c.window)
			require.NoError(t, err)
			require.InDelta(t, c.want, got, 1e-9)
		})
	}
}

func TestVUSPRRefusesWhatHasNoMeaning(t *testing.T) {
	for _, c := range []struct {
		scores  []float64
		anomaly []bool
		window  int
		want    string
	}{
		{[]float64{1, 2}, []bool{true}, 0, "2 scores and 1 labels"},
		{[]float64{1, 2}, []bool{false, false}, 1, "no point is an anomaly"},
		{[]float64{1, math.NaN()}, []bool{true, false}, 1, "NaN"},
		{[]float64{1, 2}, []bool{true, false}, 3, "the window is 3"},
		{nil, nil, 0, "no point is an anomaly"},
	} {
		_, err := metrics.VUSPR(c.scores, c.anomaly, c.window)
		require.ErrorContains(t, err, c.want)
	}
}

func TestNABRewardsEarlyAlarmsInWindows(t *testing.T) {
	score := func(alarms ...int) metrics.NABSeries {
		s := metrics.NABSeries{Name: "a", Scores: make([]float64, 100), Windows: [][2]int{{40, 49}, {80, 89}}}
		for _, i := range alarms {
			s.Scores[i] = 1
		}
		return s
	}
	sigmoid := func(y float64) float64 { return 2/(1+math.Exp(5*y)) - 1 }
	for _, c := range []struct {
		name   string
		alarms []int
		want   float64
	}{
		{"perfect", []int{40, 80}, 100},
		{"one window", []int{40}, 50},
		{"later alarms in a window add nothing", []int{40, 45, 80}, 100},
		{"a late alarm", []int{44, 80}, 100 * (3 + sigmoid(-.6)/sigmoid(-1)) / 4},
		{"a false alarm before the first window", []int{20, 40, 80}, 100 * (4 - .11) / 4},
		{"a false alarm after a window", []int{40, 52, 80}, 100 * (4 + .11*sigmoid(3./9)) / 4},
		{"an alarm in the probation does not count", []int{3, 40, 80}, 100},
		{"nothing is better than many false alarms", []int{16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 48}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := metrics.NAB([]metrics.NABSeries{score(c.alarms...)}, metrics.NABProfile{})
			require.NoError(t, err)
			require.InDelta(t, c.want, r.Score, 1e-9)
		})
	}
	_, err := metrics.NAB([]metrics.NABSeries{{Name: "b", Scores: []float64{1, 2}, Windows: [][2]int{{1, 2}}}}, metrics.NABProfile{})
	require.ErrorContains(t, err, "b: window 1 is from point 1 to 2")
	_, err = metrics.NAB(nil, metrics.NABProfile{})
	require.ErrorContains(t, err, "no window")
	_, err = metrics.NAB([]metrics.NABSeries{{Scores: []float64{math.NaN()}}}, metrics.NABProfile{})
	require.ErrorContains(t, err, "NaN")
}
