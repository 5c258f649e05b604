package dense_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// stages are the configs whose pretraining is tested.
var stages = []dense.Config{
	{Input: 12, Hidden: []int{10, 8, 6}, Activation: "sigmoid", CodeActivation: "linear"},
	{Input: 12, Hidden: []int{10, 8, 6}, Tied: true, Loss: graph.MSE, Activation: "tanh"},
	{Input: 12, Hidden: []int{10, 8}, Noise: graph.Corruption{Kind: graph.Masking, Level: 0.1}, Sparsity: dense.Sparsity{L1: new(1e-4)}, Contraction: dense.Contraction{Weight: new(1e-4)}},
}

func TestAStageTrainsOneLayerAndItsMirrorImage(t *testing.T) {
	for _, c := range stages {
		p := graph.NewParams(graph.Float32, 1)
		for _, stage := range c.Pretraining() {
			t.Run(stage.String(), func(t *testing.T) {
				b := graph.New(p, graph.Config{Training: true})
				net := stage.Build(b, 4)
				task := net.Tasks[0]
				before := map[string][]float64{}
				for _, q := range p.Trainable() {
					before[q.Name()] = q.Floats()
				}
				optim.Minimize(b, optim.Adam{}, task)
				b.Output("loss", task.Loss)
				m := modeltest.Compile(t, b, modeltest.Inputs{"x": grey(48)})
				require.NoError(t, m.Set(task.Name+"/rate", 0.01))
				first := modeltest.Run(t, m)["loss"][0]
				last := first
				for range 60 {
					last = modeltest.Run(t, m)["loss"][0]
				}
				require.Less(t, last, first)
				layers := len(c.Hidden)
				var changed []string
				for _, q := range p.Trainable() {
					if !equal(before[q.Name()], q.Floats()) {
						changed = append(changed, q.Name())
					}
				}
				at := func(part string, i int) string { return part + "/fc" + string(rune('0'+i)) }
				want := []string{at("encoder", stage.Layer) + "/w", at("encoder", stage.Layer) + "/b", at("decoder", layers-stage.Layer+1) + "/b"}
				if !c.Tied {
					want = append(want, at("decoder", layers-stage.Layer+1)+"/w")
				}
				require.ElementsMatch(t, want, changed)
			})
		}
	}
}

func equal(x, y []float64) bool {
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return len(x) == len(y)
}

func TestTheStagesHaveTheWeightsOfTheAutoencoderAndOfTheClassifier(t *testing.T) {
	c := stages[0]
	names := func(models ...modeltest.Model) (out []string) {
		p := graph.NewParams(graph.Float32, 1)
		for _, m := range models {
			b := graph.New(p, graph.Config{Training: true})
			m.Build(b, 2)
			require.NoError(t, b.Err())
		}
		for _, q := range p.Trainable() {
			out = append(out, q.Name())
		}
		return out
	}
	whole := names(c)
	require.ElementsMatch(t, whole, names(c.Pretraining()[0], c.Pretraining()[1], c.Pretraining()[2]))
	var encoder []string
	for _, name := range whole {
		if strings.HasPrefix(name, "encoder/") {
			encoder = append(encoder, name)
		}
	}
	require.ElementsMatch(t, append(encoder, "head/w", "head/b"), names(dense.Classifier{Config: c}))
}

// The reconstruction of the last stage is that of the whole net, and its code too.
func TestTheLastStageReconstructsAsTheWholeNet(t *testing.T) {
	for _, c := range stages {
		all := c.Pretraining()
		in := modeltest.Inputs{"x": grey(36)}
		want, _ := measure(t, c, false, 3, in)
		have, _ := measure(t, all[len(all)-1], false, 3, in)
		require.Equal(t, want["code"], have["code"])
		require.Equal(t, want["recon"], have["recon"])
	}
}

func TestInvalidStagesAreErrors(t *testing.T) {
	for want, p := range map[string]dense.Pretrain{
		"Layer is 4, want from 1 to the 3 layers": {Layer: 4},
		"Layer is -1":                        {Layer: -1},
		"pretraining with Decoder [64]":      {Config: dense.Config{Decoder: []int{64}}},
		"pretraining with BatchNorm":         {Config: dense.Config{BatchNorm: true}},
		"Input is -1":                        {Config: dense.Config{Input: -1}},
		`Sparsity.KL with Activation "relu"`: {Config: dense.Config{CodeActivation: "sigmoid", Sparsity: dense.Sparsity{KL: new(1.0)}}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.Zero(t, p.Build(b, 2))
		require.ErrorContains(t, b.Err(), want)
	}
}
