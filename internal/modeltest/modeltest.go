// Package modeltest has the tests that every autoencoder must pass. The packages of
// models run them on their configs.
package modeltest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

// Model is a config that builds an autoencoder.
type Model interface {
	Build(b *graph.Builder, batch int) graph.Net
	Summary() (string, error)
	String() string
}

// Autoencoder checks for each config that a round trip through JSON builds the same
// net, that in evaluation the reconstruction depends only on the code and a label,
// and that code and score have one row or value per sample.
func Autoencoder[C Model](t *testing.T, configs ...C) {
	for _, c := range configs {
		t.Run(c.String(), func(t *testing.T) {
			survivesJSON(t, c)
			decodesFromTheCode(t, c)
		})
	}
}

func survivesJSON[C Model](t *testing.T, c C) {
	text, err := json.Marshal(c)
	require.NoError(t, err)
	var back C
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, c, back, "%s", text)
	want, got := start(t, c), start(t, back)
	require.Equal(t, want, got, "%s", text)
}

// start returns a config's texts and its initial weights.
func start(t *testing.T, c Model) map[string]any {
	summary, err := c.Summary()
	require.NoError(t, err)
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	net := c.Build(b, 2)
	require.NoError(t, b.Err())
	out := map[string]any{"summary": summary, "name": c.String(), "task": net.Tasks[0].Name}
	for _, q := range p.All() {
		out[q.Name()] = q.Floats()
	}
	return out
}

func decodesFromTheCode(t *testing.T, c Model) {
	const batch = 3
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	net := c.Build(b, batch)
	require.NoError(t, b.Err())
	x, code := b.InputNode(graph.InputX), net.Outputs[graph.OutputCode]
	recon, score := net.Outputs[graph.OutputRecon], net.Outputs[graph.OutputScore]
	require.Equal(t, x.Shape(), recon.Shape())
	require.Equal(t, batch, code.Shape()[0])
	require.Equal(t, graph.Shape{batch}, graph.Shape(score.Shape()))

	Name(b, net)
	p, err := b.Program()
	require.NoError(t, err)
	part := func(of string, given ...string) (inputs []string) {
		part, err := p.Select([]string{of}, given...)
		require.NoError(t, err)
		require.Nil(t, part.Clock(), "the %s is random", of)
		for _, in := range part.Inputs() {
			inputs = append(inputs, in.Name)
		}
		return inputs
	}
	// What a model is given beside the sample; mask and lengths tell what of it counts.
	given := []string{graph.InputLabel, graph.InputCondition}
	depends := func(of string, on string, more []string, from ...string) {
		inputs := part(of, from...)
		require.Contains(t, inputs, on, of)
		require.Subset(t, append([]string{on}, more...), inputs, of)
	}
	parts := append(given, graph.InputMask, graph.InputLengths)
	depends(graph.OutputCode, graph.InputX, parts)
	depends(graph.OutputRecon, graph.OutputCode, given, graph.OutputCode)
	depends(graph.OutputScore, graph.InputX, parts)

	names := map[string]bool{}
	for _, task := range net.Tasks {
		names[task.Name] = true
		for _, m := range task.Metrics {
			require.False(t, names[m.Name], m.Name)
			names[m.Name] = true
		}
	}
	require.True(t, names[graph.MetricMSE] || names["accuracy"], "%v", names)
}

// ScoreIsTheLoss checks that in evaluation the score of each sample is the loss of a
// batch of only that sample.
func ScoreIsTheLoss(t *testing.T, configs ...Model) {
	const batch = 3
	for _, c := range configs {
		t.Run(c.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float64, 1)
			var all Inputs
			run := func(n int, first int, want string) []float64 {
				b := graph.New(p, graph.Config{})
				Name(b, c.Build(b, n))
				program, err := b.Program()
				require.NoError(t, err)
				if all == nil {
					all = Draw(program, 1)
				}
				in := Inputs{}
				for _, i := range program.Inputs() {
					if size := i.Shape.Size() / n; !i.Optional {
						in[i.Name] = all[i.Name][first*size : (first+n)*size]
					}
				}
				return Run(t, Compile(t, b, in))[want]
			}
			scores := run(batch, 0, graph.OutputScore)
			require.Len(t, scores, batch)
			for i, score := range scores {
				require.InDelta(t, run(1, i, Loss)[0], score, 1e-12)
			}
			require.NotEqual(t, scores[0], scores[1])
		})
	}
}
