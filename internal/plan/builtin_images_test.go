package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func imageCases() (cases []builtinCase) {
	one := func(name string, f func(p *program, x *node) (*node, error), shape ...int) {
		cases = append(cases, builtinCase{name, func(p *program) {
			x := p.in(shape...)
			p.grad(p.must(f(p, x)), x)
		}})
	}
	for _, g := range []struct{ k, pad, stride, dilation []int }{
		{[]int{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}},
		{[]int{3, 2}, []int{0, 1}, []int{2, 1}, []int{1, 1}},
		{[]int{2, 3}, []int{2, 0}, []int{1, 3}, []int{2, 1}},
		{[]int{1, 1}, []int{0, 0}, []int{1, 1}, []int{1, 1}},
		{[]int{2, 2}, []int{0, 0}, []int{3, 3}, []int{1, 1}},
	} {
		one("im2col", func(p *program, x *node) (*node, error) { return G.Im2Col(x, g.k, g.pad, g.stride, g.dilation) }, 2, 3, 6, 7)
		cases = append(cases, builtinCase{"conv2d", func(p *program) {
			x, w := p.in(2, 3, 6, 7), p.in(4, 3, g.k[0], g.k[1])
			p.grad(p.must(G.Conv2d(x, w, g.k, g.pad, g.stride, g.dilation)), x, w)
		}})
	}
	for _, g := range []struct{ k, pad, stride []int }{
		{[]int{2, 2}, []int{0, 0}, []int{2, 2}},
		{[]int{3, 2}, []int{1, 1}, []int{1, 2}},
		{[]int{3, 3}, []int{1, 1, 2, 2}, []int{2, 2}},
		{[]int{3, 3}, []int{0, 0}, []int{1, 1}},
	} {
		one("max pool", func(p *program, x *node) (*node, error) { return G.MaxPool2D(x, g.k, g.pad, g.stride) }, 2, 3, 6, 7)
	}
	one("max pool 1d", func(p *program, x *node) (*node, error) { return G.MaxPool1D(x, 3, 1, 2) }, 2, 3, 1, 7)
	for _, k := range []int{1, 2, 3} {
		one("upsample", func(p *program, x *node) (*node, error) { return G.Upsample2D(x, k) }, 2, 3, 2, 3)
	}
	cases = append(cases, builtinCase{"global mean", func(p *program) {
		p.must(G.GlobalAveragePool2D(p.in(2, 3, 4, 5)))
	}})
	for _, shape := range [][]int{{4, 3}, {2, 3, 4, 5}, {4, 3, 1, 1}} {
		one("batch norm", func(p *program, x *node) (*node, error) {
			ones := append([]int{1, shape[1]}, shape[2:]...)
			y, _, _, _, err := G.BatchNorm(x, p.in(ones...), p.in(ones...), 0.1, 1e-3)
			return y, err
		}, shape...)
	}
	for _, shape := range [][]int{{4, 6}, {2, 6, 4, 5}, {1, 4, 3, 3}} {
		one("group norm", func(p *program, x *node) (*node, error) {
			ones := append([]int{1, shape[1]}, []int{1, 1}[:len(shape)-2]...)
			return G.GroupNorm(x, p.in(ones...), p.in(ones...), 2, shape[1], 1e-3)
		}, shape...)
	}
	return cases
}

func TestImageOpsMeanWhatTapeMachineComputes(t *testing.T) {
	for _, c := range imageCases() {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			t.Run(c.name+" "+dt.String(), func(t *testing.T) {
				p := newProgram(t, dt)
				c.build(p)
				o := p.compare()
				require.Empty(t, o.hosts)
				require.Empty(t, o.faults)
				require.NotEmpty(t, o.compared)
			})
		}
	}
}
