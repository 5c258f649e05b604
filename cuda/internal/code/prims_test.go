package code

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

func TestSoftmax(t *testing.T) {
	for _, shape := range []lower.Shape{{7}, {1, 1}, {3, 10}, {5, 1, 4}, {4, 1000}, {2, 30, 3}, {600, 2}} {
		t.Run(shape.String(), func(t *testing.T) {
			f := lower.NewFunc(shape)
			var out []lower.Value
			for a := range shape {
				for _, log := range []bool{false, true} {
					out = append(out, f.Apply(lower.Softmax{Axis: a, Log: log}, f.In(0))[0])
				}
			}
			if len(shape) > 1 {
				back := f.Apply(lower.Flip{Axes: []int{0}}, f.Transpose(f.Reshape(f.In(0), shape[0], shape[1:].Size()), 1, 0))[0]
				out = append(out, f.Apply(lower.Softmax{Axis: 0}, back)[0], f.Apply(lower.Softmax{Axis: 1, Log: true}, back)[0])
			}
			f.Return(out...)
			check(t, f, inputs(f, 1), 1e-6)
		})
	}
}

func TestSoftmaxOfWhatIsNotFinite(t *testing.T) {
	f := lower.NewFunc(lower.Shape{5, 3})
	f.Return(f.Apply(lower.Softmax{Axis: 1}, f.In(0))[0], f.Apply(lower.Softmax{Axis: 1, Log: true}, f.In(0))[0])
	x := lower.ArrayOf([]float64{
		1, math.NaN(), 2,
		1, math.Inf(1), 2,
		math.Inf(-1), math.Inf(-1), math.Inf(-1),
		math.Inf(-1), 0, 1,
		1000, -1000, 999,
	}, lower.Shape{5, 3})
	check(t, f, []lower.Array[float64]{x}, 1e-6)
}

func TestConcatAndPad(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3, 4, 5}, lower.Shape{3, 2, 5}, lower.Shape{5, 3, 4}, lower.Shape{7}, lower.Shape{})
	turned := f.Transpose(f.In(2), 1, 2, 0)
	back := f.Apply(lower.Flip{Axes: []int{0}}, f.In(3))[0]
	f.Return(
		f.Concat(1, f.In(0), f.In(1), turned),
		f.Concat(0, f.In(0), turned, f.In(0)),
		f.Concat(2, turned, f.In(0)),
		f.Pad(f.In(0), []int{1, 0, 2}, []int{0, 3, 4}),
		f.Pad(turned, []int{0, 0, 0}, []int{0, 0, 1}),
		f.Pad(back, []int{2}, []int{3}),
		f.Pad(back, []int{0}, []int{0}),
		f.Pad(f.In(4), nil, nil),
	)
	check(t, f, inputs(f, 2), 0)
}

func TestMovingSlices(t *testing.T) {
	bounds := lower.Shape{4}
	f := lower.NewFunc(lower.Shape{3, 9, 5}, lower.Shape{3, 4, 5}, bounds, bounds, bounds)
	turned := f.Transpose(f.In(0), 2, 0, 1)
	small := f.Transpose(f.In(1), 2, 0, 1)
	var out []lower.Value
	for i := 2; i < 5; i++ {
		out = append(out,
			f.Apply(lower.SliceAt{Axis: 1, Count: 4}, f.In(0), f.In(i))[0],
			f.Apply(lower.SliceAt{Axis: 2, Count: 4}, turned, f.In(i))[0],
			f.Apply(lower.PlaceAt{Axis: 1, Extent: 9}, f.In(1), f.In(i))[0],
			f.Apply(lower.PlaceAt{Axis: 2, Extent: 9}, small, f.In(i))[0],
		)
	}
	f.Return(out...)
	in := inputs(f, 2)
	for i, at := range [][2]int{{0, 1}, {5, 1}, {2, 2}} {
		words := lower.SliceWords(at[0], at[1])
		copy(in[2+i].Data, words[:])
	}
	check(t, f, in, 0)
}

