package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// window is the geometry of an op that moves a window over images [N,C,H,W], or over
// signals [N,C,T], which are images of one row.
type window struct {
	x                        *graph.Node // [N,C,H,W]
	signal                   bool
	kernel, stride, dilation graph.Pair
	pad                      graph.Margins
}

// window reads it, for kernels of that size; nil is the attribute's.
func (c *call) window(kernel []int) (w window, err error) {
	if w.x, err = c.x(0); err != nil {
		return w, err
	}
	s := c.in[0].shape
	if len(s) != 3 && len(s) != 4 {
		return w, fmt.Errorf("x has shape %v, want signals [N C T] or images [N C H W]", s)
	}
	if w.signal = len(s) == 3; w.signal {
		w.x = c.b.Reshape(w.x, s[0], s[1], 1, s[2])
	}
	if kernel == nil {
		kernel = c.ints("kernel_shape")
	}
	pair := func(of []int, unset int) (p graph.Pair, err error) {
		switch {
		case of == nil:
			return graph.Pair{unset, unset}, nil
		case w.signal && len(of) == 1:
			return graph.Pair{1, of[0]}, nil
		case !w.signal && len(of) == 2:
			return graph.Pair{of[0], of[1]}, nil
		}
		return p, fmt.Errorf("%v for each axis of shape %v", of, s)
	}
	if w.kernel, err = pair(kernel, 0); err != nil {
		return w, err
	}
	if w.stride, err = pair(c.ints("strides"), 1); err != nil {
		return w, err
	}
	if w.dilation, err = pair(c.ints("dilations"), 1); err != nil {
		return w, err
	}
	for _, n := range slices.Concat(w.kernel[:], w.stride[:], w.dilation[:]) {
		if n < 1 || n > 1<<24 {
			return w, fmt.Errorf("a window of %v with stride %v and dilation %v", w.kernel, w.stride, w.dilation)
		}
	}
	return w, nil
}

// pads reads the margins. extent is the size of what the window moves over.
func (c *call) pads(w *window, extent [2]int) error {
	p := c.ints("pads")
	switch {
	case p != nil && w.signal && len(p) == 2:
		w.pad = graph.Margins{Left: p[0], Right: p[1]}
	case p != nil && !w.signal && len(p) == 4:
		w.pad = graph.Margins{Top: p[0], Left: p[1], Bottom: p[2], Right: p[3]}
	case p != nil:
		return fmt.Errorf("margins %v", p)
	}
	auto := c.text("auto_pad", "NOTSET")
	if auto == "NOTSET" || auto == "VALID" || auto == "" {
		return nil
	}
	var at [2][2]int
	for a := range at {
		covers := (w.kernel[a]-1)*w.dilation[a] + 1
		out := (extent[a] + w.stride[a] - 1) / w.stride[a]
		total := max(0, (out-1)*w.stride[a]+covers-extent[a])
		at[a] = [2]int{total / 2, total - total/2}
		if auto == "SAME_LOWER" {
			at[a] = [2]int{total - total/2, total / 2}
		}
	}
	w.pad = graph.Margins{Top: at[0][0], Bottom: at[0][1], Left: at[1][0], Right: at[1][1]}
	return need(auto == "SAME_UPPER" || auto == "SAME_LOWER", "padding %q", auto)
}

// back returns images as the op's result, as signals if they were.
func (c *call) back(w window, y *graph.Node) ([]value, error) {
	if y != nil && w.signal && c.b.Err() == nil {
		s := y.Shape()
		y = c.b.Reshape(y, s[0], s[1], s[3])
	}
	return c.result(y)
}

// kernels returns the kernels of a convolution, [O,C,KH,KW], and the window.
func (c *call) kernels() (k *graph.Node, w window, err error) {
	if k, err = c.x(1); err != nil {
		return nil, w, err
	}
	s := slices.Clone([]int(k.Shape()))
	if len(s) != len(c.in[0].shape) || len(s) < 3 {
		return nil, w, fmt.Errorf("x has shape %v and the kernels %v", c.in[0].shape, s)
	}
	if w, err = c.window(s[2:]); err != nil {
		return nil, w, err
	}
	if w.signal {
		k = c.b.Reshape(k, s[0], s[1], 1, s[2])
	}
	return k, w, c.b.Err()
}

// biased adds a number for each channel, operand 2, if there is one.
func (c *call) biased(y *graph.Node) (*graph.Node, error) {
	if !c.has(2) {
		return y, nil
	}
	bias, err := c.x(2)
	if err != nil {
		return nil, err
	}
	return c.b.Add(y, c.b.Reshape(bias, 1, -1, 1, 1)), c.b.Err()
}

