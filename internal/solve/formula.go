// The steps of Gorgonia's solvers as programs for one weight.

package solve

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// formula describes a type of Gorgonia solver: its fields, and the program of its n-th
// step.
type formula struct {
	of       reflect.Type
	numbers  []string // fields of type float64
	switches []string // fields of type bool
	others   []string // fields that change from step to step
	states   int      // arrays of the weight's size that a solver carries from step to step
	single   func(program[float32], settings, int) program[float32]
	double   func(program[float64], settings, int) program[float64]
}

// formulas lists the solvers that update weights element by element.
func formulas() []formula {
	return []formula{
		{
			of:      reflect.TypeFor[gorgonia.VanillaSolver](),
			numbers: []string{"eta", "clip", "l1reg", "l2reg", "batch"}, switches: []string{"useClip", "useL1Reg", "useL2Reg"},
			single: vanilla[float32], double: vanilla[float64],
		}, {
			of:      reflect.TypeFor[gorgonia.Momentum](),
			numbers: []string{"eta", "momentum", "clip", "l1reg", "l2reg", "batch"}, switches: []string{"useClip", "useL1Reg", "useL2Reg"},
			others: []string{"cache"}, states: 1, single: momentum[float32], double: momentum[float64],
		}, {
			of:      reflect.TypeFor[gorgonia.AdaGradSolver](),
			numbers: []string{"eta", "eps", "l1Reg", "l2reg", "clip"}, switches: []string{"useL2Reg", "useClip"},
			others: []string{"cache"}, states: 1, single: adaGrad[float32], double: adaGrad[float64],
		}, {
			of:      reflect.TypeFor[gorgonia.RMSPropSolver](),
			numbers: []string{"decay", "eps", "l2reg", "clip", "eta"}, switches: []string{"useClip", "useL2Reg"},
			others: []string{"cache"}, states: 1, single: rmsProp[float32], double: rmsProp[float64],
		}, {
			of:      reflect.TypeFor[gorgonia.AdamSolver](),
			numbers: []string{"eta", "eps", "beta1", "beta2", "clip", "l1reg", "l2reg", "batch"}, switches: []string{"useClip", "useL1Reg", "useL2Reg"},
			others: []string{"iter", "cache"}, states: 2, single: adam[float32], double: adam[float64],
		},
	}
}

// formulaOf returns the formula of a solver and the solver's fields. It returns nil if
// the solver has stepped, is of another type, or has fields that this package does not
// know.
func formulaOf(s gorgonia.Solver) (*formula, reflect.Value) {
	p := reflect.ValueOf(s)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return nil, reflect.Value{}
	}
	for _, f := range formulas() {
		fields := p.Elem()
		if fields.Type() != f.of || fields.NumField() != len(f.numbers)+len(f.switches)+len(f.others) {
			continue
		}
		for names, kind := range map[*[]string]reflect.Kind{&f.numbers: reflect.Float64, &f.switches: reflect.Bool} {
			if slices.ContainsFunc(*names, func(name string) bool { return fields.FieldByName(name).Kind() != kind }) {
				return nil, reflect.Value{}
			}
		}
		if slices.ContainsFunc(f.others, func(name string) bool { at := fields.FieldByName(name); return !at.IsValid() || !at.IsZero() }) {
			return nil, reflect.Value{}
		}
		return &f, fields
	}
	return nil, reflect.Value{}
}

// settings are the values of a solver's fields.
type settings struct {
	formula *formula
	numbers []float64
	flags   []bool
}

func (f *formula) settings(fields reflect.Value) settings {
	s := settings{formula: f}
	for _, name := range f.numbers {
		s.numbers = append(s.numbers, fields.FieldByName(name).Float())
	}
	for _, name := range f.switches {
		s.flags = append(s.flags, fields.FieldByName(name).Bool())
	}
	return s
}

func (s settings) number(name string) float64 {
	return s.numbers[slices.Index(s.formula.numbers, name)]
}

func (s settings) is(name string) bool {
	i := slices.Index(s.formula.switches, name)
	return i >= 0 && s.flags[i]
}

// fresh returns a new solver of the type.
func (f *formula) fresh() gorgonia.Solver {
	return reflect.New(f.of).Interface().(gorgonia.Solver)
}

// prepare writes the first operations on the gradient, which several solvers share.
// Register x has the elements that regularization uses.
func prepare[T kernel.Float](p *program[T], s settings, x int) {
	if s.is("useL1Reg") {
		p.plain(sign, regT, x, 0)
		p.right(kernel.OpMul, regT, regT, T(s.number("l1reg")))
		p.two(kernel.OpAdd, regG, regG, regT)
	}
	if s.is("useL2Reg") {
		p.right(kernel.OpMul, regT, x, T(s.number("l2reg")))
		p.two(kernel.OpAdd, regG, regG, regT)
	}
	if batch := s.number("batch"); batch > 1 {
		p.right(kernel.OpMul, regG, regG, 1/T(batch))
	}
	if s.is("useClip") && s.number("clip") > 0 {
		p.plain(clamp, regG, regG, T(s.number("clip")))
	}
}

func vanilla[T kernel.Float](p program[T], s settings, _ int) program[T] {
	prepare(&p, s, regW)
	p.right(kernel.OpMul, regG, regG, T(-s.number("eta")))
	p.two(kernel.OpAdd, regW, regW, regG)
	p.plain(zero, regG, regG, 0)
	return p
}

