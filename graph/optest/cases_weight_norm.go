package optest

import "github.com/stheno-ml/stheno/graph"

// weightNormCases test compositions of ops: the product of an operand and a
// normalised weight.
func weightNormCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	// Without training the state does not change, so the machine and the definition
	// read the same one.
	fixed := func(b *B, w *N) *N {
		defer func(was bool) { b.Training = was }(b.Training)
		b.Training = false
		return b.SpectralNorm(w)
	}
	return []Case{
		{Op: "matmul", Name: "weight norm", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N {
			return b.MatMul(x, b.WeightNorm(b.Param("v", graph.Normal(0, 1), 3, 4), 1))
		})},
		{Op: "conv2d", Name: "weight norm", In: shapes(graph.Shape{2, 2, 4, 3}), Build: one(func(b *B, x *N) *N {
			return b.Conv2D(x, b.WeightNorm(b.Param("v", graph.Normal(0, 1), 3, 2, 2, 2), 0), graph.ConvGeometry{})
		})},
		{Op: "matmul", Name: "spectral norm", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N {
			return b.MatMul(x, fixed(b, b.Param("w", graph.Normal(0, 1), 3, 4)))
		})},
		{Op: "conv2d", Name: "spectral norm", In: shapes(graph.Shape{2, 2, 4, 3}), Build: one(func(b *B, x *N) *N {
			return b.Conv2D(x, fixed(b, b.Param("w", graph.Normal(0, 1), 3, 2, 2, 2)), graph.ConvGeometry{})
		})},
	}
}

func weightNormWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	x := shapes(graph.Shape{3, 4})
	return []Wrong{
		{"weight norm", "no weight", x, func(b *B, in []*N) { b.WeightNorm(in[0], 1) }, "v is not a weight"},
		{"weight norm", "a state", x, func(b *B, in []*N) { b.WeightNorm(b.State("s", nil, 3, 4), 1) }, "v is not a weight"},
		{"weight norm", "nil", x, func(b *B, in []*N) { b.WeightNorm(nil, 1) }, "v is not a weight"},
		{"weight norm", "axis", x, func(b *B, in []*N) { b.WeightNorm(b.Param("v", nil, 3, 4), 2) }, "axis 2 of v [3 4]"},
		{"weight norm", "a vector", x, func(b *B, in []*N) { b.WeightNorm(b.Param("v", nil, 3), 0) }, "at least two axes"},
		{"weight norm", "two in one scope", x, func(b *B, in []*N) {
			b.WeightNorm(b.Param("v", nil, 3, 4), 1)
			b.WeightNorm(b.Param("w", nil, 3, 5), 1)
		}, "asked for as [5]"},
		{"spectral norm", "a vector", shapes(graph.Shape{3}), func(b *B, in []*N) { b.SpectralNorm(in[0]) }, "w is [3], want at least two axes"},
		{"spectral norm", "nil", x, func(b *B, in []*N) { b.SpectralNorm(nil) }, "w is nil"},
		{"spectral norm", "two in one scope", x, func(b *B, in []*N) {
			b.SpectralNorm(b.Param("v", nil, 3, 4))
			b.SpectralNorm(b.Param("w", nil, 3, 5))
		}, "updated twice"},
	}
}
