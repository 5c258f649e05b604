package optest

import (
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// steps fills operand 0 with distinct multiples of 1/64 in a scrambled order, so that
// no two elements are close. Later operands are small random numbers.
func steps(r *rand.Rand, k, i int) float64 {
	if k > 0 {
		return r.Float64() - 0.5
	}
	return float64((i*37)%101-50)/64 + float64(i/101)/8192
}

// ties fills operands with few distinct values, so that most windows have several
// equal maxima.
func ties(r *rand.Rand, k, i int) float64 { return float64(r.IntN(3)) }

// specials fills operands with NaN, infinities and a few numbers.
func specials(r *rand.Rand, k, i int) float64 {
	return []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1, 2, math.Inf(-1)}[r.IntN(6)]
}

// poolUse is a use of a pooling.
type poolUse struct {
	name string
	x    graph.Shape
	g    graph.PoolGeometry
}

func poolUses() []poolUse {
	type G = graph.PoolGeometry
	type P = graph.Pair
	type S = graph.Shape
	return []poolUse{
		{"halves", S{2, 2, 4, 6}, G{Size: P{2}}},
		{"odd sizes left over", S{1, 2, 5, 7}, G{Size: P{2}}},
		{"same, odd sizes", S{2, 1, 5, 3}, G{Size: P{2}, Padding: graph.Same}},
		{"same, overlapping", S{1, 2, 4, 5}, G{Size: P{3}, Stride: P{1}, Padding: graph.Same}},
		{"overlapping", S{1, 2, 5, 6}, G{Size: P{3, 2}, Stride: P{2, 1}}},
		{"gaps", S{1, 1, 7, 5}, G{Size: P{2}, Stride: P{3, 2}}},
		{"four margins", S{1, 2, 3, 4}, G{Size: P{3, 4}, Stride: P{1, 2}, Margins: around(0, 2, 1, 3)}},
		{"window of the image", S{2, 1, 3, 2}, G{Size: P{3, 2}}},
		{"one pixel", S{2, 2, 1, 1}, G{Size: P{1}}},
		{"one pixel, same", S{1, 1, 1, 1}, G{Size: P{2}, Padding: graph.Same}},
		{"one row", S{1, 2, 1, 6}, G{Size: P{1, 2}}},
	}
}

func poolCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	var cases []Case
	for _, u := range poolUses() {
		pooled := u.g
		pooled.CountPad = true
		most := func(b *B, x *N) *N { return b.MaxPool2D(x, u.g) }
		mean := func(b *B, x *N) *N { return b.AvgPool2D(x, u.g) }
		down := func(b *B, x, h *N) *N { // the gradient of max pooling for a result gradient computed from h
			return b.Grad(b.Sum(b.Mul(most(b, x), b.AvgPool2D(h, u.g))), x)[0]
		}
		up := func(b *B, x, h *N) *N { // the derivative of that gradient with respect to the result gradient
			k := mean(b, h)
			return b.Grad(b.Sum(b.Mul(b.Grad(b.Sum(b.Mul(most(b, x), k)), x)[0], h)), k)[0]
		}
		cases = append(cases,
			Case{Op: "max_pool", Name: u.name, In: shapes(u.x), Fill: steps, Build: one(most)},
			Case{Op: "max_pool_grad", Name: u.name, In: shapes(u.x, u.x), Fill: steps, NoGrad: []int{0}, Build: two(down)},
			Case{Op: "max_pool_at", Name: u.name, In: shapes(u.x, u.x), Fill: steps, NoGrad: []int{0}, Build: two(up)},
			Case{Op: "avg_pool", Name: u.name, In: shapes(u.x), Build: one(mean)},
			Case{Op: "avg_pool", Name: u.name + ", padding counted", In: shapes(u.x), Build: one(func(b *B, x *N) *N { return b.AvgPool2D(x, pooled) })},
			Case{Op: "avg_pool_grad", Name: u.name, In: shapes(u.x), Build: one(func(b *B, x *N) *N {
				return b.Grad(b.Sum(b.Square(mean(b, x))), x)[0]
			})},
			Case{Op: "avg_pool_grad", Name: u.name + ", padding counted", In: shapes(u.x), Build: one(func(b *B, x *N) *N {
				return b.Grad(b.Sum(b.Square(b.AvgPool2D(x, pooled))), x)[0]
			})},
		)
	}
	two2 := graph.PoolGeometry{Size: graph.Pair{2}}
	slope := one(func(b *B, x *N) *N { return b.Grad(b.Sum(b.MaxPool2D(x, two2)), x)[0] })
	over := one(func(b *B, x *N) *N {
		return b.Grad(b.Sum(b.MaxPool2D(x, graph.PoolGeometry{Size: graph.Pair{3}, Stride: graph.Pair{1}, Padding: graph.Same})), x)[0]
	})
	return append(cases,
		Case{Op: "max_pool", Name: "not a number", In: shapes(graph.Shape{1, 2, 6, 6}), Fill: specials, NoGrad: []int{0}, Build: one(func(b *B, x *N) *N { return b.MaxPool2D(x, two2) })},
		Case{Op: "max_pool_grad", Name: "not a number", In: shapes(graph.Shape{1, 2, 6, 6}), Fill: specials, NoGrad: []int{0}, Build: slope},
		Case{Op: "max_pool_grad", Name: "first of equals", In: shapes(graph.Shape{1, 2, 6, 6}), Fill: ties, NoGrad: []int{0}, Build: slope},
		Case{Op: "max_pool_grad", Name: "first of equals, overlapping", In: shapes(graph.Shape{1, 2, 5, 4}), Fill: ties, NoGrad: []int{0}, Build: over},
		Case{Op: "max_pool_grad", Name: "not a number, overlapping", In: shapes(graph.Shape{1, 2, 5, 4}), Fill: specials, NoGrad: []int{0}, Build: over},
	)
}

func upsampleCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	up := func(x graph.Shape, name string, f graph.Pair) []Case {
		return []Case{
			{Op: "upsample", Name: name, In: shapes(x), Build: one(func(b *B, x *N) *N { return b.Upsample2D(x, f) })},
			{Op: "upsample_grad", Name: name, In: shapes(x), Build: one(func(b *B, x *N) *N {
				return b.Grad(b.Sum(b.Square(b.Upsample2D(x, f))), x)[0]
			})},
		}
	}
	var cases []Case
	cases = append(cases, up(graph.Shape{2, 2, 2, 3}, "doubled", graph.Pair{2})...)
	cases = append(cases, up(graph.Shape{1, 2, 2, 3}, "factors differ", graph.Pair{3, 2})...)
	cases = append(cases, up(graph.Shape{1, 1, 3, 2}, "rows only", graph.Pair{2, 1})...)
	cases = append(cases, up(graph.Shape{2, 1, 2, 2}, "by one", graph.Pair{1})...)
	cases = append(cases, up(graph.Shape{1, 3, 1, 1}, "one pixel", graph.Pair{4, 5})...)
	return cases
}

func poolWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	type P = graph.Pair
	type G = graph.PoolGeometry
	x := graph.Shape{2, 3, 4, 5}
	most := func(name string, g G, want string) Wrong {
		return Wrong{"max_pool", name, shapes(x), func(b *B, in []*N) { b.MaxPool2D(in[0], g) }, want}
	}
	return []Wrong{
		most("larger than the image", G{Size: P{5}}, "the window [5 5] is larger than the image [4 5]"),
		most("wider than the image", G{Size: P{2, 6}}, "larger than the image"),
		most("no size", G{}, "want at least 1"),
		most("negative size", G{Size: P{2, -2}}, "want at least 1"),
		most("negative stride", G{Size: P{2}, Stride: P{-1}}, "stride -1"),
		most("zero stride along the rows", G{Size: P{2}, Stride: P{0, 1}}, "stride 0 along the rows"),
		most("negative padding", G{Size: P{2}, Margins: graph.Margins{Left: -1}}, "padding -1"),
		most("padding of the window", G{Size: P{2}, Margins: graph.Margins{Bottom: 2}}, "below the window's size, 2"),
		most("margins with same padding", G{Size: P{2}, Padding: graph.Same, Margins: graph.Margins{Left: 1}}, "use Valid"),
		most("no such padding", G{Size: P{2}, Padding: 9}, "padding 9"),
		{"max_pool", "flat images", shapes(graph.Shape{2, 12}), func(b *B, in []*N) { graph.MaxPool2D{Size: P{2}}.Apply(b, in[0]) }, "want images"},
		{"max_pool", "nil images", shapes(x), func(b *B, in []*N) { b.MaxPool2D(nil, G{Size: P{2}}) }, "operand 0 is nil"},
		{"avg_pool", "larger than the image", shapes(x), func(b *B, in []*N) { graph.AvgPool2D{Size: P{5}}.Apply(b, in[0]) }, "larger than the image"},
		{"avg_pool", "flat images", shapes(graph.Shape{2, 12}), func(b *B, in []*N) { b.AvgPool2D(in[0], G{Size: P{2}}) }, "want images"},
		{"upsample", "no factor", shapes(x), func(b *B, in []*N) { graph.Upsample2D{}.Apply(b, in[0]) }, "factor 0"},
		{"upsample", "negative factor", shapes(x), func(b *B, in []*N) { b.Upsample2D(in[0], P{2, -1}) }, "factor -1"},
		{"upsample", "huge factor", shapes(x), func(b *B, in []*N) { b.Upsample2D(in[0], P{1 << 40}) }, "factor"},
		{"upsample", "huge result", shapes(x), func(b *B, in []*N) { b.Upsample2D(in[0], P{1 << 28}) }, "2^31"},
		{"upsample", "flat images", shapes(graph.Shape{2, 12}), func(b *B, in []*N) { b.Upsample2D(in[0], P{2}) }, "want images"},
	}
}
