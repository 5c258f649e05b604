package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func TestTrainingStepsAllocateNothing(t *testing.T) {
	for name, c := range map[string]struct {
		model  train.Model
		sample int
	}{
		"dense":        {dense.Config{Input: 70, Hidden: []int{50, 20}}, 70},
		"tied":         {dense.Config{Input: 70, Hidden: []int{50, 20}, Tied: true, Activation: "gelu", Loss: graph.MSE}, 70},
		"vae":          {vae.Config{Input: 70, Hidden: []int{50}, Latent: 7}, 70},
		"vae-conv":     {vae.Config{Conv: &vae.Conv{Shape: []int{1, 12, 10}, Channels: []int{4, 6}}, Latent: 3}, 120},
		"conv":         {conv.Config{Size: graph.Pair{12, 10}, Encoder: []int{6, 4}}, 120},
		"conv-strided": {conv.Config{Size: graph.Pair{12, 10}, Encoder: []int{6, 4}, Strided: true}, 120},
		"lstm":         {seq.Config{Steps: 5, Features: 4, Hidden: []int{7, 5}, Code: 3}, 20},
	} {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			for threads := 1; threads <= 2; threads++ {
				s, err := train.NewTrainStep(c.model, 60, train.Options{Backend: Config{Threads: threads}, Params: graph.NewParams(dtype, 1), Seed: 1})
				require.NoError(t, err)
				x := make([]float32, 60*c.sample)
				for i := range x {
					x[i] = float32(i%7) / 7
				}
				step := 0
				require.Zero(t, testing.AllocsPerRun(20, func() {
					if err = s.Feed("x", x); err == nil {
						_, err = s.Run(0, 60*step)
					}
					step++
				}), "%s, %v on %d threads", name, dtype, threads)
				require.NoError(t, err)
				require.NoError(t, s.Close())
			}
		}
	}
}

func TestNumberAllocatesNothing(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 3)
	m := suite.MachineOf(t, Config{}, b, map[string][]float64{"x": {1, 2, 6}}, b.Sum(b.Square(x)), b.Mean(x))
	defer m.Close()
	_, err := m.Number("out1")
	require.ErrorContains(t, err, "there is no value")
	require.NoError(t, vm.Run(m))
	for name, want := range map[string]float64{"out0": 41, "out1": 3} {
		var got float64
		require.Zero(t, testing.AllocsPerRun(10, func() { got, err = m.Number(name) }))
		require.NoError(t, err)
		require.InDelta(t, want, got, 1e-12)
	}
	_, err = m.Number("x")
	require.ErrorContains(t, err, `no output "x"`)
}

func TestInferenceOfOneImageAllocatesNothing(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	net := conv.Config{}.Build(b, 1)
	b.Output("code", net.Outputs["code"])
	p, err := b.Program()
	require.NoError(t, err)
	code, _ := p.Output("code")
	x, z := make([]float32, 28*28), make([]float32, code.Shape.Size())
	for threads := 1; threads <= 2; threads++ {
		m, err := Config{Threads: threads}.Compile(p)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if err = m.Feed("x", x); err == nil {
				err = vm.Run(m)
			}
			if err == nil {
				err = m.Read("code", z)
			}
		}), "%d threads", threads)
		require.NoError(t, err)
		require.NoError(t, m.Close())
	}
}

// A program written for Gorgonia gets new values in every run.
func TestANodeThatGorgoniaReadsCostsFewAllocations(t *testing.T) {
	allocations := func(read int) float64 {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(4, 4), gorgonia.WithInit(gorgonia.GlorotN(1)))
		y, values := gorgonia.Must(gorgonia.Square(x)), make([]gorgonia.Value, read)
		for i := range read {
			y = gorgonia.Must(gorgonia.Exp(y))
			gorgonia.Read(y, &values[i])
		}
		m := New(g)
		defer m.Close()
		var err error
		n := testing.AllocsPerRun(20, func() {
			if e := m.RunAll(); e != nil {
				err = e
			}
			m.Reset()
		})
		require.NoError(t, err)
		return n
	}
	require.LessOrEqual(t, allocations(3)-allocations(1), 2*2.0)
}
