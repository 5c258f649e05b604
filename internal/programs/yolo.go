package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// yolo runs inference with a detection net, tiny YOLO, one image at a time: its
// weights never change.
type yolo struct {
	side     int
	channels []int // channels of the layers that are pooled
	deep     []int // channels of the layers that are not
	out      int
}

func (c yolo) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 7)
	x := s.input("image", 1, 3, c.side, c.side)
	h := x
	for i, channels := range c.channels {
		h = halved(c.layer(s, fmt.Sprint("conv", i), h, channels))
	}
	for i, channels := range c.deep {
		h = c.layer(s, fmt.Sprint("deep", i), h, channels)
	}
	s.read("cells", s.conv("out", h, c.out, 1))
	image := s.uniform(2, 3*c.side*c.side)
	return &loop{vm: machine(s.g), reads: s.reads, feed: func(i int) error { return batchOf(image, x, i) }}, nil
}

func (c yolo) layer(s *sheet, name string, x *G.Node, channels int) *G.Node {
	y := s.conv(name, x, channels, 3)
	bias := s.given(name+".bias", s.normal(0.1, y.Shape()...))
	return must(G.LeakyRelu(must(G.Add(y, bias)), 0.1))
}
