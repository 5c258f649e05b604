package code

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// calls are all functions of the expression language, applied to the arguments
// 0 to 2.
var calls = map[lower.Fn]lower.Expr{
	lower.FnArg:      lower.Arg(0),
	lower.FnNum:      lower.Num(-1.5),
	lower.FnAdd:      lower.Arg(0).Add(lower.Arg(1)),
	lower.FnSub:      lower.Arg(0).Sub(lower.Arg(1)),
	lower.FnMul:      lower.Arg(0).Mul(lower.Arg(1)),
	lower.FnDiv:      lower.Arg(0).Div(lower.Arg(1)),
	lower.FnMin:      lower.Min(lower.Arg(0), lower.Arg(1)),
	lower.FnMax:      lower.Max(lower.Arg(0), lower.Arg(1)),
	lower.FnLess:     lower.Arg(0).Less(lower.Arg(1)),
	lower.FnWhere:    lower.Where(lower.Arg(0), lower.Arg(1), lower.Arg(2)),
	lower.FnNeg:      lower.Arg(0).Neg(),
	lower.FnAbs:      lower.Abs(lower.Arg(0)),
	lower.FnSqrt:     lower.Sqrt(lower.Arg(0)),
	lower.FnExp:      lower.Exp(lower.Arg(0)),
	lower.FnExpm1:    lower.Expm1(lower.Arg(0)),
	lower.FnLog:      lower.Log(lower.Arg(0)),
	lower.FnLog1p:    lower.Log1p(lower.Arg(0)),
	lower.FnTanh:     lower.Tanh(lower.Arg(0)),
	lower.FnSigmoid:  lower.Sigmoid(lower.Arg(0)),
	lower.FnSoftplus: lower.Softplus(lower.Arg(0)),
	lower.FnErf:      lower.Erf(lower.Arg(0)),
	lower.FnSin:      lower.Sin(lower.Arg(0)),
	lower.FnCos:      lower.Cos(lower.Arg(0)),
	lower.FnFloor:    lower.Floor(lower.Arg(0)),
	lower.FnPow:      lower.Pow(lower.Arg(0), lower.Arg(1)),
}

// TestEveryFunctionAtEveryKindOfNumber compares each function with its
// definition, value by value, within a few units in the last place.
func TestEveryFunctionAtEveryKindOfNumber(t *testing.T) {
	require.Len(t, calls, lower.Fns)
	numbers := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, -2, 3, 1e-3, -1e-3, 1e-20, -1e-20, 7.25, -7.25, 20, -20, 87, -87, 1e4, -1e4, 1e30, -1e30,
		math.Inf(1), math.Inf(-1), math.NaN()}
	n := len(numbers)
	in := []lower.Array[float64]{lower.NewArray[float64](lower.Shape{n, n}), lower.NewArray[float64](lower.Shape{n, n}), lower.NewArray[float64](lower.Shape{n, n})}
	for i := range n {
		for k := range n {
			for a, v := range []float64{numbers[i], numbers[k], numbers[(i+k)%n]} {
				in[a].Set(float64(float32(v)), i, k)
			}
		}
	}
	f := lower.NewFunc(in[0].Shape, in[1].Shape, in[2].Shape)
	var out []lower.Value
	var fns []lower.Fn
	for fn := range lower.Fn(lower.Fns) {
		e := calls[fn]
		require.Equal(t, fn, e.Fn(), "the table has the wrong expression")
		out = append(out, f.Map(e, []lower.Value{f.In(0), f.In(1), f.In(2)}[:max(1, e.Args())]...))
		fns = append(fns, fn)
	}
	f.Return(out...)
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		ulp, least, largest := 0x1p-23, 0x1p-126, float64(math.MaxFloat32)
		if dtype == graph.Float64 {
			ulp, least, largest = 0x1p-52, 0x1p-1022, math.MaxFloat64
		}
		for k, got := range results(t, f, dtype, in, 0) {
			e := calls[fns[k]]
			for i, g := range got {
				want := e.Eval(in[0].Data[i], in[1].Data[i], in[2].Data[i])
				if math.Abs(want) > largest {
					want = math.Copysign(math.Inf(1), want)
				}
				if g == want || math.IsNaN(g) && math.IsNaN(want) {
					continue
				}
				if !(math.Abs(g-want) <= 8*ulp*math.Abs(want)+least) {
					require.Failf(t, "wrong", "%v: %v at %v %v %v is %v, want %v", dtype, e, in[0].Data[i], in[1].Data[i], in[2].Data[i], g, want)
				}
			}
		}
	}
}

