package optest

import "github.com/stheno-ml/stheno/graph"

func reduceCases() []Case {
	s4 := graph.Shape{2, 3, 4, 2}
	sum := func(axes ...int) func(*graph.Builder, []*graph.Node) []*graph.Node {
		return one(func(b *graph.Builder, x *graph.Node) *graph.Node { return b.SumKeep(x, axes...) })
	}
	most := func(axes ...int) func(*graph.Builder, []*graph.Node) []*graph.Node {
		return one(func(b *graph.Builder, x *graph.Node) *graph.Node { return b.MaxKeep(x, axes...) })
	}
	return []Case{
		{Op: "sum", Name: "all axes", In: shapes(s4), Build: sum()},
		{Op: "sum", Name: "first axis", In: shapes(s4), Build: sum(0)},
		{Op: "sum", Name: "second axis of four", In: shapes(s4), Build: sum(1)},
		{Op: "sum", Name: "third axis of four", In: shapes(s4), Build: sum(2)},
		{Op: "sum", Name: "last axis", In: shapes(s4), Build: sum(3)},
		{Op: "sum", Name: "batch and space", In: shapes(s4), Build: sum(0, 2, 3)},
		{Op: "sum", Name: "axes out of order", In: shapes(s4), Build: sum(3, 1)},
		{Op: "sum", Name: "vector", In: shapes(graph.Shape{5}), Build: sum(0)},
		{Op: "sum", Name: "dropped axes", In: shapes(s4), Build: one(func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Sum(x, 1, 3) })},
		{Op: "sum", Name: "mean", In: shapes(s4), Build: one(func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Mean(x, 2) })},
		{Op: "max", Name: "all axes", In: shapes(s4), Build: most()},
		{Op: "max", Name: "middle axes", In: shapes(s4), Build: most(1, 2)},
		{Op: "max", Name: "dropped axis", In: shapes(s4), Build: one(func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Max(x, 3) })},
	}
}

