package train

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// queue is a backend whose machines can have several runs in flight. Number returns
// the numbers of the run last waited for. A log records the calls.
type queue struct {
	max  int
	fail int // the start that fails, counted from 1
	log  *[]string
}

var errLost = errors.New("lost")

func (q queue) Compile(p *graph.Program) (vm.Machine, error) {
	m, err := cpu.Config{}.Compile(p)
	return &queued{Machine: m, queue: q}, err
}

type queued struct {
	vm.Machine
	queue
	started  int
	inFlight []map[string]float64
	now      map[string]float64
}

func (m *queued) MaxInFlight() int { return m.max }

func (m *queued) Start() error {
	if m.started++; m.started == m.fail {
		return errLost
	}
	*m.log = append(*m.log, "start")
	if err := vm.Run(m.Machine); err != nil {
		return err
	}
	numbers := map[string]float64{}
	for _, out := range m.Program().Outputs() {
		v, err := m.Machine.Number(out.Name)
		if err != nil {
			return err
		}
		numbers[out.Name] = v
	}
	m.inFlight = append(m.inFlight, numbers)
	return nil
}

func (m *queued) Wait() error {
	*m.log = append(*m.log, "wait")
	m.now, m.inFlight = m.inFlight[0], m.inFlight[1:]
	return nil
}

func (m *queued) Number(output string) (float64, error) { return m.now[output], nil }

// ordered is a set of three samples. All values of sample i are i+1.
func ordered(t *testing.T) data.Set {
	t.Helper()
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: []float32{1, 1, 1, 2, 2, 2, 3, 3, 3}})
	require.NoError(t, err)
	return set
}

func TestAStepIsInFlightWhileThePreviousOneIsRead(t *testing.T) {
	var want []float64
	for max, order := range map[int][]string{
		1: {"start", "wait", "start", "wait", "start", "wait"},
		2: {"start", "start", "wait", "start", "wait", "wait"},
	} {
		var log []string
		r, err := Fit(t.Context(), slope{}, ordered(t), Options{Backend: queue{max: max, log: &log}, Optimizer: optim.SGD{}, Batch: 1})
		require.NoError(t, err)
		require.Equal(t, order, log)
		if want == nil {
			want = r.Epochs[0].Losses
		}
		require.Equal(t, want, r.Epochs[0].Losses)
		require.Zero(t, want[0])
		require.Negative(t, want[1])
		require.Negative(t, want[2])
	}
}

func TestTheStepBeforeAFailedOneIsWaitedFor(t *testing.T) {
	for _, max := range []int{1, 2} {
		var log []string
		_, err := Fit(t.Context(), slope{}, ordered(t), Options{Backend: queue{max: max, fail: 3, log: &log}, Batch: 1})
		require.ErrorIs(t, err, errLost)
		require.ErrorContains(t, err, "train: epoch 1, step 3: lost")
		waits := 0
		for _, call := range log {
			if call == "wait" {
				waits++
			}
		}
		require.Equal(t, 2, waits, "%v", log)
	}
}

func TestARunWhileAnotherIsInFlightIsAnError(t *testing.T) {
	for _, max := range []int{1, 2} {
		var log []string
		s, err := NewEvalStep(slope{}, 1, Options{Backend: queue{max: max, log: &log}})
		require.NoError(t, err)
		defer s.Close()
		require.Equal(t, max, s.MaxInFlight())
		require.NoError(t, s.Feed("x", []float32{1, 2, 3}))
		for range max {
			require.NoError(t, s.Start(0, 0))
		}
		_, err = s.Run(0, 0)
		require.ErrorContains(t, err, "in flight: call Wait before Run")
		require.ErrorContains(t, s.Start(0, 0), "which is the maximum: call Wait first")
		for range max {
			_, err = s.Wait()
			require.NoError(t, err)
		}
		_, err = s.Wait()
		require.ErrorContains(t, err, "no run of the step is in flight")
		_, err = s.Run(0, 0)
		require.NoError(t, err)
	}
}

// The number of allocations in an epoch does not depend on its number of steps.
func TestTrainingAllocatesNothingPerStep(t *testing.T) {
	allocated := func(samples int) float64 {
		set, err := data.InMemory(data.Array{Name: "x", Shape: []int{3}, Values: make([]float32, 3*samples)})
		require.NoError(t, err)
		tr, err := New(slope{}, Options{Backend: cpu.Config{}, Batch: 2, Schedules: map[string]Schedule{"rate": Cosine(0.1, 0)}})
		require.NoError(t, err)
		defer tr.Close()
		return testing.AllocsPerRun(3, func() {
			_, err = tr.Fit(t.Context(), set)
			require.NoError(t, err)
		})
	}
	few, many := allocated(200), allocated(4200)
	require.Less(t, many-few, 100.0, "in 2000 more steps")
}