func conv(c *call) ([]value, error) {
	k, w, err := c.kernels()
	if err != nil {
		return nil, err
	}
	s := w.x.Shape()
	if err := c.pads(&w, [2]int{s[2], s[3]}); err != nil {
		return nil, err
	}
	g := graph.ConvGeometry{Stride: w.stride, Dilation: w.dilation, Margins: w.pad}
	y, err := c.biased(c.b.GroupedConv2D(w.x, k, g, c.int("group", 1)))
	if err != nil {
		return nil, err
	}
	return c.back(w, y)
}

// convTranspose is a transposed convolution of kernels [C,O/groups,KH,KW]. Groups are
// computed one by one.
func convTranspose(c *call) ([]value, error) {
	k, w, err := c.kernels()
	if err != nil {
		return nil, err
	}
	s := w.x.Shape()
	extra := graph.Pair{}
	if p := c.ints("output_padding"); p != nil {
		if extra = (graph.Pair{0, p[len(p)-1]}); !w.signal && len(p) == 2 {
			extra[0] = p[0]
		}
	}
	g := graph.TransposeGeometry{Stride: w.stride, Dilation: w.dilation}
	if auto := c.text("auto_pad", "NOTSET"); c.attribute("output_shape") != nil || auto == "SAME_UPPER" || auto == "SAME_LOWER" {
		g.Out = graph.Pair{s[2] * w.stride[0], s[3] * w.stride[1]}
		if o := c.ints("output_shape"); len(o) > 0 {
			if g.Out = (graph.Pair{1, o[len(o)-1]}); !w.signal && len(o) >= 2 {
				g.Out[0] = o[len(o)-2]
			}
		}
		var at [2][2]int
		for a := range at {
			total := max(0, (s[2+a]-1)*w.stride[a]+extra[a]+(w.kernel[a]-1)*w.dilation[a]+1-g.Out[a])
			at[a] = [2]int{total - total/2, total / 2}
			if auto == "SAME_UPPER" {
				at[a] = [2]int{total / 2, total - total/2}
			}
		}
		g.Margins = graph.Margins{Top: at[0][0], Bottom: at[0][1], Left: at[1][0], Right: at[1][1]}
	} else if err := c.pads(&w, [2]int{s[2], s[3]}); err != nil {
		return nil, err
	} else {
		g.Margins = w.pad
		for a := range g.Out {
			before, after := w.pad.Along(a)
			g.Out[a] = (s[2+a]-1)*w.stride[a] - before - after + w.dilation[a]*(w.kernel[a]-1) + 1 + extra[a]
		}
		if min(g.Out[0], g.Out[1]) < 1 {
			return nil, fmt.Errorf("the result would have %v rows and columns", g.Out)
		}
	}
	groups := c.int("group", 1)
	if groups < 1 || s[1]%groups != 0 || k.Shape()[0] != s[1] {
		return nil, fmt.Errorf("%d groups of %d channels with kernels %v", groups, s[1], k.Shape())
	}
	each := s[1] / groups
	parts := make([]*graph.Node, groups)
	for i := range parts {
		x, kernels := w.x, k
		if groups > 1 {
			x, kernels = c.b.Slice(w.x, 1, i*each, (i+1)*each), c.b.Slice(k, 0, i*each, (i+1)*each)
		}
		parts[i] = c.b.ConvTranspose2D(x, kernels, g)
		if err := c.b.Err(); err != nil {
			return nil, err
		}
	}
	y := parts[0]
	if groups > 1 {
		y = c.b.Concat(1, parts...)
	}
	if y, err = c.biased(y); err != nil {
		return nil, err
	}
	return c.back(w, y)
}

func maxPool(c *call) ([]value, error) {
	return c.pool(func(x *graph.Node, g graph.PoolGeometry) *graph.Node { return c.b.MaxPool2D(x, g) })
}

func averagePool(c *call) ([]value, error) {
	return c.pool(func(x *graph.Node, g graph.PoolGeometry) *graph.Node {
		g.CountPad = c.int("count_include_pad", 0) != 0
		return c.b.AvgPool2D(x, g)
	})
}

func (c *call) pool(of func(x *graph.Node, g graph.PoolGeometry) *graph.Node) ([]value, error) {
	if len(c.n.Outputs) > 1 && c.n.Outputs[1] != "" {
		return nil, fmt.Errorf("the places of the maxima are not supported")
	}
	w, err := c.window(nil)
	if err != nil {
		return nil, err
	}
	s := w.x.Shape()
	if err := c.pads(&w, [2]int{s[2], s[3]}); err != nil {
		return nil, err
	}
	if w.dilation != (graph.Pair{1, 1}) || c.int("storage_order", 0) != 0 {
		return nil, fmt.Errorf("a dilation of %v is not supported", w.dilation)
	}
	if c.int("ceil_mode", 0) != 0 {
		for a, p := range [2][2]int{{w.pad.Top, w.pad.Bottom}, {w.pad.Left, w.pad.Right}} {
			if (s[2+a]+p[0]+p[1]-w.kernel[a])%w.stride[a] != 0 {
				return nil, fmt.Errorf("a last window that is not whole, as by ceil_mode for shape %v, is not supported", c.in[0].shape)
			}
		}
	}
	return c.back(w, of(w.x, graph.PoolGeometry{Size: w.kernel, Stride: w.stride, Margins: w.pad}))
}

