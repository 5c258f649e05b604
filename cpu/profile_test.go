package cpu

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/vm"
)

func TestProfileCountsEveryStep(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	net := dense.Config{Input: 30, Hidden: []int{20, 10}}.Build(b, 8)
	m := suite.MachineOf(t, Config{}, b, map[string][]float64{graph.InputX: make([]float64, 8*30)}, net.Tasks[0].Loss)
	defer m.Close()
	steps, err := m.Profile(func() error {
		for range 3 {
			if err := vm.Run(m); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	var flops int64
	var took time.Duration
	for _, s := range steps {
		require.NotEmpty(t, s.Step)
		require.Positive(t, s.Bytes)
		require.Equal(t, s.Bytes, s.AtOnce)
		flops += s.Flops
		took += s.Took
	}
	require.EqualValues(t, 2*8*(30*20+20*10+10*20+20*30), flops)
	require.Positive(t, took)
}

func TestStepsOnImagesHoldOneGroupAtOnce(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	net := conv.Config{}.Build(b, 64)
	m := suite.MachineOf(t, Config{Threads: 1}, b, map[string][]float64{graph.InputX: make([]float64, 64*28*28)}, net.Tasks[0].Loss)
	defer m.Close()
	steps, err := m.Profile(func() error { return vm.Run(m) })
	require.NoError(t, err)
	few := 0
	for _, s := range steps {
		switch s.AtOnce {
		case s.Bytes / 4: // 16 images of 64
			few++
		default:
			require.Equal(t, s.Bytes, s.AtOnce, s.Step)
		}
	}
	require.GreaterOrEqual(t, few, 7, "the convolutions at least")
	require.EqualValues(t, 2*4*64*28*28, steps[slices.IndexFunc(steps, func(s vm.StepProfile) bool { return strings.HasPrefix(s.Step, "load") })].Bytes)
}