// TestLayouts runs a map over operands of every layout.
func TestLayouts(t *testing.T) {
	f := lower.NewFunc(lower.Shape{5, 6, 7}, lower.Shape{7, 5, 6}, lower.Shape{7}, lower.Shape{6, 1}, lower.Shape{}, lower.Shape{10, 12, 14}, lower.Shape{1})
	x := f.In(0)
	reversed := f.Apply(lower.Flip{Axes: []int{0, 2}}, x)[0]
	flat := f.Reshape(x, 210)
	back := f.Apply(lower.Flip{Axes: []int{0}}, flat)[0]
	every := f.Slice(f.Slice(f.Slice(f.In(5), 0, 1, 10, 2), 1, 0, 12, 2), 2, 5, 12, 1)
	sum := lower.Arg(0).Add(lower.Arg(1).Mul(lower.Num(2)))
	f.Return(
		f.Map(sum, x, f.Transpose(f.In(1), 1, 2, 0)),
		f.Map(sum, x, f.In(2)),
		f.Map(sum, f.In(3), x),
		f.Map(sum, f.In(4), x),
		f.Map(sum, reversed, every),
		f.Map(sum, back, flat),
		f.Map(sum, f.Transpose(x, 2, 0, 1), f.Reshape(f.In(2), 7, 1, 1)),
		f.Transpose(x, 2, 1, 0),
		f.Map(sum, f.In(4), f.In(4)),
		f.Map(sum, f.In(6), f.In(4)),
		f.Reshape(f.Transpose(x, 1, 0, 2), 30, 7),
		f.Broadcast(f.In(3), 6, 4),
	)
	check(t, f, inputs(f, 1), 1e-6)
}

// TestReductions reduces shapes along every set of axes. Their lengths need
// lanes, blocks and chunks of all kinds.
func TestReductions(t *testing.T) {
	for _, shape := range []lower.Shape{
		{1}, {31}, {257}, {10000}, // one row
		{3, 5}, {40, 300}, {300, 40}, {2, 2000}, {5000, 2}, {1, 77},
		{4, 5, 6}, {7, 1, 33}, {20, 2, 300},
	} {
		t.Run(shape.String(), func(t *testing.T) {
			f := lower.NewFunc(shape, shape)
			var out []lower.Value
			for set := 1; set < 1<<len(shape); set++ {
				var axes []int
				for a := range shape {
					if set>>a&1 == 1 {
						axes = append(axes, a)
					}
				}
				y := f.Map(lower.Arg(0).Mul(lower.Arg(1)), f.In(0), f.In(1))
				out = append(out, f.Sum(y, axes...), f.Max(f.In(0), axes...))
			}
			f.Return(out...)
			check(t, f, inputs(f, 2), 1e-5)
		})
	}
}

// TestManyOutputs reduces along short axes, where a thread has outputs of its own.
func TestManyOutputs(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2, 2*fullOccupancy/2 + 3}, lower.Shape{fullOccupancy/2 + 5, 2})
	f.Return(f.Sum(f.In(0), 0), f.Max(f.In(1), 1))
	in := inputs(f, 8)
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	for i, got := range results(t, f, graph.Float32, in, 0) {
		same(t, want[i].Elements(), got, 1e-6, "result %d", i)
	}
}

// TestLoopsOfManyResults joins maps and reductions along different axes in one
// step.
func TestLoopsOfManyResults(t *testing.T) {
	for _, shape := range []lower.Shape{{30, 40}, {150, 70}, {1, 50}, {600, 7}, {20, 3, 25}} {
		t.Run(shape.String(), func(t *testing.T) {
			f := lower.NewFunc(shape, shape, shape[len(shape)-1:])
			y := f.Map(lower.Sigmoid(lower.Arg(0).Add(lower.Arg(1))), f.In(0), f.In(2))
			z := f.Map(lower.Arg(0).Mul(lower.Arg(1)), y, f.In(1))
			all := make([]int, len(shape))
			for a := range all {
				all[a] = a
			}
			f.Return(y, z, f.Sum(y, all...), f.Sum(z, all...), f.Sum(z, 0), f.Max(y, 0), f.Sum(y, len(shape)-1), f.Max(z, all...))
			check(t, f, inputs(f, 3), 1e-5)
		})
	}
}

func TestMaximaOfNaN(t *testing.T) {
	f := lower.NewFunc(lower.Shape{40, 50})
	f.Return(f.Max(f.In(0), 0), f.Max(f.In(0), 1), f.Max(f.In(0), 0, 1))
	in := inputs(f, 4)
	for k := range in[0].Data {
		in[0].Data[k] = math.Inf(-1)
	}
	in[0].Set(math.NaN(), 7, 9)
	in[0].Set(math.Inf(1), 7, 10)
	in[0].Set(3, 8, 9)
	check(t, f, in, 0)
}

