package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// bilinear is the formula of Resize2D for one plane, pixel by pixel.
func bilinear(x []float64, h, w, p, q int, rows, columns float64) []float64 {
	corner := func(i, n int, ratio float64) (int, int, float64) {
		s := math.Max(0, (float64(i)+0.5)*ratio-0.5)
		k := int(math.Floor(s))
		return min(k, n-1), min(k+1, n-1), s - float64(k)
	}
	var y []float64
	for i := range p {
		for j := range q {
			r0, r1, dr := corner(i, h, rows)
			c0, c1, dc := corner(j, w, columns)
			y = append(y, (1-dr)*((1-dc)*x[r0*w+c0]+dc*x[r0*w+c1])+dr*((1-dc)*x[r1*w+c0]+dc*x[r1*w+c1]))
		}
	}
	return y
}

func TestResizeMatchesItsFormula(t *testing.T) {
	const h, w = 5, 4
	for _, c := range []struct {
		name          string
		layer         graph.Resize2D
		p, q          int
		rows, columns float64
	}{
		{"larger", graph.Resize2D{Size: pair{8, 13}}, 8, 13, 5. / 8, 4. / 13},
		{"smaller", graph.Resize2D{Size: pair{2, 3}}, 2, 3, 5. / 2, 4. / 3},
		{"the same", graph.Resize2D{Size: pair{5, 4}}, 5, 4, 1, 1},
		{"one pixel", graph.Resize2D{Size: pair{1}}, 1, 1, 5, 4},
		{"a scale", graph.Resize2D{Scale: [2]float64{2}}, 10, 8, 0.5, 0.5},
		{"scales that leave a rest", graph.Resize2D{Scale: [2]float64{1.3, 0.6}}, 6, 2, 1 / 1.3, 1 / 0.6},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			x := b.Input("x", 2, 3, h, w)
			smooth := c.layer.Apply(b, x)
			c.layer.Mode = graph.Nearest
			sharp := c.layer.Apply(b, x)
			require.NoError(t, b.Err())
			require.Equal(t, graph.Shape{2, 3, c.p, c.q}, graph.Shape(smooth.Shape()))
			xs := waved(2*3*h*w, 0)
			var wantSmooth, wantSharp []float64
			for i := range 6 {
				plane := xs[i*h*w : (i+1)*h*w]
				wantSmooth = append(wantSmooth, bilinear(plane, h, w, c.p, c.q, c.rows, c.columns)...)
				for k := range c.p * c.q {
					r, s := int(float64(k/c.q)*c.rows), int(float64(k%c.q)*c.columns)
					wantSharp = append(wantSharp, plane[min(r, h-1)*w+min(s, w-1)])
				}
			}
			floats := run(t, b, inputs{"x": xs}, smooth, sharp)
			optest.RequireClose(t, "bilinear", wantSmooth, floats(smooth), 1e-12)
			require.Equal(t, wantSharp, floats(sharp))
		})
	}
}

// The numbers are from the documentation of PyTorch's Upsample.
func TestResizeMatchesPyTorch(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 1, 1, 2, 2)
	padded := b.Input("padded", 1, 1, 3, 3)
	twice := graph.Resize2D{Scale: [2]float64{2}}
	smooth, wide := twice.Apply(b, x), twice.Apply(b, padded)
	sharp := graph.Resize2D{Scale: [2]float64{2}, Mode: graph.Nearest}.Apply(b, x)
	require.NoError(t, b.Err())
	floats := run(t, b, inputs{"x": {1, 2, 3, 4}, "padded": {1, 2, 0, 3, 4, 0, 0, 0, 0}}, smooth, sharp, wide)
	require.Equal(t, []float64{
		1, 1.25, 1.75, 2,
		1.5, 1.75, 2.25, 2.5,
		2.5, 2.75, 3.25, 3.5,
		3, 3.25, 3.75, 4,
	}, floats(smooth))
	require.Equal(t, []float64{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, floats(sharp))
	require.Equal(t, []float64{
		1, 1.25, 1.75, 1.5, 0.5, 0,
		1.5, 1.75, 2.25, 1.875, 0.625, 0,
		2.5, 2.75, 3.25, 2.625, 0.875, 0,
		2.25, 2.4375, 2.8125, 2.25, 0.75, 0,
		0.75, 0.8125, 0.9375, 0.75, 0.25, 0,
		0, 0, 0, 0, 0, 0,
	}, floats(wide))
}
