package optest

import "github.com/stheno-ml/stheno/graph"

// attentionCases test compositions of ops.
func attentionCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	x := graph.Shape{2, 3, 4}
	mask := rowNumbers(1, 0, 1, 0, 1, 1)
	return []Case{
		{Op: "softmax", Name: "attention", In: shapes(x), Build: one(graph.Attention{Heads: 2}.Apply)},
		{Op: "softmax", Name: "causal attention with dropout", In: shapes(x), Build: one(graph.Attention{Heads: 1, Width: 3, Causal: true, Dropout: .3, NoBias: true}.Apply)},
		{Op: "softmax", Name: "masked attention", In: shapes(x, graph.Shape{2, 3}), Build: two(graph.Attention{Heads: 4}.ApplyMask), Fill: mask, NoGrad: []int{1}},
		{Op: "softmax", Name: "attention to another sequence", In: shapes(x, graph.Shape{2, 5, 3}), Build: two(func(b *B, x, m *N) *N { return graph.Attention{Heads: 2}.ApplyTo(b, x, m, nil) })},
		{Op: "softmax", Name: "transformer block", In: shapes(x), Build: one(graph.TransformerBlock{Heads: 2, Hidden: 3, Dropout: .2}.Apply)},
		{Op: "map", Name: "positions", In: shapes(x), Build: one(func(b *B, x *N) *N {
			return graph.LearnedPositions{}.Apply(b.Scope("learned"), graph.SinePositions{}.Apply(b.Scope("sine"), x))
		})},
	}
}

func attentionWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	x := shapes(graph.Shape{2, 3, 4}, graph.Shape{2, 4}, graph.Shape{2, 5, 4})
	with := func(l graph.Attention) func(*B, []*N) { return func(b *B, in []*N) { l.Apply(b, in[0]) } }
	return []Wrong{
		{"attention", "no heads", x, with(graph.Attention{}), "0 heads"},
		{"attention", "heads that do not divide", x, with(graph.Attention{Heads: 3}), "4 features do not divide into 3 heads"},
		{"attention", "dropout of all", x, with(graph.Attention{Heads: 1, Dropout: 1}), "dropout 1"},
		{"attention", "a matrix", x, func(b *B, in []*N) { graph.Attention{Heads: 1}.Apply(b, in[1]) }, "want [N,T,D] and [N,S,E]"},
		{"attention", "mask of other steps", x, func(b *B, in []*N) { graph.Attention{Heads: 1}.ApplyMask(b, in[0], in[1]) }, "mask [2 4] for memory [2 3 4]: want [2 3]"},
		{"attention", "causal between two sequences", x, func(b *B, in []*N) { graph.Attention{Heads: 1, Causal: true}.ApplyTo(b, in[0], in[2], nil) }, "causal from 3 steps to 5"},
		{"attention", "positions of a matrix", x, func(b *B, in []*N) { graph.SinePositions{}.Apply(b, in[1]) }, "sine positions: x is [2 4]"},
		{"attention", "a block over a matrix", x, func(b *B, in []*N) { graph.TransformerBlock{Heads: 1}.Apply(b, in[1]) }, "transformer block: x is [2 4]"},
	}
}
