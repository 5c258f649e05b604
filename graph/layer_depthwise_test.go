package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// TestGroupedConvolutionsMatchTheirFormula compares values and both gradients with
// plain loops, in which a filter reads the channels of its group.
func TestGroupedConvolutionsMatchTheirFormula(t *testing.T) {
	const n, h, w, kh, kw, stride, dilation, top, left = 2, 7, 6, 3, 2, 2, 2, 1, 1
	const p, q = (h+2*top-dilation*(kh-1)-1)/stride + 1, (w+2*left-dilation*(kw-1)-1)/stride + 1
	for _, c := range []struct {
		name                      string
		channels, filters, groups int
	}{
		{"one group", 2, 3, 1}, {"two groups", 4, 6, 2}, {"depthwise", 3, 3, 3}, {"depthwise, multiplier", 2, 6, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			each := c.channels / c.groups
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			x, k, g := b.Input("x", n, c.channels, h, w), b.Input("k", c.filters, each, kh, kw), b.Input("g", n, c.filters, p, q)
			y := b.GroupedConv2D(x, k, graph.ConvGeometry{Stride: pair{stride}, Dilation: pair{dilation}, Margins: graph.Margins{Top: top, Bottom: top, Left: left, Right: left}}, c.groups)
			grads := b.Grad(b.Sum(b.Mul(y, g)), x, k)
			require.NoError(t, b.Err())
			require.Equal(t, graph.Shape{n, c.filters, p, q}, graph.Shape(y.Shape()))
			xs, ks, gs := waved(n*c.channels*h*w, 0), waved(c.filters*each*kh*kw, 1), waved(n*c.filters*p*q, 2)
			ys, dx, dk := make([]float64, len(gs)), make([]float64, len(xs)), make([]float64, len(ks))
			for at := range ys {
				col, row, filter, sample := at%q, at/q%p, at/q/p%c.filters, at/q/p/c.filters
				for tap := range each * kh * kw {
					j, i, channel := tap%kw, tap/kw%kh, filter/(c.filters/c.groups)*each+tap/kw/kh
					r, s := row*stride+i*dilation-top, col*stride+j*dilation-left
					if r < 0 || r >= h || s < 0 || s >= w {
						continue
					}
					from, weight := ((sample*c.channels+channel)*h+r)*w+s, filter*each*kh*kw+tap
					ys[at] += xs[from] * ks[weight]
					dx[from] += gs[at] * ks[weight]
					dk[weight] += gs[at] * xs[from]
				}
			}
			floats := run(t, b, inputs{"x": xs, "k": ks, "g": gs}, y, grads[0], grads[1])
			optest.RequireClose(t, "value", ys, floats(y), 1e-12)
			optest.RequireClose(t, "gradient of the images", dx, floats(grads[0]), 1e-12)
			optest.RequireClose(t, "gradient of the kernels", dk, floats(grads[1]), 1e-12)
		})
	}
}

func TestGroupedLayersHaveTheirWeights(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	x := b.Input("x", 1, 4, 5, 5)
	y := graph.Conv2D{Filters: 6, Kernel: pair{3}, Groups: 2}.Apply(b.Scope("groups"), x)
	z := graph.DepthwiseConv2D{Kernel: pair{3}, Multiplier: 2, Padding: graph.Same, Stride: pair{2}, NoBias: true}.Apply(b.Scope("depth"), x)
	require.NoError(t, b.Err())
	require.Equal(t, graph.Shape{1, 6, 3, 3}, graph.Shape(y.Shape()))
	require.Equal(t, graph.Shape{1, 8, 3, 3}, graph.Shape(z.Shape()))
	require.Equal(t, graph.Shape{6, 2, 3, 3}, p.Get("groups/w").Shape())
	require.Equal(t, graph.Shape{8, 1, 3, 3}, p.Get("depth/w").Shape())
	require.Nil(t, p.Get("depth/b"))
	require.Equal(t, "DepthwiseConv2D", b.Layers()[1].Kind)
}
