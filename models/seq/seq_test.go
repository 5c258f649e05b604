package seq_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func TestParametersAreCountedByHand(t *testing.T) {
	lstm := func(in, units int) int { return 4 * units * (in + units + 1) }
	dense := func(in, units int) int { return (in + 1) * units }
	for _, c := range []struct {
		config seq.Config
		want   int
	}{
		{seq.Config{}, lstm(28, 128) + dense(128, 32) + lstm(32, 128) + dense(128, 28)},
		{seq.Config{Steps: 5, Features: 3, Hidden: []int{7}, Code: 2, Loss: graph.MSE}, lstm(3, 7) + dense(7, 2) + lstm(2, 7) + dense(7, 3)},
		{seq.Config{Steps: 1, Features: 1, Hidden: []int{6, 4}, Code: 2}, lstm(1, 6) + lstm(6, 4) + dense(4, 2) + lstm(2, 4) + lstm(4, 6) + dense(6, 1)},
		{seq.Config{Hidden: []int{9, 8, 7}}, lstm(28, 9) + lstm(9, 8) + lstm(8, 7) + dense(7, 32) + lstm(32, 7) + lstm(7, 8) + lstm(8, 9) + dense(9, 28)},
	} {
		t.Run(c.config.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{Training: true})
			net := c.config.Build(b, 5)
			require.NoError(t, b.Err())
			require.Equal(t, c.want, p.Count())
			require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape())
			require.Equal(t, 2, net.Outputs["code"].Dims())
		})
	}
}

func TestSummaryShowsTheDefaultNet(t *testing.T) {
	s, err := seq.Config{}.Summary()
	require.NoError(t, err)
	require.Equal(t, `LSTM autoencoder 28x28 128-32-128 bce
-----------------------------------------
Layer          Kind   Output      Weights
-----------------------------------------
encoder/lstm1  LSTM   [N 128]      80,384
encoder/code   Dense  [N 32]        4,128
decoder/lstm1  LSTM   [N 28 128]   82,432
decoder/out    Dense  [N 28 28]     3,612
-----------------------------------------
Trainable weights: 170,556 (666.2 KiB)
States: 0 (0 B)
`, s)
	_, err = seq.Config{Code: -1}.Summary()
	require.ErrorContains(t, err, "Code is -1")
}

// step compiles a training step for a batch of zeros and ones.
func step(t testing.TB, c seq.Config, batch int, rate float64) (m vm.Machine, x []float64) {
	b := graph.New(graph.NewParams(graph.Float32, 3), graph.Config{Training: true})
	net := c.Build(b, batch)
	require.NoError(t, b.Err())
	optim.Minimize(b, optim.Adam{Rate: new(rate)}, net.Tasks[0])
	modeltest.Name(b, net)
	x = make([]float64, graph.Shape(b.InputNode("x").Shape()).Size())
	for i := range x {
		x[i] = float64(i * i % 11 % 2)
	}
	return modeltest.Compile(t, b, modeltest.Inputs{"x": x}), x
}

func TestEightSamplesAreOverfitted(t *testing.T) {
	for _, c := range []struct {
		model modeltest.Model
		steps int
	}{
		{seq.Config{Steps: 5, Features: 3, Hidden: []int{32}, Code: 8}, 400},
		{seq.Config{Steps: 5, Features: 3, Hidden: []int{32, 24}, Code: 8, Cell: seq.GRU, CodeActivation: "tanh", Lengths: true}, 400},
		{seq.Config{Steps: 5, Features: 3, Hidden: []int{24}, Code: 8, Loss: graph.MSE, Bidirectional: true, Attention: true}, 400},
		{seq.Config{Steps: 5, Features: 2, Hidden: []int{24}, Code: 8, Cell: seq.RNN, Loss: graph.MSE, TeacherForcing: true}, 400},
		{seq.Config{Steps: 5, Vocabulary: 6, Embedding: 8, Hidden: []int{24}, Code: 8, Cell: seq.GRU, TeacherForcing: true, Lengths: true}, 400},
		{seq.VAE{Config: seq.Config{Steps: 6, Features: 4, Hidden: []int{24}, Code: 4, TeacherForcing: true}, Beta: new(0.1)}, 400},
		{seq.VAE{Config: seq.Config{Steps: 6, Vocabulary: 6, Embedding: 8, Hidden: []int{24}, Code: 8, Lengths: true}, Beta: new(0.01)}, 600},
	} {
		t.Run(c.model.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 3)
			m := newProgram(t, c.model, p, 8, true, training(0.01))
			for i, v := range m.in["x"] {
				if v != seq.End || m.net.Outputs["recon"].Dims() == 3 { // no token follows End
					m.in["x"][i] = math.Round(v)
				} else {
					m.in["x"][i] = 2
				}
			}
			m.onCPU(t)
			first := m.run(t, 0)["loss"][0]
			last := first
			for i := range c.steps {
				last = m.run(t, i)["loss"][0]
			}
			require.Less(t, last, first/4)
			check := newProgram(t, c.model, p, 8, false, nil)
			check.in = m.in
			out := check.run(t, 0)
			if accuracy, ok := out[modeltest.Metric(seq.MetricAccuracy)]; ok {
				require.Greater(t, accuracy[0], 0.9, "the decoder reads its own tokens")
			} else if mse, ok := out[modeltest.Metric(graph.MetricMSE)]; ok {
				require.Less(t, mse[0], 0.06, "the decoder reads its own steps")
			}
		})
	}
}