func TestRowsByIndices(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3, 9, 5}, lower.Shape{3, 6, 5}, lower.Shape{6})
	turned, small := f.Transpose(f.In(0), 2, 0, 1), f.Transpose(f.In(1), 2, 0, 1)
	f.Return(
		f.Apply(lower.Gather{Axis: 1}, f.In(0), f.In(2))[0],
		f.Apply(lower.Gather{Axis: 2}, turned, f.In(2))[0],
		f.Apply(lower.ScatterAdd{Axis: 1, Extent: 9}, f.In(1), f.In(2))[0],
		f.Apply(lower.ScatterAdd{Axis: 2, Extent: 9}, small, f.In(2))[0],
	)
	in := inputs(f, 2)
	copy(in[2].Data, []float64{3, 0, 8, 3, 9, -1}) // two of them out of range
	check(t, f, in, 1e-6)
}

func TestOrderAndNumbersAlongAnAxis(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3, 9, 5}, lower.Shape{3, 4, 5}, lower.Shape{3, 4, 5}, lower.Shape{300})
	perm := []int{2, 0, 1}
	big, small, numbers := f.Transpose(f.In(0), perm...), f.Transpose(f.In(1), perm...), f.Transpose(f.In(2), perm...)
	var out []lower.Value
	for _, x := range []struct {
		axis                int
		big, small, numbers lower.Value
	}{{1, f.In(0), f.In(1), f.In(2)}, {2, big, small, numbers}} {
		out = append(out,
			f.Apply(lower.TakeAlong{Axis: x.axis}, x.big, x.numbers)[0],
			f.Apply(lower.PutAlong{Axis: x.axis, Extent: 9}, x.small, x.numbers)[0],
			f.Apply(lower.CumSum{Axis: x.axis}, x.big)[0],
			f.Apply(lower.CumSum{Axis: x.axis, Reverse: true}, x.big)[0],
			f.Apply(lower.CumSum{Axis: x.axis, Exclusive: true}, x.small)[0],
		)
		out = append(out, f.Apply(lower.TopK{Axis: x.axis, K: 3}, x.big)...)
		out = append(out, f.Apply(lower.TopK{Axis: x.axis, K: 4}, x.numbers)...)
	}
	back := f.Apply(lower.Flip{Axes: []int{0}}, f.In(3))[0]
	out = append(out, f.Apply(lower.TopK{Axis: 0, K: 300}, back)...)
	f.Return(append(out, f.Apply(lower.CumSum{Axis: 0}, back)[0])...)
	in := inputs(f, 2)
	for i := range in[2].Data {
		in[2].Data[i] = float64(i*7%12 - 1) // some do not exist, some are equal
	}
	in[0].Data[4], in[0].Data[20] = math.NaN(), math.Inf(1)
	check(t, f, in, 1e-6)
}

func TestConcatOfMoreThanAKernelTakes(t *testing.T) {
	shapes := make([]lower.Shape, 450)
	for i := range shapes {
		shapes[i] = lower.Shape{2, 1 + i%3}
	}
	f := lower.NewFunc(shapes...)
	var xs []lower.Value
	for i := range shapes {
		xs = append(xs, f.In(i))
	}
	f.Return(f.Concat(1, xs...))
	check(t, f, inputs(f, 3), 0)
}

func TestPools(t *testing.T) {
	windows := []lower.Window{
		{Size: [2]int{2, 2}, Stride: [2]int{2, 2}},
		{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: lower.Margins{Top: 1, Bottom: 1, Left: 1, Right: 1}},
		{Size: [2]int{3, 2}, Stride: [2]int{1, 3}, Pad: lower.Margins{Top: 2, Bottom: 0, Left: 0, Right: 1}},
		{Size: [2]int{1, 4}, Stride: [2]int{3, 1}, Pad: lower.Margins{Left: 3}},
		{Size: [2]int{7, 9}, Stride: [2]int{1, 1}},
	}
	shape := lower.Shape{2, 3, 7, 9}
	f := lower.NewFunc(shape, shape, lower.Shape{3, 9, 7, 2})
	var out []lower.Value
	turned := f.Transpose(f.In(2), 3, 0, 2, 1)
	for i, w := range windows {
		for k, x := range []lower.Value{f.In(0), turned} {
			y := f.Apply(lower.Pool{Window: w}, x)[0]
			g := f.Map(lower.Arg(0).Add(lower.Num(0.5)), y)
			share := lower.Divisor((i + k) % 3)
			sum := f.Apply(lower.PoolSum{Window: w, Divisor: share}, x)[0]
			out = append(out, y, sum,
				f.Apply(lower.PoolAt{Window: w}, x, f.In(1))[0],
				f.Apply(lower.PoolGrad{Window: w}, x, g)[0],
				f.Apply(lower.PoolSpread{Window: w, Divisor: share, In: [2]int{7, 9}}, g)[0],
			)
		}
	}
	f.Return(out...)
	in := inputs(f, 4)
	for _, x := range in { // ties, and a few NaN
		for k := range x.Data {
			x.Data[k] = math.Round(2 * x.Data[k])
		}
	}
	in[0].Data[17], in[0].Data[19] = math.NaN(), math.NaN()
	in[0].Data[100] = math.Inf(-1)
	check(t, f, in, 1e-6)
}

