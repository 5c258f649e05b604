package optest

import "github.com/stheno-ml/stheno/graph"

func softmaxCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	soft := func(axis int) func(*B, []*N) []*N {
		return one(func(b *B, x *N) *N { return b.Softmax(x, axis) })
	}
	logs := func(axis int) func(*B, []*N) []*N {
		return one(func(b *B, x *N) *N { return b.LogSoftmax(x, axis) })
	}
	s3 := graph.Shape{3, 4, 2}
	large := []float64{1000, 1, 2, 0, 1, 2}
	return []Case{
		{Op: "softmax", Name: "rows", In: shapes(graph.Shape{3, 5}), Build: soft(1)},
		{Op: "softmax", Name: "columns", In: shapes(graph.Shape{3, 5}), Build: soft(0)},
		{Op: "softmax", Name: "middle axis", In: shapes(s3), Build: soft(1)},
		{Op: "softmax", Name: "first axis of three", In: shapes(s3), Build: soft(0)},
		{Op: "softmax", Name: "vector", In: shapes(graph.Shape{7}), Build: soft(0)},
		{Op: "softmax", Name: "one element", In: shapes(graph.Shape{4, 1}), Build: soft(1)},
		{Op: "softmax", Name: "of a transpose", In: shapes(graph.Shape{3, 5}), Build: one(func(b *B, x *N) *N { return b.Softmax(b.Transpose(x, 1, 0), 1) })},
		{Op: "softmax", Name: "a large first element", In: shapes(graph.Shape{2, 3}), Fill: table(large), Build: soft(1)},
		{Op: "softmax", Name: "log of rows", In: shapes(graph.Shape{3, 5}), Build: logs(1)},
		{Op: "softmax", Name: "log of columns", In: shapes(graph.Shape{3, 5}), Build: logs(0)},
		{Op: "softmax", Name: "log along the middle axis", In: shapes(s3), Build: logs(1)},
		{Op: "softmax", Name: "log of one element", In: shapes(graph.Shape{4, 1}), Build: logs(1)},
		{Op: "softmax", Name: "log of a large first element", In: shapes(graph.Shape{2, 3}), Fill: table(large), Build: logs(1)},
		{Op: "softmax", Name: "both of one operand", In: shapes(graph.Shape{2, 3}),
			Build: func(b *B, in []*N) []*N { return []*N{b.Softmax(in[0], 1), b.LogSoftmax(in[0], 1)} }},
		{Op: "softmax", Name: "gradient", In: shapes(graph.Shape{2, 4}), Build: one(func(b *B, x *N) *N {
			return b.Grad(b.Sum(b.Mul(b.Softmax(x, 1), b.Square(x))), x)[0]
		})},
		{Op: "softmax", Name: "gradient of log", In: shapes(graph.Shape{2, 4}), Build: one(func(b *B, x *N) *N {
			return b.Grad(b.Sum(b.Mul(b.LogSoftmax(x, 0), b.Square(x))), x)[0]
		})},
	}
}

func softmaxWrongs() []Wrong {
	s := shapes(graph.Shape{2, 3})
	type B = graph.Builder
	type N = graph.Node
	return []Wrong{
		{"softmax", "axis outside", s, func(b *B, in []*N) { b.Softmax(in[0], 2) }, "axis 2 is outside"},
		{"softmax", "negative axis", s, func(b *B, in []*N) { b.LogSoftmax(in[0], -1) }, "axis -1 is outside"},
		{"softmax", "scalar", shapes(graph.Shape{}), func(b *B, in []*N) { b.Softmax(in[0], 0) }, "axis 0 is outside"},
	}
}
