package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

func TestStepsOfAnyBatchSizeShareTheParameters(t *testing.T) {
	for name, on := range machines() {
		o := train.Options{Backend: on, Optimizer: optim.Adam{Rate: new(0.02)}, Params: graph.NewParams(graph.Float32, 3), Seed: 3}
		x := make([]float32, 8*12)
		for i := range x {
			x[i] = float32(i%7) / 7
		}
		steps := map[int]*train.Step{}
		evals := map[int]*train.Step{}
		for _, batch := range []int{8, 5, 3} {
			var err error
			steps[batch], err = train.NewTrainStep(narrow{}, batch, o)
			require.NoError(t, err)
			defer steps[batch].Close()
			evals[batch], err = train.NewEvalStep(narrow{}, batch, o)
			require.NoError(t, err)
			defer evals[batch].Close()
		}
		run := func(s *train.Step, from, to int) float64 {
			require.NoError(t, s.Feed("x", x[from*12:to*12]))
			v, err := s.Run(0, 0)
			require.NoError(t, err)
			return v[0]
		}
		last := 1e9
		for range 3 { // a step of 8 and one of 5, then the same samples evaluated as 8 and as 3 and 5
			run(steps[8], 0, 8)
			run(steps[5], 0, 5)
			all := run(evals[8], 0, 8)
			require.InDelta(t, all, (3*run(evals[3], 0, 3)+5*run(evals[5], 3, 8))/8, 1e-6, name)
			require.Less(t, all, last, name)
			last = all
		}
		require.Len(t, o.Params.Trainable(), 4)
		require.ErrorContains(t, steps[8].Feed("y", x), `no input "y"`)
		require.ErrorContains(t, steps[8].Set("rate", 1), `no input "rate"`)
	}
}
