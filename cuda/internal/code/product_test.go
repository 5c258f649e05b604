package code

import (
	"fmt"
	"testing"

	"github.com/stheno-ml/stheno/lower"
)

const near = 1e-5 // tolerance of float32 results, relative to the largest

// battery is one function made of many independent ones, so that the emulator
// compiles them together.
type battery struct {
	shapes []lower.Shape
	build  []func(f *lower.Func, in []lower.Value) []lower.Value
}

func (s *battery) add(build func(f *lower.Func, in []lower.Value) []lower.Value, shapes ...lower.Shape) {
	first := len(s.shapes)
	s.shapes = append(s.shapes, shapes...)
	s.build = append(s.build, func(f *lower.Func, in []lower.Value) []lower.Value {
		return build(f, in[first:first+len(shapes)])
	})
}

func (s *battery) function() *lower.Func {
	f := lower.NewFunc(s.shapes...)
	var in, out []lower.Value
	for i := range s.shapes {
		in = append(in, f.In(i))
	}
	for _, build := range s.build {
		out = append(out, build(f, in)...)
	}
	f.Return(out...)
	return f
}

func TestProducts(t *testing.T) {
	for turned := range 4 {
		t.Run(fmt.Sprint("transposed ", turned), func(t *testing.T) {
			var s battery
			for _, c := range []struct{ m, n, k, batch int }{
				{1, 1, 1, 1}, {5, 3, 2, 1}, {130, 2, 17, 1}, {2, 130, 33, 2}, {33, 65, 129, 1}, {64, 64, 64, 1},
				{7, 9, 11, 4}, {128, 130, 40, 1}, {1, 50, 300, 1}, {40, 1, 300, 1}, {3, 4, 4096, 1},
			} {
				s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
					return []lower.Value{f.MatMul(back(f, in[0], turned&1 > 0), back(f, in[1], turned&2 > 0))}
				}, turn(turned&1 > 0, c.batch, c.m, c.k), turn(turned&2 > 0, c.batch, c.k, c.n))
			}
			f := s.function()
			check(t, f, inputs(f, 1), near)
		})
	}
}

// turn is the shape of matrices that may be stored transposed.
func turn(turned bool, batch, m, n int) lower.Shape {
	if turned {
		m, n = n, m
	}
	return lower.Shape{batch, m, n}
}

// back reads matrices that are stored transposed.
func back(f *lower.Func, v lower.Value, turned bool) lower.Value {
	if turned {
		return f.Transpose(v, 0, 2, 1)
	}
	return v
}
