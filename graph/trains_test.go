package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// autoencoder has the weights enc/w, enc/b, dec/w and dec/b. Its loss depends on all of
// them.
func autoencoder(b *graph.Builder) (code, loss *graph.Node) {
	x := b.Input("x", 3, 4)
	code = graph.Dense{Units: 2}.Apply(b.Scope("enc"), x)
	return code, b.MSE(graph.Dense{Units: 4}.Apply(b.Scope("dec"), code), x)
}

// trained lists the weights that a task with the given patterns trains.
func trained(b *graph.Builder, loss *graph.Node, patterns []string) (names []string) {
	weights, grads := graph.Task{Name: "loss", Loss: loss, Trains: patterns}.Gradients(b)
	for i, w := range weights {
		if g := grads[i]; !graph.Shape(g.Shape()).Equal(graph.Shape(w.Shape())) {
			names = append(names, "a gradient of another shape:")
		}
		names = append(names, b.ParamOf(w).Name())
	}
	return names
}

func TestPatternsChooseAndFreezeWeights(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		want     []string
	}{
		{nil, []string{"enc/w", "enc/b", "dec/w", "dec/b"}},
		{[]string{"*"}, []string{"enc/w", "enc/b", "dec/w", "dec/b"}},
		{[]string{"enc/*"}, []string{"enc/w", "enc/b"}},
		{[]string{"enc/w"}, []string{"enc/w"}},
		{[]string{"*/w"}, []string{"enc/w", "dec/w"}},
		{[]string{"?ec/?"}, []string{"dec/w", "dec/b"}},
		{[]string{"dec*", "enc/b"}, []string{"enc/b", "dec/w", "dec/b"}},
		{[]string{"!enc/*"}, []string{"dec/w", "dec/b"}},
		{[]string{"!enc/*", "enc/w"}, []string{"enc/w", "dec/w", "dec/b"}},
		{[]string{"enc/*", "!*/b"}, []string{"enc/w"}},
		{[]string{"*e*c*/*w*"}, []string{"enc/w", "dec/w"}},
	} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
		_, loss := autoencoder(b)
		require.Equal(t, c.want, trained(b, loss, c.patterns), "%q", c.patterns)
		require.NoError(t, b.Err())
	}
}

func TestErrorsNamePatternsThatTrainNothing(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		want     string
	}{
		{[]string{}, `task "loss" trains no weight: of those that its loss depends on, [enc/w enc/b dec/w dec/b], the patterns [] choose none`},
		{[]string{"encoder/*"}, `task "loss": the pattern "encoder/*" matches no weight: there are [enc/w enc/b dec/w dec/b]`},
		{[]string{"enc"}, `the pattern "enc" matches no weight`},
		{[]string{"*", "!x"}, `the pattern "!x" matches no weight`},
		{[]string{"e?c/"}, `the pattern "e?c/" matches no weight`},
		{[]string{"!*"}, `the patterns ["!*"] choose none`},
	} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
		_, loss := autoencoder(b)
		require.Empty(t, trained(b, loss, c.patterns), "%q", c.patterns)
		require.ErrorContains(t, b.Err(), c.want, "%q", c.patterns)
	}
}

// The parameters are shared with an autoencoder, but the loss of the new head does not
// depend on the decoder.
func TestAnEncoderWithANewHeadTrainsWhatItsLossReads(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	_, loss := autoencoder(graph.New(p, graph.Config{Training: true}))
	require.NotNil(t, loss)

	head := func() (*graph.Builder, *graph.Node) {
		b := graph.New(p, graph.Config{Training: true})
		code := graph.Dense{Units: 2}.Apply(b.Scope("enc"), b.Input("x", 3, 4))
		y := graph.Dense{Units: 1}.Apply(b.Scope("head"), code)
		b.Scope("spare").Param("w", nil, 2) // read by the graph, not by the loss
		return b, b.MSE(y, b.Input("target", 3, 1))
	}
	for _, c := range []struct {
		patterns []string
		want     []string
	}{
		{nil, []string{"enc/w", "enc/b", "head/w", "head/b"}},
		{[]string{"head/*"}, []string{"head/w", "head/b"}},
		{[]string{"!enc/*"}, []string{"head/w", "head/b"}},
		{[]string{"*", "!dec/*"}, []string{"enc/w", "enc/b", "head/w", "head/b"}},
	} {
		b, loss := head()
		require.Equal(t, c.want, trained(b, loss, c.patterns), "%q", c.patterns)
		require.NoError(t, b.Err())
	}
	for _, pattern := range []string{"dec/w", "dec/*", "spare/w"} {
		b, loss := head()
		require.Empty(t, trained(b, loss, []string{"head/w", pattern}))
		require.ErrorContains(t, b.Err(), `the loss depends on no weight that the pattern "`+pattern+`" matches`)
	}
	b, _ := head()
	require.Empty(t, trained(b, b.Sum(b.InputNode("x")), nil))
	require.ErrorContains(t, b.Err(), `task "loss" trains no weight: its loss depends on none`)
}

// stopped returns its operand and has no gradient.
func stopped() graph.Op[struct{}] {
	return graph.Op[struct{}]{
		Name: "stopped", Arity: 1,
		Shape:  func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) { return in, nil },
		Define: func(_ struct{}, in, out []graph.Array) { copy(out[0].Data, in[0].Elements()) },
		Lower: func(_ struct{}, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Map(lower.Arg(0), in[0])}
		},
		Grad: func(struct{}, *graph.Pullback) []*graph.Node { return make([]*graph.Node, 1) },
	}
}

func TestAWeightThatNoGradientReachesIsLeftOutUnlessItIsNamed(t *testing.T) {
	build := func() (*graph.Builder, *graph.Node) {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
		code, _ := autoencoder(b)
		code = stopped().Apply(b, struct{}{}, code)
		return b, b.Mean(b.Square(graph.Dense{Units: 1}.Apply(b.Scope("head"), code)))
	}
	b, loss := build()
	require.Equal(t, []string{"head/w", "head/b"}, trained(b, loss, nil))
	require.NoError(t, b.Err())
	b, loss = build()
	require.Empty(t, trained(b, loss, []string{"enc/w", "head/w"}))
	require.ErrorContains(t, b.Err(), `task "loss": no gradient reaches enc/w, which it trains`)
}

func TestWeightsMatchingChoosesAmongTheGivenWeights(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		want     []string
		err      string
	}{
		{nil, []string{"enc/w", "enc/b"}, ""},
		{[]string{"*/w"}, []string{"enc/w"}, ""},
		{[]string{"!*/b"}, []string{"enc/w"}, ""},
		{[]string{"!dec/*"}, []string{"enc/w", "enc/b"}, ""},
		{[]string{}, nil, ""},
		{[]string{"dec/*"}, nil, ""},
		{[]string{"dec/*", "*/b"}, []string{"enc/b"}, ""},
		{[]string{"x"}, nil, `the pattern "x" matches no weight: there are [enc/w enc/b dec/w dec/b]`},
	} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
		_, loss := autoencoder(b)
		weights, _ := graph.Task{Name: "loss", Loss: loss, Trains: []string{"enc/*"}}.Gradients(b)
		require.NoError(t, b.Err())
		var got []string
		for _, w := range b.WeightsMatching(c.patterns, weights) {
			got = append(got, b.ParamOf(w).Name())
		}
		require.Equal(t, c.want, got, "%q", c.patterns)
		if c.err == "" {
			require.NoError(t, b.Err())
		} else {
			require.ErrorContains(t, b.Err(), c.err)
		}
	}
}
