package interp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// convProblem is the shapes of a convolution: images x, kernels w, result y.
type convProblem struct {
	g       lower.Geometry
	x, w, y lower.Shape
}

func (p convProblem) String() string { return fmt.Sprintf("%v * %v, %+v", p.x, p.w, p.g) }

// drawConv draws a convolution whose kernel fits its image, sometimes with so
// many windows that an image or a batch has several tiles.
func drawConv(r *rand.Rand) convProblem {
	for {
		side := 1 + r.IntN([]int{8, 40}[r.IntN(2)])
		p := convProblem{
			g: lower.Geometry{
				Stride:   [2]int{1 + r.IntN(2)*r.IntN(3), 1 + r.IntN(2)*r.IntN(3)},
				Dilation: [2]int{1 + r.IntN(2)*r.IntN(3), 1 + r.IntN(2)*r.IntN(3)},
				Pad:      lower.Margins{Top: r.IntN(4), Bottom: r.IntN(4), Left: r.IntN(4), Right: r.IntN(4)},
			},
			x: lower.Shape{1 + r.IntN(9), 1 + r.IntN(3), side, 1 + r.IntN(40)},
		}
		if r.IntN(3) == 0 {
			p.g.Pad = lower.Margins{}
		}
		p.w = lower.Shape{1 + r.IntN(3), p.x[1], 1 + r.IntN(4), 1 + r.IntN(4)}
		if out, err := (lower.Conv{Geometry: p.g}).Infer([]lower.Shape{p.x, p.w}); err == nil {
			p.y = out[0]
			return p
		}
	}
}

// eachProduct calls f with the indices in x, w and y of every multiply-add.
func (p convProblem) eachProduct(f func(x, w, y int)) {
	for i := range p.y.Size() * p.w[1:].Size() {
		k, y := i%p.w[1:].Size(), i/p.w[1:].Size()
		c, ki, kj := k/(p.w[2]*p.w[3]), k/p.w[3]%p.w[2], k%p.w[3]
		n, o, row, col := y/(p.y[1:].Size()), y/(p.y[2]*p.y[3])%p.y[1], y/p.y[3]%p.y[2], y%p.y[3]
		r := row*p.g.Stride[0] + ki*p.g.Dilation[0] - p.g.Pad.Top
		s := col*p.g.Stride[1] + kj*p.g.Dilation[1] - p.g.Pad.Left
		if r >= 0 && r < p.x[2] && s >= 0 && s < p.x[3] {
			f(((n*p.x[1]+c)*p.x[2]+r)*p.x[3]+s, o*p.w[1:].Size()+k, y)
		}
	}
}

// one returns a function of one step.
func one(t *testing.T, p lower.Prim, in ...lower.Shape) *lower.Func {
	t.Helper()
	f := lower.NewFunc(in...)
	vs := make([]lower.Value, len(in))
	for i := range vs {
		vs[i] = f.In(i)
	}
	f.Return(f.Apply(p, vs...)[0])
	require.NoError(t, f.Err())
	return f
}

func noise[T lower.Float](r *rand.Rand, s lower.Shape) lower.Array[T] {
	a := lower.NewArray[T](s)
	for i := range a.Data {
		a.Data[i] = T(r.Float64() - 0.5)
	}
	return a
}

func TestConvolutionsEqualTheirDefinition(t *testing.T) {
	t.Run("float64", func(t *testing.T) { sums[float64](t, 1e-12) })
	t.Run("float32", func(t *testing.T) { sums[float32](t, 1e-4) })
}

func sums[T lower.Float](t *testing.T, tol float64) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 150 {
		p := drawConv(r)
		x, w, y := noise[T](r, p.x), noise[T](r, p.w), noise[T](r, p.y)
		wantY, wantX, wantW := make([]float64, p.y.Size()), make([]float64, p.x.Size()), make([]float64, p.w.Size())
		p.eachProduct(func(i, j, k int) {
			wantY[k] += float64(x.Data[i]) * float64(w.Data[j])
			wantX[i] += float64(y.Data[k]) * float64(w.Data[j])
			wantW[j] += float64(x.Data[i]) * float64(y.Data[k])
		})
		for _, c := range []struct {
			prim lower.Prim
			in   [2]lower.Array[T]
			want []float64
		}{
			{lower.Conv{Geometry: p.g}, [2]lower.Array[T]{x, w}, wantY},
			{lower.ConvData{Geometry: p.g, In: [2]int{p.x[2], p.x[3]}}, [2]lower.Array[T]{y, w}, wantX},
			{lower.ConvFilter{Geometry: p.g, Kernel: [2]int{p.w[2], p.w[3]}}, [2]lower.Array[T]{x, y}, wantW},
		} {
			f := one(t, c.prim, c.in[0].Shape, c.in[1].Shape)
			got, err := interp.Run(f, c.in[0], c.in[1])
			require.NoError(t, err)
			for i, v := range got[0].Elements() {
				if math.Abs(c.want[i]-float64(v)) > tol {
					require.Failf(t, "differs", "%v: %v, element %d: want %g, got %g", p, c.prim, i, c.want[i], v)
				}
			}
			require.Equal(t, 2*int64(p.y.Size()*p.w[1:].Size()), f.Flops(), "two for each tap of each window, including the padding")
		}
	}
}

