package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// TestASumOfPaddedArraysIsTheSame after they are joined, whatever overlaps, is padded
// along another axis or along several, or leaves gaps.
func TestASumOfPaddedArraysIsTheSame(t *testing.T) {
	sum := func(n int) lower.Expr {
		e := lower.Arg(0)
		for i := 1; i < n; i++ {
			e = e.Add(lower.Arg(i))
		}
		return e
	}
	type pad struct {
		shape         lower.Shape
		before, after []int
	}
	for name, c := range map[string]struct {
		pads    []pad
		concats int
	}{
		"in order":            {[]pad{{lower.Shape{2, 5}, []int{0, 0}, []int{4, 0}}, {lower.Shape{4, 5}, []int{2, 0}, []int{0, 0}}}, 1},
		"backwards, with gap": {[]pad{{lower.Shape{1, 5}, []int{4, 0}, []int{1, 0}}, {lower.Shape{2, 5}, []int{1, 0}, []int{3, 0}}}, 1},
		"overlapping":         {[]pad{{lower.Shape{3, 5}, []int{0, 0}, []int{3, 0}}, {lower.Shape{4, 5}, []int{2, 0}, []int{0, 0}}}, 0},
		"one of three overlaps": {[]pad{{lower.Shape{3, 5}, []int{0, 0}, []int{3, 0}}, {lower.Shape{4, 5}, []int{2, 0}, []int{0, 0}},
			{lower.Shape{1, 5}, []int{5, 0}, []int{0, 0}}}, 1},
		"another axis":   {[]pad{{lower.Shape{6, 2}, []int{0, 3}, []int{0, 0}}, {lower.Shape{6, 3}, []int{0, 0}, []int{0, 2}}}, 1},
		"two axes":       {[]pad{{lower.Shape{3, 5}, []int{0, 0}, []int{3, 0}}, {lower.Shape{6, 2}, []int{0, 3}, []int{0, 0}}}, 0},
		"along both":     {[]pad{{lower.Shape{3, 2}, []int{0, 0}, []int{3, 3}}, {lower.Shape{3, 5}, []int{3, 0}, []int{0, 0}}}, 0},
		"nothing padded": {[]pad{{lower.Shape{6, 5}, []int{0, 0}, []int{0, 0}}, {lower.Shape{6, 5}, []int{0, 0}, []int{0, 0}}}, 0},
	} {
		shapes := []lower.Shape{{6, 5}}
		for _, p := range c.pads {
			shapes = append(shapes, p.shape)
		}
		f := lower.NewFunc(shapes...)
		terms := []lower.Value{}
		for i, p := range c.pads {
			terms = append(terms, f.Pad(f.In(i+1), p.before, p.after))
		}
		f.Return(f.Map(sum(len(terms)), terms...), f.Map(sum(len(terms)+1), append(terms, f.In(0))...))
		joined, err := joinPads(f)
		require.NoError(t, err)
		concats := 0
		for _, s := range joined.Steps() {
			if _, ok := s.Prim.(lower.Concat); ok {
				concats++
			}
		}
		require.Equal(t, 2*c.concats, concats, name)
		var in []lower.Array[float64]
		for k, s := range shapes {
			x := lower.NewArray[float64](s)
			for i := range x.Data {
				x.Data[i] = float64(1 + i + 100*k)
			}
			in = append(in, x)
		}
		want, err := interp.Run(f, in...)
		require.NoError(t, err)
		got, err := interp.Run(joined, in...)
		require.NoError(t, err)
		for i := range want {
			require.Equal(t, want[i].Elements(), got[i].Elements(), name)
		}
	}
}

// TestAChainOfSumsIsOneSum: Gorgonia adds up gradients two at a time. An array that
// something else reads too ends the chain.
func TestAChainOfSumsIsOneSum(t *testing.T) {
	for _, c := range []struct {
		read    bool // the second partial sum is a result too
		concats int
	}{{false, 1}, {true, 2}} {
		f := lower.NewFunc(lower.Shape{4, 3}, lower.Shape{1, 3}, lower.Shape{1, 3}, lower.Shape{1, 3}, lower.Shape{1, 3})
		sum, partial := f.In(0), lower.Value(0)
		for i := range 4 {
			sum = f.Map(lower.Arg(0).Add(lower.Arg(1)), sum, f.Pad(f.In(i+1), []int{i, 0}, []int{3 - i, 0}))
			if i == 1 {
				partial = sum
			}
		}
		f.Return(sum)
		if c.read {
			f.Return(sum, partial)
		}
		joined, err := joinPads(f)
		require.NoError(t, err)
		joined, err = dropDead(joined)
		require.NoError(t, err)
		require.NoError(t, joined.Err())
		concats, addings := 0, 0
		for _, s := range joined.Steps() {
			switch s.Prim.(type) {
			case lower.Concat:
				concats++
			case lower.Map:
				addings++
			}
		}
		require.Equal(t, c.concats, concats, "%v", joined)
		require.LessOrEqual(t, addings, 1+concats, "%v", joined)
		var in []lower.Array[float64]
		for k := range f.Inputs() {
			x := lower.NewArray[float64](f.Shape(lower.Value(k)))
			for i := range x.Data {
				x.Data[i] = float64(1 + i + 100*k)
			}
			in = append(in, x)
		}
		want, err := interp.Run(f, in...)
		require.NoError(t, err)
		got, err := interp.Run(joined, in...)
		require.NoError(t, err)
		for i := range want {
			require.Equal(t, want[i].Elements(), got[i].Elements())
		}
	}
}

// unrolled is a plain recurrence written step by step over slices of its input.
func unrolled(t *testing.T, steps int) *Plan {
	const n, features, units = 16, 8, 32
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	x := b.Input("x", n, steps, features)
	projected := b.Reshape(b.MatMul(b.Reshape(x, n*steps, features), b.Param("wx", nil, features, units)), n, steps, units)
	w := b.Param("wh", nil, units, units)
	h := b.Constant(make([]float64, n*units), n, units)
	for k := range steps {
		h = b.Tanh(b.Add(b.MatMul(h, w), b.Reshape(b.Slice(projected, 1, k, k+1), n, units)))
	}
	b.Output("gradient", b.Grad(b.Sum(b.Square(h)), b.Node(b.Params().Get("wx")))[0])
	program, err := b.Program()
	require.NoError(t, err)
	p, err := Make(SourceOf(program), Target{})
	require.NoError(t, err)
	return p
}

// TestAnUnrolledRecurrenceGrowsWithItsSteps, not with their square.
func TestAnUnrolledRecurrenceGrowsWithItsSteps(t *testing.T) {
	short, long := unrolled(t, 28), unrolled(t, 112)
	require.Less(t, long.Arena, 5*short.Arena, "of 4 times the steps")
	require.Less(t, len(long.Steps), 5*len(short.Steps))
}
