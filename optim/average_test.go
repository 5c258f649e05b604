package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// averageOf returns the averages of a trajectory: the mean of the weights after each
// step, by decay^(steps since).
func averageOf(all [][]float64, decay float64) []float64 {
	out := make([]float64, len(all[0]))
	total := 0.0
	for k, weights := range all {
		share := math.Pow(decay, float64(len(all)-1-k))
		total += share
		for i, w := range weights {
			out[i] += share * w
		}
	}
	for i := range out {
		out[i] /= total
	}
	return out
}

func TestAMovingAverageIsTheWeightedMeanOfAllSteps(t *testing.T) {
	for _, backend := range backends {
		for _, decay := range []float64{0, 0.5, 0.99} {
			for _, steps := range []int{1, 2, 50} {
				p := graph.NewParams(graph.Float64, 1)
				all := trajectory(t, backend, p, optim.MovingAverage{Decay: new(decay), Optimizer: optim.Adam{Rate: new(0.05)}}, steps)
				var got []float64
				for _, w := range p.Trainable() {
					require.Same(t, p.Get("fit/average/"+w.Name()), optim.AverageOf(p, w))
					got = append(got, optim.AverageOf(p, w).Floats()...)
				}
				requireClose(t, [][]float64{averageOf(all, decay)}, [][]float64{got}, 1e-12)
			}
		}
	}
}

func TestAveragedParametersAreThoseOfAModel(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	all := trajectory(t, backends["cpu"], p, optim.MovingAverage{Decay: new(0.5)}, 10)
	averaged, err := optim.Averaged(p, "fit")
	require.NoError(t, err)
	m := compiled(t, backends["cpu"], averaged, func(b *graph.Builder) { b.Output("loss", problem(b, samples)) })
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	require.NoError(t, vm.Run(m))
	requireClose(t, [][]float64{averageOf(all, 0.5)}, [][]float64{flat(averaged)}, 1e-12)
	requireClose(t, all[9:], [][]float64{flat(p)}, 0)

	_, err = optim.Averaged(p, "other")
	require.EqualError(t, err, `optim: task "other" has no averages: train it with a MovingAverage`)
	_, err = optim.Averaged(nil, "fit")
	require.ErrorContains(t, err, "no parameters")
}