func viewCases() []Case {
	s := graph.Shape{2, 3, 4}
	view := func(op, name string, f func(b *graph.Builder, x *graph.Node) *graph.Node) Case {
		return Case{Op: op, Name: name, In: shapes(s), Build: one(f)}
	}
	type B = graph.Builder
	type N = graph.Node
	return []Case{
		view("reshape", "to matrix", func(b *B, x *N) *N { return b.Reshape(x, 6, 4) }),
		view("reshape", "free extent", func(b *B, x *N) *N { return b.Reshape(x, -1, 2) }),
		view("reshape", "flatten", func(b *B, x *N) *N { return b.Flatten(x) }),
		view("reshape", "of a transpose", func(b *B, x *N) *N { return b.Reshape(b.Transpose(x, 2, 0, 1), 8, 3) }),
		{Op: "reshape", Name: "scalar to vector", In: shapes(graph.Shape{}), Build: one(func(b *B, x *N) *N { return b.Reshape(x, 1) })},
		{Op: "broadcast", Name: "repeat vector", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N { return b.RepeatVector(x, 4) })},
		{Op: "broadcast", Name: "scalar to matrix", In: shapes(graph.Shape{}), Build: one(func(b *B, x *N) *N { return b.BroadcastTo(x, 2, 3) })},
		{Op: "broadcast", Name: "outer and inner axes", In: shapes(graph.Shape{1, 3, 1}), Build: one(func(b *B, x *N) *N { return b.BroadcastTo(x, 2, 4, 3, 2) })},
		view("transpose", "rotate", func(b *B, x *N) *N { return b.Transpose(x, 2, 0, 1) }),
		view("transpose", "identity", func(b *B, x *N) *N { return b.Transpose(x, 0, 1, 2) }),
		view("slice", "first axis", func(b *B, x *N) *N { return b.Slice(x, 0, 1, 2) }),
		view("slice", "middle axis", func(b *B, x *N) *N { return b.Slice(x, 1, 0, 2) }),
		view("slice", "steps of two", func(b *B, x *N) *N { return b.SliceStep(x, 2, 1, 4, 2) }),
		view("slice", "step past the end", func(b *B, x *N) *N { return b.SliceStep(x, 2, 0, 4, 3) }),
		{Op: "unslice", Name: "gradient of a stepped slice", In: shapes(graph.Shape{2, 7}), Build: one(func(b *B, x *N) *N {
			return b.Grad(b.Sum(b.Mul(b.Square(b.SliceStep(x, 1, 1, 7, 2)), b.SliceStep(x, 1, 0, 6, 2))), x)[0]
		})},
		{Op: "unslice", Name: "gradient of a slice of rows", In: shapes(graph.Shape{5, 2}), Build: one(func(b *B, x *N) *N {
			return b.Grad(b.Sum(b.Square(b.Slice(x, 0, 1, 4))), x)[0]
		})},
		{Op: "concat", Name: "middle axis", In: shapes(graph.Shape{2, 1, 2}, graph.Shape{2, 3, 2}, graph.Shape{2, 2, 2}),
			Build: func(b *B, in []*N) []*N { return []*N{b.Concat(1, in...)} }},
		{Op: "concat", Name: "first axis", In: shapes(graph.Shape{1, 2}, graph.Shape{3, 2}), Build: func(b *B, in []*N) []*N { return []*N{b.Concat(0, in...)} }},
		{Op: "concat", Name: "last axis", In: shapes(graph.Shape{2, 1}, graph.Shape{2, 2}), Build: func(b *B, in []*N) []*N { return []*N{b.Concat(1, in...)} }},
		{Op: "concat", Name: "one operand", In: shapes(graph.Shape{2, 2}), Build: func(b *B, in []*N) []*N { return []*N{b.Concat(1, in...)} }},
		{Op: "split", Name: "last axis", In: shapes(graph.Shape{2, 6}), Build: func(b *B, in []*N) []*N { return b.Split(in[0], 1, 3) }},
		{Op: "split", Name: "a part that is not read", In: shapes(graph.Shape{4, 3}), Build: one(func(b *B, x *N) *N { return b.Square(b.Split(x, 0, 2)[1]) })},
		{Op: "split", Name: "one part", In: shapes(graph.Shape{4, 3}), Build: one(func(b *B, x *N) *N { return b.Square(b.Split(x, 0, 1)[0]) })},
		{Op: "unpack", Name: "both results", In: shapes(graph.Shape{2, 3}), Build: func(b *B, in []*N) []*N { return split().ApplyAll(b, struct{}{}, in[0]) }},
		{Op: "unpack", Name: "second result alone", In: shapes(graph.Shape{2, 3}), Build: func(b *B, in []*N) []*N { return split().ApplyAll(b, struct{}{}, in[0])[1:] }},
		{Op: "repack", Name: "gradient by Gorgonia's own sweep", In: shapes(graph.Shape{2, 3}), Build: repacked},
	}
}

