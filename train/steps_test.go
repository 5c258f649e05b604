package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

func TestStepsOfAnyBatchSizeShareTheParameters(t *testing.T) {
	for name, compile := range map[string]graph.Compiler{"cpu": cpu.Compile, "tape": tape.Compile} {
		t.Run(name, func(t *testing.T) {
			steps := train.NewModelSteps(narrow{}, train.Options{Compile: compile, Optimizer: optim.Adam{Rate: new(0.02)}, Seed: 3})
			defer steps.Close()
			x := make([]float32, 8*12)
			for i := range x {
				x[i] = float32(i%7) / 7
			}
			last := 1e9
			for range 3 { // a step of 8 and one of 5, then the same samples by 8 and by 3 and 5
				for _, batch := range []int{8, 5} {
					s, err := steps.Train(batch)
					require.NoError(t, err)
					_, err = s.Run(x[:batch*12], 0, 0)
					require.NoError(t, err)
				}
				mse := map[int]float64{}
				for _, from := range [][2]int{{0, 8}, {0, 3}, {3, 8}} {
					s, err := steps.Eval(from[1] - from[0])
					require.NoError(t, err)
					v, err := s.Run(x[from[0]*12:from[1]*12], 0, 0)
					require.NoError(t, err)
					mse[from[1]-from[0]] = v[0]
				}
				require.InDelta(t, mse[8], (3*mse[3]+5*mse[5])/8, 1e-6)
				require.Less(t, mse[8], last)
				last = mse[8]
			}
			once, err := steps.TrainStep(8)
			require.NoError(t, err)
			again, err := steps.TrainStep(8)
			require.NoError(t, err)
			require.Same(t, once, again)
			require.Len(t, steps.Params().Trainable(), 4)
		})
	}
	_, err := train.NewModelSteps(nil, train.Options{Compile: tape.Compile}).Eval(1)
	require.ErrorContains(t, err, "no model")
	_, err = train.NewModelSteps(narrow{}, train.Options{}).Train(1)
	require.ErrorContains(t, err, "no machine")
}

// queued is a machine that says that it may be at work on two runs.
type queued struct{ *cpu.Machine }

func (q queued) NumberAgo(n *graph.Node, _ int) (float64, error) { return q.Number(n) }

func TestARunWhileAnotherIsUnderWayIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		compile graph.Compiler
		most    int
	}{
		"one at a time": {cpu.Compile, 1},
		"two under way": {func(b *graph.Builder) (graph.VM, error) {
			m, err := cpu.Config{}.Build(b)
			return queued{m}, err
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := train.NewEvalStep(narrow{}, graph.NewParams(graph.Float32, 1), 1, 1, c.compile)
			require.NoError(t, err)
			defer s.Close()
			require.Equal(t, c.most, s.Most())
			x := make([]float32, 12)
			require.NoError(t, s.Start(x, 0, 0))
			_, err = s.Run(x, 0, 0)
			require.ErrorContains(t, err, "Finish")
			_, err = s.Finish()
			require.NoError(t, err)
			_, err = s.Run(x, 0, 0)
			require.NoError(t, err)
		})
	}
}