func TestEncoderAndDecoderAloneEqualThoseOfTheNet(t *testing.T) {
	c := seq.Config{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2}
	m, x := step(t, c, 3, 0.01)
	p := m.Program().Params()

	encoder := graph.New(p, graph.Config{})
	encoder.Output("code", c.Encode(encoder, encoder.Input("in", 3, 4, 3), nil))
	code := modeltest.Run(t, modeltest.Compile(t, encoder, modeltest.Inputs{"in": x}))["code"]
	decoder := graph.New(p, graph.Config{})
	decoder.Output("recon", c.Recon(decoder, c.Decode(decoder, decoder.Input("z", 3, 2))))
	recon := modeltest.Run(t, modeltest.Compile(t, decoder, modeltest.Inputs{"z": code}))["recon"]

	whole := modeltest.Run(t, m) // the last use of the weights, which this step changes
	require.Equal(t, code, whole["code"])
	require.Equal(t, recon, whole["recon"])
}

func TestInvalidConfigsAreErrors(t *testing.T) {
	ok := func(c seq.Config) func(*graph.Builder) { return func(b *graph.Builder) { c.Build(b, 2) } }
	for name, c := range map[string]struct {
		build func(b *graph.Builder)
		want  string
	}{
		"negative steps":    {ok(seq.Config{Steps: -1}), "Steps is -1, want at least 1"},
		"negative features": {ok(seq.Config{Features: -28}), "Features is -28"},
		"negative code":     {ok(seq.Config{Code: -1}), "Code is -1"},
		"no layers":         {ok(seq.Config{Hidden: []int{}}), "Hidden is empty"},
		"no units":          {ok(seq.Config{Hidden: []int{128, 0}}), "Hidden[1] is 0"},
		"activation":        {ok(seq.Config{CodeActivation: "rely"}), "CodeActivation"},
		"loss":              {ok(seq.Config{Loss: "l2"}), `Loss: "l2" is unknown: want "bce" or "mse"`},
		"no batch":          {func(b *graph.Builder) { seq.Config{}.Build(b, 0) }, "extent 0"},
		"too many steps":    {ok(seq.Config{Steps: 1 << 40}), "more than 2^31-1 elements"},
		"too many units":    {ok(seq.Config{Hidden: []int{1 << 15}}), `layer "encoder/lstm1"`},
		"cell":              {ok(seq.Config{Cell: "lst"}), `Cell: "lst" is unknown: want "lstm", "gru" or "rnn"`},
		"dropout":           {ok(seq.Config{Dropout: 1}), "Dropout is 1, want a share from 0 to below 1"},
		"no dropout":        {ok(seq.Config{Dropout: math.NaN()}), "Dropout is NaN"},
		"word dropout":      {ok(seq.Config{TeacherForcing: true, WordDropout: -0.1}), "WordDropout is -0.1"},
		"long and forced":   {ok(seq.Config{TeacherForcing: true, Steps: 5000}), "Steps is 5000, but with TeacherForcing"},
		"nothing to hide":   {ok(seq.Config{WordDropout: 0.5}), "the decoder reads no steps: set TeacherForcing"},
		"no tokens":         {ok(seq.Config{Embedding: 8}), "Embedding is 8, but there are no tokens"},
		"few tokens":        {ok(seq.Config{Vocabulary: 2}), "Vocabulary is 2, want at least 3"},
		"negative tokens":   {ok(seq.Config{Vocabulary: -5}), "Vocabulary is -5"},
		"bad embedding":     {ok(seq.Config{Vocabulary: 9, Embedding: -1}), "Embedding is -1"},
		"values and tokens": {ok(seq.Config{Vocabulary: 9, Features: 3}), "Features is 3, but with a Vocabulary"},
		"loss of tokens":    {ok(seq.Config{Vocabulary: 9, Loss: graph.MSE}), "Loss is set, but with a Vocabulary"},
		"beta":              {func(b *graph.Builder) { seq.VAE{Beta: new(-1.0)}.Build(b, 2) }, "Beta is -1"},
		"free bits":         {func(b *graph.Builder) { seq.VAE{FreeBits: math.Inf(1)}.Build(b, 2) }, "FreeBits is +Inf"},
		"a normal code":     {func(b *graph.Builder) { seq.VAE{Config: seq.Config{CodeActivation: "tanh"}}.Build(b, 2) }, "CodeActivation is \"tanh\", but a VAE's code is normal"},
		"no step":           {func(b *graph.Builder) { seq.Config{}.BuildStep(b, 2) }, "the decoder reads no steps"},
		"no lengths":        {func(b *graph.Builder) { seq.Config{Lengths: true}.Encode(b, b.Input("x", 2, 28, 28), nil) }, "want the length of each of 2 sequences"},
		"lengths":           {func(b *graph.Builder) { seq.Config{}.Encode(b, b.Input("x", 2, 28, 28), b.Input("lengths", 2)) }, "Lengths is false"},
		"other lengths": {func(b *graph.Builder) {
			seq.Config{Lengths: true}.Encode(b, b.Input("x", 2, 28, 28), b.Input("lengths", 3))
		}, "want the length of each of 2 sequences, have [3]"},
		"images":            {func(b *graph.Builder) { seq.Config{}.Encode(b, b.Input("x", 2, 1, 28, 28), nil) }, `layer "encoder": seq: want [N, 28, 28], have [2 1 28 28]`},
		"other steps":       {func(b *graph.Builder) { seq.Config{}.Encode(b, b.Input("x", 2, 27, 28), nil) }, "have [2 27 28]"},
		"no input":          {func(b *graph.Builder) { seq.Config{}.Encode(b, nil, nil) }, "have nil"},
		"other code":        {func(b *graph.Builder) { seq.Config{}.Decode(b, b.Input("z", 2, 16)) }, `layer "decoder": seq: want [N, 32], have [2 16]`},
		"invalid, encoding": {func(b *graph.Builder) { seq.Config{Code: -1}.Encode(b, b.Input("x", 2, 28, 28), nil) }, "Code is -1"},
		"invalid, decoding": {func(b *graph.Builder) { seq.Config{Code: -1}.Decode(b, b.Input("z", 2, 32)) }, "Code is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			require.NotPanics(t, func() { c.build(b) })
			require.ErrorContains(t, b.Err(), c.want)
		})
	}
}

func ExampleConfig() {
	c := seq.Config{Steps: 140, Features: 1, Hidden: []int{64, 32}, Code: 8, Loss: graph.MSE}
	s, err := c.Summary()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(s)
	// Output:
	// LSTM autoencoder 140x1 64-32-8-32-64 mse
	// -----------------------------------------
	// Layer          Kind   Output      Weights
	// -----------------------------------------
	// encoder/lstm1  LSTM   [N 140 64]   16,896
	// encoder/lstm2  LSTM   [N 32]       12,416
	// encoder/code   Dense  [N 8]           264
	// decoder/lstm1  LSTM   [N 140 32]    5,248
	// decoder/lstm2  LSTM   [N 140 64]   24,832
	// decoder/out    Dense  [N 140 1]        65
	// -----------------------------------------
	// Trainable weights: 59,721 (233.3 KiB)
	// States: 0 (0 B)
}

// BenchmarkStep times a training step of the default net on the TapeMachine.
func BenchmarkStep(bench *testing.B) {
	m, _ := step(bench, seq.Config{}, 128, 1e-3)
	for bench.Loop() {
		require.NoError(bench, vm.Run(m))
	}
}