func viewWrongs() []Wrong {
	s := shapes(graph.Shape{2, 3, 4})
	type B = graph.Builder
	type N = graph.Node
	return []Wrong{
		{"reshape", "other size", s, func(b *B, in []*N) { b.Reshape(in[0], 5, 5) }, "24 elements"},
		{"reshape", "no integer fits", s, func(b *B, in []*N) { b.Reshape(in[0], 5, -1) }, "24 elements"},
		{"reshape", "zero extent", s, func(b *B, in []*N) { b.Reshape(in[0], 0, 24) }, "extent 0"},
		{"transpose", "too few axes", s, func(b *B, in []*N) { b.Transpose(in[0], 1, 0) }, "not of 3 axes"},
		{"transpose", "an axis twice", s, func(b *B, in []*N) { b.Transpose(in[0], 1, 1, 0) }, "axis 1 twice"},
		{"slice", "past the end", s, func(b *B, in []*N) { b.Slice(in[0], 1, 2, 5) }, "does not fit extent 3"},
		{"slice", "empty", s, func(b *B, in []*N) { b.Slice(in[0], 1, 2, 2) }, "2:2:1"},
		{"slice", "axis outside", s, func(b *B, in []*N) { b.Slice(in[0], 3, 0, 1) }, "axis 3 is outside"},
		{"broadcast", "to smaller", s, func(b *B, in []*N) { b.BroadcastTo(in[0], 2, 3, 1) }, "does not broadcast to"},
		{"concat", "mismatched", shapes(graph.Shape{2, 3}, graph.Shape{3, 3}), func(b *B, in []*N) { b.Concat(1, in...) }, "differ at axis 0"},
		{"concat", "ranks differ", shapes(graph.Shape{2, 3}, graph.Shape{3}), func(b *B, in []*N) { b.Concat(1, in...) }, "differ in rank"},
		{"split", "parts that do not divide", s, func(b *B, in []*N) { _ = b.Split(in[0], 2, 3)[2] }, "3 parts of axis 2 of [2 3 4]"},
		{"split", "no parts", s, func(b *B, in []*N) { b.Split(in[0], 1, 0) }, "0 parts of axis 1"},
		{"split", "parts without end", s, func(b *B, in []*N) { b.Split(in[0], 1, 1<<40) }, "at most 2^20"},
		{"split", "axis", s, func(b *B, in []*N) { b.Split(in[0], 3, 2) }, "axis 3 is outside"},
		{"concat", "nothing", nil, func(b *B, in []*N) { b.Concat(0) }, "at least one operand"},
		{"sum", "axis outside", s, func(b *B, in []*N) { b.Sum(in[0], 3) }, "axis 3 is outside"},
		{"sum", "an axis twice", s, func(b *B, in []*N) { b.Sum(in[0], 1, 1) }, "axis 1 is given twice"},
		{"map", "no broadcast", shapes(graph.Shape{2, 3}, graph.Shape{2}), func(b *B, in []*N) { b.Add(in[0], in[1]) }, "do not broadcast"},
		{"broadcast", "repeat vector of an image", s, func(b *B, in []*N) { b.RepeatVector(in[0], 3) }, "want x [N, D]"},
	}
}

func matmulCases() []Case {
	mm := two(func(b *graph.Builder, x, y *graph.Node) *graph.Node { return b.MatMul(x, y) })
	return []Case{
		{Op: "matmul", Name: "plain", In: shapes(graph.Shape{3, 4}, graph.Shape{4, 2}), Build: mm},
		{Op: "matmul", Name: "one row", In: shapes(graph.Shape{1, 5}, graph.Shape{5, 3}), Build: mm},
		{Op: "matmul", Name: "one column", In: shapes(graph.Shape{4, 5}, graph.Shape{5, 1}), Build: mm},
		{Op: "matmul", Name: "batched", In: shapes(graph.Shape{2, 2, 3, 4}, graph.Shape{2, 2, 4, 2}), Build: mm},
		{Op: "matmul", Name: "transposed operands", In: shapes(graph.Shape{4, 3}, graph.Shape{2, 4}),
			Build: two(func(b *graph.Builder, x, y *graph.Node) *graph.Node {
				return b.MatMul(b.Transpose(x, 1, 0), b.Transpose(y, 1, 0))
			})},
		// Its gradient is that of the smaller cases, and slow to check.
		{Op: "matmul", Name: "larger than BLAS's block", In: shapes(graph.Shape{3, 70}, graph.Shape{70, 66}), Build: mm, NoGrad: []int{0, 1}},
	}
}

func matmulWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	return []Wrong{
		{"matmul", "inner extents", shapes(graph.Shape{2, 3}, graph.Shape{4, 2}), func(b *B, in []*N) { b.MatMul(in[0], in[1]) }, "3 and 4"},
		{"matmul", "a vector", shapes(graph.Shape{2, 3}, graph.Shape{3}), func(b *B, in []*N) { b.MatMul(in[0], in[1]) }, "same rank"},
		{"matmul", "batches differ", shapes(graph.Shape{2, 2, 3}, graph.Shape{3, 3, 2}), func(b *B, in []*N) { b.MatMul(in[0], in[1]) }, "leading axes"},
		{"matmul", "nil operand", shapes(graph.Shape{2, 3}), func(b *B, in []*N) { b.MatMul(in[0], nil) }, "operand 1 is nil"},
	}
}