func globalAveragePool(c *call) ([]value, error) {
	return c.global(func(x *graph.Node, n int) *graph.Node { return c.b.Scale(c.b.SumKeep(x, 2), 1/float64(n)) })
}

func globalMaxPool(c *call) ([]value, error) {
	return c.global(func(x *graph.Node, n int) *graph.Node { return c.b.MaxKeep(x, 2) })
}

func (c *call) global(of func(x *graph.Node, n int) *graph.Node) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	if len(s) < 3 {
		return nil, fmt.Errorf("x has shape %v, want [N C ...]", s)
	}
	to := append(slices.Clone(s[:2]), slices.Repeat([]int{1}, len(s)-2)...)
	return c.result(c.b.Reshape(of(c.b.Reshape(x, s[0], s[1], -1), graph.Shape(s[2:]).Size()), to...))
}

// resize resizes images by the nearest pixel or bilinearly, with the pixels' places as
// PyTorch has them.
func resize(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	signal := len(s) == 3
	if signal {
		x, s = c.b.Reshape(x, s[0], s[1], 1, s[2]), []int{s[0], s[1], 1, s[2]}
	}
	if len(s) != 4 {
		return nil, fmt.Errorf("x has shape %v, want signals [N C T] or images [N C H W]", s)
	}
	at := 2 // the operand with the scales
	if c.n.Op == "Upsample" || c.version < 11 {
		at = 1
	}
	var scales []float64
	size := graph.Pair{}
	switch {
	case c.has(at) && c.in[at].isKnown() && len(c.in[at].known) > 0:
		scales = c.in[at].known
	case c.attribute("scales") != nil:
		for _, v := range c.attribute("scales").Floats {
			scales = append(scales, float64(v))
		}
	case c.has(3):
		to, err := c.in[3].ints()
		if err != nil || len(to) < 2 {
			return nil, fmt.Errorf("its sizes: %w", orMissing(err))
		}
		if size = (graph.Pair{1, to[len(to)-1]}); !signal {
			size[0] = to[len(to)-2]
		}
	default:
		return nil, fmt.Errorf("its scales or sizes must be known when the graph is built")
	}
	l := graph.Resize2D{Size: size}
	if scales != nil {
		if len(scales) < 2 {
			return nil, fmt.Errorf("scales %v of shape %v", scales, s)
		}
		if l.Scale = [2]float64{1, scales[len(scales)-1]}; !signal {
			l.Scale[0] = scales[len(scales)-2]
		}
	}
	mode, places := c.text("mode", "nearest"), c.text("coordinate_transformation_mode", "half_pixel")
	if c.n.Op == "Upsample" || c.version < 11 {
		places = "asymmetric"
	}
	enlarges := l.Scale[0] == math.Floor(l.Scale[0]) && l.Scale[1] == math.Floor(l.Scale[1]) && l.Scale[0] >= 1 && l.Scale[1] >= 1 ||
		size != (graph.Pair{}) && size[0]%s[2] == 0 && size[1]%s[3] == 0
	nearest := c.text("nearest_mode", "round_prefer_floor")
	switch {
	case c.int("antialias", 0) != 0 || c.int("exclude_outside", 0) != 0 || c.attribute("axes") != nil || c.text("keep_aspect_ratio_policy", "stretch") != "stretch":
		return nil, fmt.Errorf("antialias, exclude_outside, axes and keep_aspect_ratio_policy are not supported")
	case mode == "nearest" && (places == "asymmetric" && (nearest == "floor" || c.n.Op == "Upsample" || c.version < 11) || places == "half_pixel" && enlarges && strings.HasPrefix(nearest, "round")):
		l.Mode = graph.Nearest // by half pixels, too, a pixel becomes a block if the scale is whole
	case mode == "linear" && (places == "half_pixel" || places == "pytorch_half_pixel" && size[0] != 1 && size[1] != 1):
		l.Mode = graph.Bilinear
	default:
		return nil, fmt.Errorf("mode %q with coordinates %q and scales %v is not supported", mode, places, scales)
	}
	y := l.Apply(c.b, x)
	return c.back(window{signal: signal}, y)
}