func TestConvolutionsDoNotDependOnThreads(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	g := lower.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Pad: lower.Margins{Top: 1, Bottom: 1, Left: 1, Right: 1}}
	strided := g
	strided.Stride = [2]int{2, 2}
	x, w := noise[float32](r, lower.Shape{50, 3, 14, 14}), noise[float32](r, lower.Shape{4, 3, 3, 3})
	y, half := noise[float32](r, lower.Shape{50, 4, 14, 14}), noise[float32](r, lower.Shape{50, 4, 7, 7})
	for _, c := range []struct {
		prim lower.Prim
		in   []lower.Array[float32]
	}{
		{lower.Conv{Geometry: g}, []lower.Array[float32]{x, w}},
		{lower.ConvData{Geometry: g, In: [2]int{14, 14}}, []lower.Array[float32]{y, w}},
		{lower.ConvData{Geometry: strided, In: [2]int{14, 14}}, []lower.Array[float32]{half, w}},
		{lower.ConvFilter{Geometry: g, Kernel: [2]int{3, 3}}, []lower.Array[float32]{x, y}},
	} {
		f := one(t, c.prim, c.in[0].Shape, c.in[1].Shape)
		var first []float32
		for _, threads := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(threads)
			got, err := interp.Run(f, c.in...)
			runtime.GOMAXPROCS(before)
			require.NoError(t, err)
			if first == nil {
				first = got[0].Data
			}
			require.Equal(t, first, got[0].Data, "%v with %d threads", c.prim, threads)
		}
	}
}

func TestConvolutionsAndPoolsReadViews(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x := noise[float64](r, lower.Shape{6, 5, 2, 3}) // rows, columns, channels, images
	g := lower.Geometry{Stride: [2]int{1, 2}, Dilation: [2]int{1, 1}}
	win := lower.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 1}}
	for _, p := range []lower.Prim{
		lower.Conv{Geometry: g},
		lower.ConvFilter{Geometry: lower.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Kernel: [2]int{3, 4}},
		lower.Pool{Window: win}, lower.PoolSum{Window: win},
		lower.PoolAt{Window: win},
	} {
		f := lower.NewFunc(x.Shape)
		v := f.Transpose(f.In(0), 3, 2, 0, 1)
		in := []lower.Value{v, f.Slice(f.Slice(v, 2, 1, 5, 1), 3, 0, 4, 2)} // a stepped slice for kernels
		switch p.(type) {
		case lower.Pool, lower.PoolSum:
			in = in[:1]
		case lower.PoolAt:
			in[1] = f.Transpose(f.Reshape(f.In(0), 6, 5, 3, 2), 2, 3, 0, 1)
		}
		out := f.Apply(p, in...)[0]
		f.Return(append(in, out)...)
		require.NoError(t, f.Err())
		got, err := interp.Run(f, x)
		require.NoError(t, err)
		plain := make([]lower.Array[float64], len(in))
		shapes := make([]lower.Shape, len(in))
		for i := range in {
			plain[i], shapes[i] = got[i], got[i].Shape
		}
		want, err := interp.Run(one(t, p, shapes...), plain...)
		require.NoError(t, err)
		require.Equal(t, want[0].Data, got[len(in)].Data, p.String())
	}
}

func TestEveryWindowHasACellOfTheImage(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for range 2000 {
		w := lower.Window{
			Size:   [2]int{1 + r.IntN(4), 1 + r.IntN(4)},
			Stride: [2]int{1 + r.IntN(5), 1 + r.IntN(5)},
			Pad:    lower.Margins{Top: r.IntN(5), Bottom: r.IntN(5), Left: r.IntN(5), Right: r.IntN(5)},
		}
		x := lower.NewArray[float64](lower.Shape{1, 1, 1 + r.IntN(5), 1 + r.IntN(5)})
		for i := range x.Data {
			x.Data[i] = -1 - r.Float64()
		}
		if _, err := (lower.Pool{Window: w}).Infer([]lower.Shape{x.Shape}); err != nil {
			continue
		}
		for _, p := range []lower.Prim{lower.Pool{Window: w}, lower.PoolSum{Window: w}} {
			got, err := interp.Run(one(t, p, x.Shape), x)
			require.NoError(t, err)
			for _, v := range got[0].Data {
				if v > -1 || v < -2 {
					require.Failf(t, "no cell", "%v of %v: %v is not from a cell", p, x.Shape, v)
				}
			}
		}
	}
}

func TestInvalidGeometryIsAnError(t *testing.T) {
	numbers := []int{math.MinInt, -1, 0, 1, 2, 3, 1 << 30, 1<<30 + 1, math.MaxInt}
	r := rand.New(rand.NewPCG(8, 8))
	pick := func() int { return numbers[r.IntN(len(numbers))] }
	for range 20000 {
		g := lower.Geometry{
			Stride: [2]int{pick(), pick()}, Dilation: [2]int{pick(), pick()},
			Pad: lower.Margins{Top: pick(), Bottom: pick(), Left: pick(), Right: pick()},
		}
		image, kernel := [2]int{pick(), pick()}, [2]int{pick(), pick()}
		if image[0] > 1<<30 || image[1] > 1<<30 {
			continue // no shape has such an extent
		}
		require.NotPanics(t, func() {
			out, err := g.Windows(image, kernel)
			if err == nil {
				require.Positive(t, min(out[0], out[1], kernel[0], kernel[1]), "%+v", g)
			}
			w := lower.Window{Size: kernel, Stride: g.Stride, Pad: g.Pad}
			if out, err = w.Windows(image); err == nil {
				require.Positive(t, min(out[0], out[1]), "%+v", w)
			}
		})
	}
}
