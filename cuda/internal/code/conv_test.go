package code

import (
	"testing"

	"github.com/stheno-ml/stheno/lower"
)

// convCase is a convolution.
type convCase struct {
	name     string
	n, c, o  int
	size     [2]int
	kernel   [2]int
	geometry lower.Geometry
}

func geometry(stride, dilation int, pad ...int) lower.Geometry {
	g := lower.Geometry{Stride: [2]int{stride, stride}, Dilation: [2]int{dilation, dilation}}
	if len(pad) > 0 {
		g.Pad = lower.Margins{Top: pad[0], Bottom: pad[1], Left: pad[2], Right: pad[3]}
	}
	return g
}

var convCases = []convCase{
	{"one channel", 2, 1, 4, [2]int{9, 8}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
	{"to one channel", 3, 5, 1, [2]int{6, 7}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
	{"to one channel, large", 2, 5, 1, [2]int{96, 90}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
	{"to one channel, lopsided", 3, 2, 1, [2]int{210, 101}, [2]int{5, 2}, lower.Geometry{Stride: [2]int{1, 2}, Dilation: [2]int{2, 3}, Pad: lower.Margins{Top: 4, Bottom: 1, Right: 3}}},
	{"many channels", 1, 70, 65, [2]int{4, 5}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
	{"stride 2", 4, 3, 8, [2]int{9, 12}, [2]int{3, 3}, geometry(2, 1, 1, 1, 1, 1)},
	{"stride 2, even kernel", 2, 4, 6, [2]int{8, 8}, [2]int{4, 4}, geometry(2, 1, 1, 1, 1, 1)},
	{"stride 3, a remainder", 2, 3, 4, [2]int{12, 11}, [2]int{2, 2}, geometry(3, 1)},
	{"dilation 2", 2, 3, 4, [2]int{9, 10}, [2]int{3, 2}, geometry(1, 2, 2, 0, 1, 2)},
	{"dilation 2, to fewer channels", 2, 5, 3, [2]int{9, 10}, [2]int{3, 2}, geometry(1, 2, 2, 0, 1, 2)},
	{"stride 2 and dilation 2", 2, 3, 2, [2]int{10, 9}, [2]int{3, 3}, geometry(2, 2, 1, 2, 2, 1)},
	{"stride 3 and dilation 2", 1, 2, 3, [2]int{13, 12}, [2]int{3, 3}, geometry(3, 2, 1, 0, 2, 1)},
	{"stride 4 and dilation 2", 1, 2, 3, [2]int{13, 17}, [2]int{3, 5}, geometry(4, 2, 1, 0, 5, 1)},
	{"pixels", 9, 6, 7, [2]int{5, 5}, [2]int{1, 1}, geometry(1, 1)},
	{"as large as the image", 2, 3, 5, [2]int{5, 4}, [2]int{5, 4}, geometry(1, 1)},
	{"lopsided", 2, 2, 3, [2]int{7, 5}, [2]int{5, 2}, lower.Geometry{Stride: [2]int{1, 2}, Dilation: [2]int{1, 3}, Pad: lower.Margins{Top: 4, Right: 3}}},
}

func (c convCase) shapes(t testing.TB) (x, w, y lower.Shape) {
	x, w = lower.Shape{c.n, c.c, c.size[0], c.size[1]}, lower.Shape{c.o, c.c, c.kernel[0], c.kernel[1]}
	out, err := lower.Conv{Geometry: c.geometry}.Infer([]lower.Shape{x, w})
	if err != nil {
		t.Fatal(err)
	}
	return x, w, out[0]
}

func TestConvolutions(t *testing.T) {
	var conv, data, filter battery
	for _, c := range convCases {
		x, w, y := c.shapes(t)
		step := func(p lower.Prim) func(*lower.Func, []lower.Value) []lower.Value {
			return func(f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(p, in...) }
		}
		conv.add(step(lower.Conv{Geometry: c.geometry}), x, w)
		data.add(step(lower.ConvData{Geometry: c.geometry, In: c.size}), y, w)
		filter.add(step(lower.ConvFilter{Geometry: c.geometry, Kernel: c.kernel}), x, y)
	}
	for name, s := range map[string]*battery{"conv": &conv, "data": &data, "filter": &filter} {
		t.Run(name, func(t *testing.T) {
			f := s.function()
			check(t, f, inputs(f, 2), near)
		})
	}
}
