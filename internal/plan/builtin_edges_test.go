package plan

import (
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// TestComparisonsOfNaNAndInfinities requires Go's results for NaN, infinities and
// zeros, with and without a constant operand.
func TestComparisonsOfNaNAndInfinities(t *testing.T) {
	values := []float64{math.NaN(), math.Inf(-1), -math.MaxFloat64, -1, math.Copysign(0, -1), 0, 5e-324, 1, 2, 1e300, math.MaxFloat64, math.Inf(1)}
	compare := map[string]func(a, b float64) bool{
		"<":  func(a, b float64) bool { return a < b },
		">":  func(a, b float64) bool { return a > b },
		"<=": func(a, b float64) bool { return a <= b },
		">=": func(a, b float64) bool { return a >= b },
		"==": func(a, b float64) bool { return a == b },
		"!=": func(a, b float64) bool { return a != b },
	}
	for name, holds := range compare {
		for _, a := range values {
			for _, b := range values {
				want := 0.0
				if holds(a, b) {
					want = 1
				}
				e := binaries[name]
				require.Equal(t, want, e(lower.Arg(0), lower.Arg(1)).Eval(a, b), "%v %s %v", a, name, b)
				require.Equal(t, want, e(lower.Arg(0), lower.Num(b)).Eval(a), "%v %s constant %v", a, name, b)
				require.Equal(t, want, e(lower.Num(a), lower.Arg(0)).Eval(b), "constant %v %s %v", a, name, b)
			}
		}
	}
}

// TestPowersOfAnySign compares with math.Pow.
func TestPowersOfAnySign(t *testing.T) {
	for _, c := range []float64{0, 1, 2, 3, 7, 64, 65, 66, -1, -3, -65, 0.5, 2.5, -0.5, 1.0 / 3, -1.7} {
		for _, x := range []float64{-3, -1, 0, 0.3, 1, 2, 7, math.Inf(1), math.NaN()} {
			want, got := math.Pow(x, c), powerOf(lower.Arg(0), c).Eval(x)
			switch {
			case c < 0 && x == 0: // the infinity has the sign of the zero
				require.True(t, math.IsInf(got, 0), "%v^%v is %v", x, c, got)
			case c == 0 || math.IsNaN(want):
				require.True(t, got == want || math.IsNaN(want) && math.IsNaN(got), "%v^%v is %v, want %v", x, c, got, want)
			case math.IsInf(want, 0):
				require.Equal(t, want, got, "%v^%v", x, c)
			default:
				require.InEpsilon(t, want+1e-300, got+1e-300, 1e-12, "%v^%v", x, c)
			}
		}
	}
}

// TestUnrecognisedOpsSayWhy lists ops that are not recognised.
func TestUnrecognisedOpsSayWhy(t *testing.T) {
	tests := []struct {
		name, kind, why string
		build           func(p *program) *node
	}{
		{"one truth value", "elemBinOp", "only one type of floats", func(p *program) *node { return p.must(G.Lt(p.in(), p.in(), false)) }},
		{"other types", "dtConvOp", "is not recognised", func(p *program) *node {
			return p.must(G.ConvType(p.in(3), tensor.Float64, tensor.Int))
		}},
		{"sparsemax", "sparsemaxOp", "is not recognised", func(p *program) *node { return p.must(G.Sparsemax(p.in(2, 3))) }},
		{"windows of padding", "maxPoolOp", "all padding", func(p *program) *node {
			return p.must(G.MaxPool2D(p.in(1, 1, 3, 3), tensor.Shape{2, 2}, []int{2, 2}, []int{1, 1}))
		}},
		{"input", "", "not an op of Gorgonia's", func(p *program) *node { return p.in(3) }},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			p := newProgram(t, tensor.Float64)
			n := c.build(p)
			require.Equal(t, c.kind, KindOf(n.Op()))
			m, ok, err := loweringOf(n, p.inputs[:len(p.inputs):len(p.inputs)])
			require.NoError(t, err)
			require.False(t, ok)
			require.Nil(t, m.Func)
			require.Contains(t, m.Host, c.why)
		})
	}
}

// TestAnotherGorgoniaIsAnError reads fields that are missing or of another kind.
func TestAnotherGorgoniaIsAnError(t *testing.T) {
	for _, fields := range []any{struct{}{}, struct{ along string }{}} {
		s := &opContext{kind: "sumOp", fields: reflect.ValueOf(fields), in: []lower.Shape{{2}}, m: &Lowering{}}
		s.start()
		builtinReduce(s, lower.ReduceSum)
		require.ErrorContains(t, s.err, `sumOp has no field "along" as in version 0.9.18`)
	}
}

func TestConstantsReturnTheirOwnValues(t *testing.T) {
	table := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4}))
	m, ok, err := loweringOf(G.NewConstant(table), nil)
	require.NoError(t, err)
	require.True(t, ok)
	require.Same(t, table, m.Value)
	m, ok, err = loweringOf(G.NewConstant(float32(2)), nil)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, float32(2), m.Value.Data())
}

// TestBatchNormInEvaluation uses the running statistics and must not change them.
func TestBatchNormInEvaluation(t *testing.T) {
	for _, shape := range [][]int{{4, 3}, {2, 3, 4, 5}} {
		p := newProgram(t, tensor.Float64)
		p.options = []G.VMOpt{G.EvalMode()}
		one := append([]int{1, 3}, []int{1, 1}[:len(shape)-2]...)
		x := p.in(shape...)
		y, _, _, op, err := G.BatchNorm(x, p.in(one...), p.in(one...), 0.1, 1e-3)
		require.NoError(t, err)
		require.NoError(t, op.SetStats(
			tensor.New(tensor.WithBacking([]float64{1, 2, 3})),
			tensor.New(tensor.WithBacking([]float64{4, 5, 6}))))
		p.grad(y, x)
		_, training := p.lowering("BatchNormOp")
		o := p.compare()
		require.Empty(t, o.hosts)
		require.True(t, training.Stale(), "EvalMode switched it")
		if len(shape) == 2 {
			require.Empty(t, o.faults)
			require.Positive(t, o.compared["batchnormDiffOp"])
		} else {
			require.Len(t, o.faults, 1)
		}
		require.Positive(t, o.compared["BatchNormOp"])
		_, m := p.lowering("BatchNormOp")
		require.Len(t, m.State, 2)
		require.False(t, m.State[0].Next || m.State[1].Next)
	}
}

// TestUnfoldIsDeclared checks the geometry that im2col and col2im declare for
// matching.
func TestUnfoldIsDeclared(t *testing.T) {
	p := newProgram(t, tensor.Float64)
	p.grad(p.must(G.Im2Col(p.in(1, 2, 6, 7), []int{3, 2}, []int{1, 0}, []int{2, 1}, []int{1, 2})))
	want := Unfold{
		Geometry: lower.Geometry{Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Pad: lower.Margins{Top: 1, Bottom: 1}},
		Kernel:   [2]int{3, 2},
		Image:    [2]int{6, 7},
	}
	_, m := p.lowering("im2colOp")
	require.Equal(t, want, *m.Unfold)
	want.Fold = true
	_, m = p.lowering("col2imOp")
	require.Equal(t, want, *m.Unfold)
}
