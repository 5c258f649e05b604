package optest

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// wide draws from both sides of 0, up to where exponentials are large.
func wide(r *rand.Rand, _, i int) float64 {
	v := 0.05 + 12*r.Float64()
	if i%2 == 0 {
		return -v
	}
	return v
}

func activationCases() []Case {
	of := func(name string, f func(b *graph.Builder, x *graph.Node) *graph.Node) Case {
		return Case{Op: "map", Name: name, In: shapes(graph.Shape{3, 7}), Fill: wide, Build: one(f)}
	}
	type B = graph.Builder
	type N = graph.Node
	second := func(name string, f func(b *graph.Builder, x *graph.Node) *graph.Node) Case {
		return of("gradient of "+name, func(b *B, x *N) *N { return b.Grad(b.Sum(b.Mul(f(b, x), x)), x)[0] })
	}
	return []Case{
		of("relu", (*B).Relu),
		of("leaky relu", func(b *B, x *N) *N { return b.LeakyRelu(x, 0.2) }),
		of("elu", func(b *B, x *N) *N { return b.Elu(x, 0.7) }),
		of("gelu", (*B).Gelu),
		of("silu", (*B).Silu),
		of("logistic", (*B).Sigmoid),
		of("tanh layer", (*B).Tanh),
		of("softplus layer", (*B).Softplus),
		of("activation by name", func(b *B, x *N) *N { return b.Activate("leaky_relu", x) }),
		second("relu", (*B).Relu),
		second("leaky relu", func(b *B, x *N) *N { return b.LeakyRelu(x, 0.2) }),
		second("elu", func(b *B, x *N) *N { return b.Elu(x, 0.7) }),
		second("gelu", (*B).Gelu),
		second("silu", (*B).Silu),
		second("softplus", (*B).Softplus),
	}
}

func activationWrongs() []Wrong {
	return []Wrong{
		{"map", "unknown activation", shapes(graph.Shape{2}), func(b *graph.Builder, in []*graph.Node) { b.Activate("rellu", in[0]) },
			`"rellu" is unknown: want one of linear, relu, leaky_relu, elu, gelu, silu, sigmoid, tanh, softplus`},
	}
}
