package lower

import (
	"fmt"
	"slices"
	"strings"
)

// Value is the number of an array in a Func: an input or a step's result.
type Value int

// Step is one application of a primitive.
type Step struct {
	Prim Prim
	In   []Value
	Out  []Value
}

// Func is a function over arrays of known shapes in single-assignment form: steps in
// an order in which they can run. Build it by calling its methods. Err returns the
// first mistake, so calls can be chained without checks.
type Func struct {
	steps  []Step
	shapes []Shape // by Value
	inputs int
	out    []Value
	tags   [][]int // by value; may be shorter than shapes
	err    error

	numbers  []Value // 0, 1, 2, ...: the Out of steps are slices of it
	operands []Value // all steps' operands: the In of steps are slices of it
	of       []Shape // the shapes of the present step's operands
}

// NewFunc starts a function whose inputs have the given shapes.
func NewFunc(in ...Shape) *Func {
	extents := 0
	for _, s := range in {
		extents += len(s)
	}
	f := &Func{inputs: len(in), shapes: make([]Shape, len(in), len(in)+1)}
	all := make([]int, 0, extents) // the inputs' shapes are slices of it
	for i, s := range in {
		if err := s.Check(); err != nil && f.err == nil {
			f.err = fmt.Errorf("input: %w", err)
		}
		all = append(all, s...)
		f.shapes[i] = all[len(all)-len(s) : len(all) : len(all)]
	}
	return f
}

// Grow reserves memory for that many more steps of about one result each.
func (f *Func) Grow(steps int) {
	f.steps = slices.Grow(f.steps, steps)
	f.shapes = slices.Grow(f.shapes, steps)
	f.tags = slices.Grow(f.tags, len(f.shapes)+steps)
	f.operands = slices.Grow(f.operands, 2*steps)
	f.numbers = slices.Grow(f.numbers, len(f.shapes)+steps)
}

// In returns the i-th input.
func (f *Func) In(i int) Value { return Value(i) }

// Inputs returns the number of inputs.
func (f *Func) Inputs() int { return f.inputs }

// Shape returns the shape of a value.
func (f *Func) Shape(v Value) Shape {
	if v < 0 || int(v) >= len(f.shapes) {
		return nil
	}
	return f.shapes[v]
}

// Values returns the number of values. Inputs come first.
func (f *Func) Values() int { return len(f.shapes) }

// Steps returns the steps in order. Do not change the slice.
func (f *Func) Steps() []Step { return f.steps }

// Results returns the values given to Return.
func (f *Func) Results() []Value { return f.out }

// Return declares the results. Call it once, last.
func (f *Func) Return(vs ...Value) { f.out = vs }

// Tag marks a value with numbers of the caller's. A rewrite of the function copies
// the tags, so that a listing can say where a value came from.
func (f *Func) Tag(v Value, tags ...int) {
	for len(f.tags) <= int(v) {
		f.tags = append(f.tags, nil)
	}
	if f.tags[v] == nil {
		f.tags[v] = slices.Clip(tags)
		return
	}
	f.tags[v] = append(slices.Clip(f.tags[v]), tags...)
}

// Tags returns the marks of a value.
func (f *Func) Tags(v Value) []int {
	if int(v) >= len(f.tags) {
		return nil
	}
	return f.tags[v]
}

// Err returns the first mistake in building the function, or nil.
func (f *Func) Err() error {
	if f.err == nil && len(f.out) == 0 {
		return fmt.Errorf("lower: the function has no results: call Return")
	}
	return f.err
}

// BuildErr returns the first mistake so far, or nil, while the function is being
// built. It does not require a Return.
func (f *Func) BuildErr() error { return f.err }

// fail records the first mistake.
func (f *Func) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("lower: "+format, args...)
	}
}

// Apply adds a step and returns its results. The methods below are shorter forms.
func (f *Func) Apply(p Prim, in ...Value) []Value {
	f.of = f.of[:0]
	for i, v := range in {
		if v < 0 || int(v) >= len(f.shapes) {
			f.fail("%v: operand %d is not a value of this function", p, i)
			return []Value{-1, -1, -1, -1, -1, -1, -1, -1}
		}
		f.of = append(f.of, f.shapes[v])
	}
	outs, err := p.Infer(f.of)
	if err != nil {
		f.fail("%v of %v: %w", p, f.of, err)
		return []Value{-1, -1, -1, -1, -1, -1, -1, -1}
	}
	return f.add(p, in, outs)
}

// Repeat adds a step of another function, unchanged, over operands of this one.
func (f *Func) Repeat(of *Func, s Step, in ...Value) []Value {
	for i, v := range in {
		if i >= len(s.In) || !f.Shape(v).Equal(of.Shape(s.In[i])) {
			return f.Apply(s.Prim, in...)
		}
	}
	f.of = f.of[:0]
	for _, v := range s.Out {
		f.of = append(f.of, of.Shape(v))
	}
	return f.add(s.Prim, in, f.of)
}

