package code

import (
	"math/rand/v2"
	"testing"

	"github.com/stheno-ml/stheno/lower"
)

// randomFunc is a function of random steps over random shapes. Its expressions
// are continuous and of modest slope, so that float32 gives about the same
// numbers as float64.
func randomFunc(seed uint64) *lower.Func {
	r := rand.New(rand.NewPCG(seed, 2))
	extents := []int{1, 1, 2, 3, 4, 5, 8, 17, 33, 70}
	shape := func() lower.Shape {
		for {
			s := make(lower.Shape, r.IntN(5))
			for a := range s {
				s[a] = extents[r.IntN(len(extents))]
			}
			if s.Size() <= 5000 {
				return s
			}
		}
	}
	var shapes []lower.Shape
	for range 1 + r.IntN(4) {
		shapes = append(shapes, shape())
	}
	f := lower.NewFunc(shapes...)
	var values []lower.Value
	for i := range shapes {
		values = append(values, f.In(i))
	}
	pick := func() lower.Value { return values[r.IntN(len(values))] }
	for range 3 + r.IntN(12) {
		x := pick()
		s := f.Shape(x)
		axis := 0
		if len(s) > 0 {
			axis = r.IntN(len(s))
		}
		y := x
		switch kind := r.IntN(12); {
		case kind < 4:
			args := []lower.Value{x}
			for range r.IntN(3) {
				z := pick()
				if b, err := lower.Broadcast(f.Shape(z), f.Shape(args[0]), s); err == nil && b.Size() <= 10000 {
					args = append(args, z)
				}
			}
			if to, err := lower.Broadcast(shapesOf(f, args)...); err == nil && to.Size() <= 10000 {
				y = f.Map(randomExpr(r, len(args), 4), args...)
			}
		case len(s) == 0:
			y = f.Broadcast(x, 1+r.IntN(3), 5)
		case kind < 6:
			var axes []int
			for a := range s {
				if r.IntN(2) == 0 {
					axes = append(axes, a)
				}
			}
			if kind == 4 {
				y = f.Max(x, axes...)
			} else {
				y = f.Map(lower.Arg(0).Mul(lower.Num(1/float64(s.Size()))), f.Sum(x, axes...))
			}
		case kind == 6:
			y = f.Transpose(x, r.Perm(len(s))...)
		case kind == 7:
			y = f.Apply(lower.Flip{Axes: []int{axis}}, x)[0]
		case kind == 8:
			start := r.IntN(s[axis])
			y = f.Slice(x, axis, start, start+1+r.IntN(s[axis]-start), 1+r.IntN(3))
		case kind == 9:
			y = f.Reshape(x, s.Size())
		case kind == 10:
			y = f.Apply(lower.Softmax{Axis: axis, Log: r.IntN(2) == 0}, x)[0]
		case s.Size() < 4000:
			before, after := make([]int, len(s)), make([]int, len(s))
			before[axis], after[r.IntN(len(s))] = r.IntN(3), r.IntN(3)
			y = f.Concat(axis, f.Pad(x, before, after), f.Pad(x, before, after))
		}
		values = append(values, y)
	}
	f.Return(values[len(shapes):]...)
	return f
}

func shapesOf(f *lower.Func, vs []lower.Value) []lower.Shape {
	var out []lower.Shape
	for _, v := range vs {
		out = append(out, f.Shape(v))
	}
	return out
}

func randomExpr(r *rand.Rand, args, depth int) lower.Expr {
	if depth == 0 || r.IntN(6) == 0 {
		return lower.Arg(r.IntN(args))
	}
	x := func() lower.Expr { return randomExpr(r, args, depth-1) }
	switch r.IntN(10) {
	case 0:
		return x().Add(x())
	case 1:
		return x().Sub(x())
	case 2:
		return x().Mul(lower.Num(float64(r.IntN(9)-4) / 4))
	case 3:
		return lower.Tanh(x()).Mul(lower.Sigmoid(x()))
	case 4:
		return lower.Max(x(), x())
	case 5:
		return lower.Min(x(), lower.Num(0.25))
	case 6:
		return lower.Softplus(x())
	case 7:
		return lower.Abs(x())
	case 8:
		return x().Div(lower.Exp(lower.Tanh(x())).Add(lower.Num(0.5)))
	}
	return lower.Erf(x())
}

func TestRandomFunctions(t *testing.T) {
	for seed := range uint64(16) {
		f := randomFunc(seed)
		check(t, f, inputs(f, seed), 1e-4)
	}
}

func FuzzFunctions(f *testing.F) {
	f.Add(uint64(1000))
	f.Fuzz(func(t *testing.T, seed uint64) {
		fn := randomFunc(seed)
		check(t, fn, inputs(fn, seed), 1e-4)
	})
}