// A sum of many float32s of one sign keeps its digits.
func TestLongSumsAreAccurate(t *testing.T) {
	f := lower.NewFunc(lower.Shape{100000})
	f.Return(f.Sum(f.In(0), 0))
	in := inputs(f, 5)
	for k := range in[0].Data {
		in[0].Data[k] = float64(float32(math.Abs(in[0].Data[k])))
	}
	check(t, f, in, 2e-7)
}

// TestGroups runs many small loops, of more operands than a kernel may have.
func TestGroups(t *testing.T) {
	var shapes []lower.Shape
	for i := range 150 {
		shapes = append(shapes, lower.Shape{1 + i*7%50, 1 + i%4})
	}
	f := lower.NewFunc(append(shapes, lower.Shape{})...)
	rate := f.In(150)
	var out []lower.Value
	for i, s := range shapes {
		x := f.In(i)
		y := f.Map(lower.Arg(0).Sub(lower.Arg(1).Mul(lower.Exp(lower.Arg(0)))), x, rate)
		out = append(out, y)
		if i%5 == 0 {
			out = append(out, f.Sum(f.Map(lower.Arg(0).Square(), x), 0, 1), f.Sum(y, i%2))
		}
		_ = s
	}
	f.Return(out...)
	_, p := programOf(t, f, graph.Float32)
	require.LessOrEqual(t, len(p.Calls), 4)
	for _, c := range p.Calls {
		require.LessOrEqual(t, len(c.Args), maxPointers)
	}
	check(t, f, inputs(f, 6), 1e-5)
}

// TestLargeLoops runs loops in which a thread computes several elements.
func TestLargeLoops(t *testing.T) {
	f := lower.NewFunc(lower.Shape{wideLoop + 77}, lower.Shape{}, lower.Shape{800, 700}, lower.Shape{700})
	f.Return(
		f.Map(lower.Arg(0).Mul(lower.Arg(1)), f.In(0), f.In(1)),
		f.Map(lower.Arg(0).Sub(lower.Arg(1)), f.Transpose(f.In(2), 1, 0), f.Reshape(f.In(3), 700, 1)),
	)
	in := inputs(f, 7)
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	for i, got := range results(t, f, graph.Float32, in, 0) {
		same(t, want[i].Elements(), got, 1e-6, "result %d", i)
	}
}

func TestConstants(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.1, 1.0 / 3, 1e-45, 1e-310, 3.4028234663852886e38, 1e300, 5e-324, 123456789, 1 << 24} {
		for _, double := range []bool{false, true} {
			s := number(v, double)
			var got float64
			_, err := fmt.Sscanf(s, "%g", &got)
			if s == "infinity()" {
				require.Greater(t, v, math.MaxFloat32)
				continue
			}
			if s[0] == '(' {
				_, err = fmt.Sscanf(s, "(%g", &got)
			}
			require.NoError(t, err)
			if double {
				require.Equal(t, v, got)
			} else {
				require.Equal(t, float32(v), float32(got))
				require.Contains(t, s, "f")
			}
			require.Regexp(t, `[.e]`, s, "would be an integer")
		}
	}
	require.Equal(t, "(-infinity())", number(math.Inf(-1), true))
	require.Equal(t, "not_a_number()", number(math.NaN(), false))
}

// TestSumsOfBlocksArePutTogetherAtOnce counts kernels: each step has one; one
// more combines the sums of blocks of all steps up to the first that reads such
// a sum, and one the sums after that.
func TestSumsOfBlocksArePutTogetherAtOnce(t *testing.T) {
	shapes := make([]lower.Shape, 6)
	for i := range shapes {
		shapes[i] = lower.Shape{9000 + i, 3}
	}
	f := lower.NewFunc(shapes...)
	var out []lower.Value
	for i := range shapes {
		out = append(out, f.Sum(f.In(i), 0))
	}
	scaled := f.Map(lower.Arg(0).Mul(lower.Arg(1)), f.In(0), out[2])
	f.Return(append(out, f.Sum(scaled, 0), f.Max(scaled, 0, 1))...)
	p, program := programOf(t, f, graph.Float32)
	require.Len(t, p.Steps, 7, p)
	require.Len(t, program.Calls, 7+2+1, program.Calls) // and one copies the results
	check(t, f, inputs(f, 9), 1e-5)
}