// add adds a step whose results have these shapes.
func (f *Func) add(p Prim, in []Value, outs []Shape) []Value {
	at := len(f.operands)
	f.operands = append(f.operands, in...)
	first := len(f.shapes)
	f.shapes = append(f.shapes, outs...)
	for len(f.numbers) < len(f.shapes) {
		f.numbers = append(f.numbers, Value(len(f.numbers)))
	}
	s := Step{Prim: p, In: f.operands[at:len(f.operands):len(f.operands)], Out: f.numbers[first:len(f.shapes):len(f.shapes)]}
	f.steps = append(f.steps, s)
	return s.Out
}

// Inline adds the steps of another function, with args as its inputs, and returns its
// results.
func (f *Func) Inline(other *Func, args ...Value) []Value {
	if err := other.Err(); err != nil || len(args) != other.inputs {
		f.fail("inline: the function has %d inputs, got %d: %v", other.inputs, len(args), err)
		return make([]Value, len(other.out))
	}
	at := make([]Value, len(other.shapes))
	for i, v := range args {
		if !f.Shape(v).Equal(other.shapes[i]) {
			f.fail("inline: input %d is %v, want %v", i, f.Shape(v), other.shapes[i])
			return make([]Value, len(other.out))
		}
		at[i] = v
	}
	var in []Value
	for _, s := range other.steps {
		in = in[:0]
		for _, v := range s.In {
			in = append(in, at[v])
		}
		for i, v := range f.Repeat(other, s, in...)[:len(s.Out)] {
			at[s.Out[i]] = v
		}
	}
	out := make([]Value, len(other.out))
	for i, v := range other.out {
		out[i] = at[v]
	}
	return out
}

// Map applies the expression elementwise to operands that broadcast together.
func (f *Func) Map(e Expr, xs ...Value) Value {
	if !slices.ContainsFunc(xs, func(x Value) bool { return !f.Shape(x).Equal(f.Shape(xs[0])) }) {
		return f.Apply(Map{e}, xs...)[0]
	}
	shapes := make([]Shape, len(xs))
	for i, x := range xs {
		shapes[i] = f.Shape(x)
	}
	full, err := Broadcast(shapes...)
	if err != nil {
		f.fail("map %v: %w", e, err)
		return -1
	}
	wide := make([]Value, len(xs))
	for i, x := range xs {
		wide[i] = f.Broadcast(x, full...)
	}
	return f.Apply(Map{e}, wide...)[0]
}

// Reshape reads x with another shape of the same size.
func (f *Func) Reshape(x Value, shape ...int) Value {
	if f.Shape(x).Equal(shape) {
		return x
	}
	return f.Apply(Reshape{Shape(shape).Clone()}, x)[0]
}

// Transpose reads x with its axes in the order perm.
func (f *Func) Transpose(x Value, perm ...int) Value {
	return f.Apply(Transpose{append([]int(nil), perm...)}, x)[0]
}

// Slice reads elements start, start+step, ... below stop of one axis of x.
func (f *Func) Slice(x Value, axis, start, stop, step int) Value {
	return f.Apply(Slice{Axis: axis, Start: start, Stop: stop, Step: step}, x)[0]
}

// Broadcast reads x broadcast to the given shape.
func (f *Func) Broadcast(x Value, shape ...int) Value {
	if f.Shape(x).Equal(shape) {
		return x
	}
	return f.Apply(BroadcastTo{Shape(shape).Clone()}, x)[0]
}

// Sum adds up x over the axes, which stay with extent 1.
func (f *Func) Sum(x Value, axes ...int) Value {
	return f.Apply(Reduce{Kind: ReduceSum, Axes: append([]int(nil), axes...)}, x)[0]
}

// Max takes the maximum of x over the axes, which stay with extent 1.
func (f *Func) Max(x Value, axes ...int) Value {
	return f.Apply(Reduce{Kind: ReduceMax, Axes: append([]int(nil), axes...)}, x)[0]
}

// MatMul multiplies [..., m, k] by [..., k, n]. Leading axes are batches and must be
// equal.
func (f *Func) MatMul(a, b Value) Value { return f.Apply(MatMul{}, a, b)[0] }

// Concat joins arrays along an axis.
func (f *Func) Concat(axis int, xs ...Value) Value { return f.Apply(Concat{Axis: axis}, xs...)[0] }

// Pad surrounds x with zeros: before[i] and after[i] elements on axis i.
func (f *Func) Pad(x Value, before, after []int) Value {
	return f.Apply(Pad{append([]int(nil), before...), append([]int(nil), after...)}, x)[0]
}

// String lists the function, one step a line.
func (f *Func) String() string {
	var b strings.Builder
	for i := range f.inputs {
		fmt.Fprintf(&b, "%%%d = input %v\n", i, f.shapes[i])
	}
	for _, s := range f.steps {
		for i, o := range s.Out {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%%%d", o)
		}
		fmt.Fprintf(&b, " = %v", s.Prim)
		for _, v := range s.In {
			fmt.Fprintf(&b, " %%%d", v)
		}
		for _, o := range s.Out {
			fmt.Fprintf(&b, " %v", f.shapes[o])
		}
		b.WriteByte('\n')
	}
	b.WriteString("return")
	for _, v := range f.out {
		fmt.Fprintf(&b, " %%%d", v)
	}
	b.WriteByte('\n')
	return b.String()
}