// TestPoolsThenLoops joins loops to pools: elementwise, combined along channels
// and along all axes, and with operands of other layouts.
func TestPoolsThenLoops(t *testing.T) {
	w := lower.Window{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Pad: lower.Margins{Top: 1, Right: 1}}
	shape := lower.Shape{3, 4, 9, 8}
	f := lower.NewFunc(shape, lower.Shape{4, 1, 1}, shape, lower.Shape{8, 9, 4, 3})
	x := f.In(0)
	kink := lower.Num(0).Less(lower.Arg(1)).Mul(lower.Arg(0))
	turned := f.Apply(lower.Flip{Axes: []int{2}}, f.Transpose(f.In(3), 3, 2, 1, 0))[0]
	y := f.Apply(lower.Pool{Window: w}, x)[0]
	g := f.Map(lower.Arg(0).Add(lower.Num(0.5)), y)
	up := f.Map(kink, f.Apply(lower.PoolGrad{Window: w}, turned, g)[0], f.In(2))
	mean := f.Map(lower.Max(lower.Arg(0).Add(lower.Arg(1)), lower.Num(0)), f.Apply(lower.PoolSum{Window: w}, turned)[0], f.In(1))
	spread := f.Map(lower.Arg(0).Mul(lower.Arg(1)), f.Apply(lower.PoolSpread{Window: w, In: [2]int{9, 8}}, mean)[0], turned)
	f.Return(g, up, f.Sum(up, 0, 2, 3), f.Sum(up, 0, 1, 2, 3), mean, f.Max(mean, 1), f.Sum(spread, 2, 3), f.Sum(spread, 0))
	p, _ := programOf(t, f, graph.Float32)
	joined := 0
	for _, s := range p.Steps {
		if _, ok := s.Prim.(plan.Product); ok {
			joined++
		}
	}
	require.Equal(t, 4, joined, p)
	check(t, f, inputs(f, 5), 1e-5)
}

// TestRandomIsThatOfTheDefinition compares bits.
func TestRandomIsThatOfTheDefinition(t *testing.T) {
	f := lower.NewFunc(lower.Shape{4})
	prims := []lower.Random{
		{Kind: lower.RandomUniform, Key: 0x123456789abcdef0, Shape: lower.Shape{3, 10}},
		{Kind: lower.RandomNormal, Key: 42, Shape: lower.Shape{300, 7, 9}},
		{Kind: lower.RandomNormal, Key: lower.RandomKey(7, "noise"), Shape: lower.Shape{5}},
		{Kind: lower.RandomUniform, Key: 1 << 63, Shape: lower.Shape{64, 64}},
	}
	var out []lower.Value
	for _, p := range prims {
		out = append(out, f.Apply(p, f.In(0))[0])
	}
	f.Return(out...)
	for _, at := range []struct{ epoch, first uint32 }{{0, 0}, {70000, 123456789}, {math.MaxUint32, math.MaxUint32 - 2}} {
		words := lower.ClockWords(at.epoch, at.first)
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			for k, got := range results(t, f, dtype, []lower.Array[float64]{lower.ArrayOf(words[:], lower.Shape{4})}, 0) {
				row := prims[k].Shape[1:].Size()
				for i, g := range got {
					require.Equal(t, float64(prims[k].At(at.epoch, uint64(at.first)+uint64(i/row), i%row)), g)
				}
			}
		}
	}
}
