package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// corners are points around the corners of a triangle, and the corner of each.
func corners(n int, deviation float64) (x []float64, label []int) {
	r := rand.New(rand.NewPCG(1, 9))
	at := [3][2]float64{{0, 0}, {4, 0}, {0, 4}}
	for i := range n {
		l := i % 3
		x = append(x, at[l][0]+deviation*r.NormFloat64(), at[l][1]+deviation*r.NormFloat64())
		label = append(label, l)
	}
	return x, label
}

func TestAProbeSeparatesClassesByPlanes(t *testing.T) {
	x, label := corners(300, 0.5)
	s, err := metrics.Probe{}.Fit(x, 2, label)
	require.NoError(t, err)
	wrong, err := s.Error(x, label)
	require.NoError(t, err)
	require.Zero(t, wrong)

	x, label = corners(3000, 2)
	s, err = metrics.Probe{}.Fit(x, 2, label)
	require.NoError(t, err)
	wrong, err = s.Error(x, label)
	require.NoError(t, err)
	nearest := 0.0 // the best that is possible, if the corners are known
	for i, l := range label {
		distance := func(a, b float64) float64 { return math.Hypot(x[2*i]-a, x[2*i+1]-b) }
		d := [3]float64{distance(0, 0), distance(4, 0), distance(0, 4)}
		if d[l] > min(d[0], d[1], d[2]) {
			nearest += 1 / float64(len(label))
		}
	}
	require.InDelta(t, nearest, wrong, 0.01, "the classes overlap")
	require.Greater(t, wrong, 0.1)
}

// Without dims that tell classes apart, the probabilities are the classes' shares.
func TestAProbeOfConstantsHasTheEntropyOfTheClasses(t *testing.T) {
	label := []int{0, 0, 0, 1}
	s, err := metrics.Probe{}.Fit([]float64{1, 1, 1, 1}, 1, label)
	require.NoError(t, err)
	require.InDelta(t, -0.75*math.Log(0.75)-0.25*math.Log(0.25), s.Loss, 1e-6)
	wrong, err := s.Error([]float64{1, 1, 1, 1}, label)
	require.NoError(t, err)
	require.Equal(t, 0.25, wrong)
}

// At the minimum, no small change of a weight lowers the loss.
func TestTheProbesWeightsAreTheMinimum(t *testing.T) {
	x, label := corners(200, 2)
	const l2 = 0.01
	s, err := metrics.Probe{L2: l2}.Fit(x, 2, label)
	require.NoError(t, err)
	loss := func(w []float64) (sum float64) {
		for i, l := range label {
			var z [3]float64
			total := 0.0
			for c := range z {
				z[c] = x[2*i]*w[c] + x[2*i+1]*w[3+c] + w[6+c]
				total += math.Exp(z[c])
			}
			sum += (math.Log(total) - z[l]) / float64(len(label))
		}
		for _, v := range w[:6] {
			sum += l2 / 2 * v * v
		}
		return sum
	}
	require.InDelta(t, loss(s.Weights), s.Loss, 1e-12)
	for i := range s.Weights {
		for _, by := range []float64{-1e-2, 1e-2} {
			w := append([]float64(nil), s.Weights...)
			w[i] += by
			require.GreaterOrEqual(t, loss(w), s.Loss)
		}
	}
}

func TestAProbeNamesWhatIsWrong(t *testing.T) {
	for want, fit := range map[string]func() (*metrics.Separator, error){
		"3 values are not codes of 2 dimensions for 2 labels": func() (*metrics.Separator, error) {
			return metrics.Probe{}.Fit(make([]float64, 3), 2, make([]int, 2))
		},
		"label -1 of code 1": func() (*metrics.Separator, error) {
			return metrics.Probe{}.Fit(make([]float64, 2), 1, []int{0, -1})
		},
		"not finite": func() (*metrics.Separator, error) {
			return metrics.Probe{}.Fit([]float64{math.Inf(1)}, 1, []int{0})
		},
		"L2 -1": func() (*metrics.Separator, error) { return metrics.Probe{L2: -1}.Fit([]float64{1}, 1, []int{0}) },
	} {
		_, err := fit()
		require.ErrorContains(t, err, want)
	}
	_, err := new(metrics.Separator).Error([]float64{1}, []int{0})
	require.ErrorContains(t, err, "fit a Probe first")
}
