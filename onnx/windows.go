package onnx

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// geometry returns the attributes of a convolution.
func geometry(g lower.Geometry, kernel lower.Shape) []*onnxproto.Attribute {
	return []*onnxproto.Attribute{
		attrInts("kernel_shape", kernel[2], kernel[3]), attrInts("strides", g.Stride[:]...), attrInts("dilations", g.Dilation[:]...),
		attrInts("pads", g.Pad.Top, g.Pad.Left, g.Pad.Bottom, g.Pad.Right), attrInt("group", g.ChannelGroups()),
	}
}

// windowAttributes returns the attributes of a pool.
func windowAttributes(v lower.Window) []*onnxproto.Attribute {
	return []*onnxproto.Attribute{
		attrInts("kernel_shape", v.Size[:]...), attrInts("strides", v.Stride[:]...),
		attrInts("pads", v.Pad.Top, v.Pad.Left, v.Pad.Bottom, v.Pad.Right),
	}
}

// window writes primitives that move a window over images.
func (w *writer) window(s lower.Step, in []string) ([]string, error) {
	shapeOf := w.f.Shape
	x := shapeOf(s.In[0])
	switch p := w.prims[0].(type) {
	case lower.Conv:
		return []string{w.add("Conv", in, geometry(p.Geometry, shapeOf(s.In[1]))...)}, nil
	case lower.ConvData:
		kernel := shapeOf(s.In[1])
		var rest [2]int // rows and columns of the image that no window reaches
		for a := range rest {
			before, after := p.Pad.Along(a)
			rest[a] = p.In[a] - (p.Stride[a]*(x[2+a]-1) + p.Dilation[a]*(kernel[2+a]-1) + 1 - before - after)
		}
		attributes := append(geometry(p.Geometry, kernel), attrInts("output_padding", rest[:]...))
		return []string{w.add("ConvTranspose", in, attributes...)}, nil
	case lower.Pool:
		return []string{w.add("MaxPool", in, windowAttributes(p.Window)...)}, nil
	case lower.PoolSum:
		pads := 1
		if p.Divisor == lower.ExcludePad {
			pads = 0
		}
		y := w.add("AveragePool", in, append(windowAttributes(p.Window), attrInt("count_include_pad", pads))...)
		if p.Divisor == lower.NoDivisor {
			y = w.add("Mul", []string{y, w.number(float64(p.Size[0] * p.Size[1]))})
		}
		return []string{y}, nil
	}
	p := w.prims[0].(lower.PoolSpread)
	if p.Divisor == lower.NoDivisor && p.Size == p.Stride && p.Pad == (lower.Margins{}) && p.In == [2]int{x[2] * p.Size[0], x[3] * p.Size[1]} {
		scales := w.constant(&array{elements: []float64{1, 1, float64(p.Size[0]), float64(p.Size[1])}, shape: []extent{fixed(4)}})
		return []string{w.add("Resize", []string{in[0], "", scales}, attrText("mode", "nearest"),
			attrText("coordinate_transformation_mode", "asymmetric"), attrText("nearest_mode", "floor"))}, nil
	}
	if p.Divisor == lower.ExcludePad && p.Pad != (lower.Margins{}) {
		return nil, fmt.Errorf("%v has no ONNX op", p)
	}
	share := 1.0
	if p.Divisor != lower.NoDivisor {
		share /= float64(p.Size[0] * p.Size[1])
	}
	ones := make([]float64, x[1]*p.Size[0]*p.Size[1])
	for i := range ones {
		ones[i] = share
	}
	kernel := lower.Shape{x[1], 1, p.Size[0], p.Size[1]}
	weights := w.constant(&array{elements: ones, shape: []extent{fixed(x[1]), fixed(1), fixed(p.Size[0]), fixed(p.Size[1])}})
	var rest [2]int
	for a := range rest {
		before, after := p.Pad.Along(a)
		rest[a] = p.In[a] - (p.Stride[a]*(x[2+a]-1) + p.Size[a] - before - after)
	}
	g := lower.Geometry{Stride: p.Stride, Dilation: [2]int{1, 1}, Pad: p.Pad, Groups: x[1]}
	return []string{w.add("ConvTranspose", []string{in[0], weights}, append(geometry(g, kernel), attrInts("output_padding", rest[:]...))...)}, nil
}
