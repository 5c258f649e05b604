package lower_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// prims has one of each primitive with valid operands.
func prims() map[string]struct {
	prim lower.Prim
	in   []lower.Shape
} {
	type row = struct {
		prim lower.Prim
		in   []lower.Shape
	}
	one := [2]int{1, 1}
	g := lower.Geometry{Stride: one, Dilation: one}
	w := lower.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	x, k, y := lower.Shape{2, 3, 4, 4}, lower.Shape{5, 3, 3, 3}, lower.Shape{2, 5, 2, 2}
	half := lower.Shape{2, 3, 2, 2}
	m := lower.Shape{3, 4}
	rows := []row{
		{lower.Reshape{To: lower.Shape{12}}, []lower.Shape{m}},
		{lower.Transpose{Perm: []int{1, 0}}, []lower.Shape{m}},
		{lower.Slice{Axis: 0, Stop: 2, Step: 1}, []lower.Shape{m}},
		{lower.Flip{Axes: []int{0}}, []lower.Shape{m}},
		{lower.BroadcastTo{To: lower.Shape{2, 3, 4}}, []lower.Shape{m}},
		{lower.Map{Expr: lower.Arg(0)}, []lower.Shape{m}},
		{lower.Random{Shape: m}, []lower.Shape{{4}}},
		{lower.Reduce{Axes: []int{0}}, []lower.Shape{m}},
		{lower.Softmax{Axis: 1}, []lower.Shape{m}},
		{lower.Concat{Axis: 0}, []lower.Shape{m, m}},
		{lower.Pad{Before: []int{1, 0}, After: []int{0, 1}}, []lower.Shape{m}},
		{lower.SliceAt{Axis: 0, Count: 2}, []lower.Shape{m, {4}}},
		{lower.PlaceAt{Axis: 0, Extent: 5}, []lower.Shape{m, {4}}},
		{lower.Gather{Axis: 0}, []lower.Shape{m, {6}}},
		{lower.ScatterAdd{Axis: 0, Extent: 7}, []lower.Shape{m, {3}}},
		{lower.MatMul{}, []lower.Shape{m, {4, 5}}},
		{lower.Conv{Geometry: g}, []lower.Shape{x, k}},
		{lower.ConvData{Geometry: g, In: [2]int{4, 4}}, []lower.Shape{y, k}},
		{lower.ConvFilter{Geometry: g, Kernel: [2]int{3, 3}}, []lower.Shape{x, y}},
		{lower.Pool{Window: w}, []lower.Shape{x}},
		{lower.PoolAt{Window: w}, []lower.Shape{x, x}},
		{lower.PoolGrad{Window: w}, []lower.Shape{x, half}},
		{lower.PoolSum{Window: w}, []lower.Shape{x}},
		{lower.PoolSpread{Window: w, In: [2]int{4, 4}}, []lower.Shape{half}},
	}
	all := map[string]row{}
	for _, r := range rows {
		all[fmt.Sprintf("%T", r.prim)] = r
	}
	return all
}

func TestFactsAgreeWithInfer(t *testing.T) {
	for name, c := range prims() {
		out, err := c.prim.Infer(c.in)
		require.NoError(t, err, name)
		facts := c.prim.Facts()
		if facts.Operands > 0 {
			require.Len(t, c.in, facts.Operands, name)
			_, err := c.prim.Infer(append(c.in[:len(c.in):len(c.in)], c.in[0]))
			require.Error(t, err, "%s accepts one operand more than its facts say", name)
		}
		require.LessOrEqual(t, facts.Images, len(c.in), name)
		for _, s := range c.in[:facts.Images] {
			require.Equal(t, c.in[0][0], s[0], "%s: all operands have the same batch", name)
		}
		if facts.Images > 0 && !facts.SumsBatch {
			require.Equal(t, c.in[0][0], out[0][0], "%s: one result for each image", name)
		}
		if facts.Pooling != (lower.Pooling{}) {
			image, windows := facts.Pooling.Of(c.in, out[0])
			count, err := facts.Pooling.Window.Windows([2]int(image[2:]))
			require.NoError(t, err, name)
			require.Equal(t, [2]int(windows[2:]), count, name)
		}
	}
}

// oneOf selects the n-th image of the first operands.
type oneOf struct{ images, n int }

// run computes the first result, for all images or for one, from numbers that depend
// on the place.
func run(t *testing.T, p lower.Prim, in []lower.Shape, of *oneOf) []float64 {
	args := make([]lower.Array[float64], len(in))
	shapes := make([]lower.Shape, len(in))
	for i, s := range in {
		args[i] = lower.NewArray[float64](s)
		for k := range args[i].Data {
			args[i].Data[k] = math.Sin(float64(k * (i + 3)))
		}
		if of != nil && i < of.images {
			args[i] = lower.View(lower.Slice{Start: of.n}, args[i], append(lower.Shape{1}, s[1:]...))
		}
		shapes[i] = args[i].Shape
	}
	f := lower.NewFunc(shapes...)
	vs := make([]lower.Value, len(in))
	for i := range vs {
		vs[i] = f.In(i)
	}
	f.Return(f.Apply(p, vs...)[0])
	out, err := interp.Run(f, args...)
	require.NoError(t, err, "%v", p)
	return out[0].Elements()
}

func TestPrimitivesSplitByTheBatchComputeEachImageSeparately(t *testing.T) {
	split := 0
	for name, c := range prims() {
		facts := c.prim.Facts()
		if facts.Images == 0 || facts.SumsBatch {
			continue
		}
		split++
		whole := run(t, c.prim, c.in, nil)
		for n := range c.in[0][0] {
			one := run(t, c.prim, c.in, &oneOf{facts.Images, n})
			require.Equal(t, whole[n*len(one):(n+1)*len(one)], one, "%s: image %d", name, n)
		}
	}
	require.Equal(t, 6, split)
}