func momentum[T kernel.Float](p program[T], s settings, _ int) program[T] {
	prepare(&p, s, regM)
	p.right(kernel.OpMul, regG, regG, T(-s.number("eta")))
	p.right(kernel.OpMul, regM, regM, T(s.number("momentum")))
	p.two(kernel.OpAdd, regM, regM, regG)
	p.two(kernel.OpAdd, regW, regW, regM)
	p.plain(zero, regG, regG, 0)
	return p
}

func adaGrad[T kernel.Float](p program[T], s settings, _ int) program[T] {
	p.two(kernel.OpMul, regT, regG, regG)
	p.two(kernel.OpAdd, regM, regM, regT)
	return overRoot(p, s)
}

func rmsProp[T kernel.Float](p program[T], s settings, _ int) program[T] {
	decay := s.number("decay")
	p.two(kernel.OpMul, regT, regG, regG)
	p.right(kernel.OpMul, regM, regM, T(decay))
	p.right(kernel.OpMul, regT, regT, T(1-decay))
	p.two(kernel.OpAdd, regM, regM, regT)
	return overRoot(p, s)
}

// overRoot writes the end of a step: an update by the gradient over the square root of
// the state.
func overRoot[T kernel.Float](p program[T], s settings) program[T] {
	if s.is("useClip") {
		p.plain(clamp, regG, regG, T(s.number("clip")))
	}
	p.right(kernel.OpAdd, regU, regM, T(s.number("eps")))
	p.one(kernel.OpSqrt, regU, regU)
	p.left(kernel.OpDiv, regU, 1, regU)
	p.right(kernel.OpMul, regG, regG, T(-s.number("eta")))
	p.two(kernel.OpMul, regU, regU, regG)
	if s.is("useL2Reg") {
		p.right(kernel.OpMul, regT, regW, T(s.number("l2reg")))
		p.two(kernel.OpSub, regU, regU, regT)
	}
	p.two(kernel.OpAdd, regW, regW, regU)
	p.plain(zero, regG, regG, 0)
	return p
}

func adam[T kernel.Float](p program[T], s settings, step int) program[T] {
	beta1, beta2 := s.number("beta1"), s.number("beta2")
	prepare(&p, s, regW)
	p.right(kernel.OpMul, regT, regG, 1-T(beta1))
	p.two(kernel.OpMul, regG, regG, regG)
	p.right(kernel.OpMul, regG, regG, 1-T(beta2))
	p.right(kernel.OpMul, regM, regM, T(beta1))
	p.two(kernel.OpAdd, regM, regT, regM)
	p.right(kernel.OpMul, regV, regV, T(beta2))
	p.two(kernel.OpAdd, regV, regG, regV)
	p.right(kernel.OpMul, regT, regM, 1/T(1-math.Pow(beta1, float64(step))))
	p.right(kernel.OpMul, regU, regV, 1/T(1-math.Pow(beta2, float64(step))))
	p.one(kernel.OpSqrt, regU, regU)
	p.right(kernel.OpAdd, regU, regU, T(s.number("eps")))
	p.right(kernel.OpMul, regT, regT, -T(s.number("eta")))
	p.two(kernel.OpDiv, regT, regT, regU)
	p.two(kernel.OpAdd, regW, regW, regT)
	p.plain(zero, regG, regG, 0)
	return p
}

// matches reports whether the formula gives the same bits as a copy of original, for the
// types in use. It does not if the compiler fuses Gorgonia's operations, or if the
// version of Gorgonia computes something else.
func (f *formula) matches(original gorgonia.Solver, set settings, single *formulaWork[float32], double *formulaWork[float64]) bool {
	return (single == nil || matches(f, original, set, single, f.single)) && (double == nil || matches(f, original, set, double, f.double))
}

func matches[T kernel.Float](f *formula, original gorgonia.Solver, set settings, work *formulaWork[T], write func(program[T], settings, int) program[T]) bool {
	const n, steps = 199, 3
	theirs := reflect.New(f.of)
	theirs.Elem().Set(reflect.ValueOf(original).Elem())
	r := rand.New(rand.NewPCG(1, 2))
	tried := &pair{}
	data := [2][2][]T{} // value and gradient, theirs and ours
	for i := range data {
		x := make([]T, n)
		for k := range x {
			x[k] = T(r.NormFloat64() * math.Pow(10, float64(k%7-3)))
		}
		data[i] = [2][]T{x, slices.Clone(x)}
	}
	tried.value = tensor.New(tensor.WithShape(n), tensor.WithBacking(data[0][0]))
	tried.grad = tensor.New(tensor.WithShape(n), tensor.WithBacking(data[1][0]))
	ours := newSteppedWeight(&formulaWork[T]{vector: work.vector, scratch: work.scratch}, f.states)
	if _, err := ours.bind(tensor.New(tensor.WithShape(n), tensor.WithBacking(data[0][1])), tensor.New(tensor.WithShape(n), tensor.WithBacking(data[1][1]))); err != nil {
		return false
	}
	for step := 1; step <= steps; step++ {
		for k := range n {
			data[1][0][k] = T(r.NormFloat64() * math.Pow(10, float64(k%5-3)))
		}
		copy(data[1][1], data[1][0])
		if err := theirs.Interface().(gorgonia.Solver).Step([]gorgonia.ValueGrad{tried}); err != nil {
			return false
		}
		ours.program = write(nil, set, step)
		ours.step(0, n, 0)
		if !sameBits(data[0][0], data[0][1]) || !sameBits(data[1][0], data[1][1]) {
			return false
		}
	}
	return true
}

// pair is a value and its gradient.
type pair struct{ value, grad gorgonia.Value }

func (p *pair) Value() gorgonia.Value         { return p.value }
func (p *pair) Grad() (gorgonia.Value, error) { return p.grad, nil }
