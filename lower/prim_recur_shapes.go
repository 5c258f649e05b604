package lower

import "fmt"

// Tables of the operands and results of Recur and RecurGrad, with names and shapes.
// Inference and the nominal flops follow from them.

// recurDims are the extents of a recurrence.
type recurDims struct {
	batch, steps, inputSteps, features, units int // N, T, x's steps, D, H
	columns, biases                           int // G*H, B*H
}

// recurOperand is an operand's name and the shape it must have.
type recurOperand struct {
	name  string
	shape Shape
}

// operands lists the operands for these extents.
func (p Recur) operands(d recurDims) []recurOperand {
	in := []recurOperand{
		{"x", Shape{d.batch, d.inputSteps, d.features}},
		{"wx", Shape{d.features, d.columns}},
		{"wh", Shape{d.units, d.columns}},
		{"bias", Shape{d.biases}},
	}
	return append(in, p.initial(d)...)
}

func (p Recur) initial(d recurDims) []recurOperand {
	if !p.Initial {
		return nil
	}
	state := Shape{d.batch, d.units}
	return []recurOperand{{"the initial h", state}, {"the initial c", state}}[:p.Cell.states()]
}

func (p Recur) results(d recurDims) []recurOperand {
	out := []recurOperand{{"h", Shape{d.batch, d.steps, d.units}}}
	for range p.Cell.states() - 1 {
		out = append(out, recurOperand{"a saved state", Shape{d.steps, d.batch, d.units}})
	}
	return append(out, recurOperand{"the cell's saved values", Shape{d.steps, d.batch, len(cells[p.Cell].Saved) * d.units}})
}

// states returns the number of states of the cell.
func (c Cell) states() int { return len(cells[c].NextStates) }

// operands lists the operands for these extents.
func (p RecurGrad) operands(d recurDims) []recurOperand {
	in := append(p.Of.operands(d)[:3:3], p.Of.initial(d)...)
	in = append(in, p.Of.results(d)...)
	state := Shape{d.batch, d.units}
	if p.Outputs {
		in = append(in, recurOperand{"the gradient of h", Shape{d.batch, d.steps, d.units}})
	}
	if p.LastH {
		in = append(in, recurOperand{"the gradient of the last h", state})
	}
	if p.LastC {
		in = append(in, recurOperand{"the gradient of the last c", state})
	}
	return in
}

func (p RecurGrad) results(d recurDims) []Shape {
	var out []Shape
	of := p.Of.operands(d)
	if p.X {
		out = append(out, of[0].shape)
	}
	if p.Weights {
		out = append(out, of[1].shape, of[2].shape, of[3].shape)
	}
	if p.State {
		for range p.Of.Cell.states() {
			out = append(out, Shape{d.batch, d.units})
		}
	}
	return out
}

// dims reads the extents from x and wh.
func (p Recur) dims(x, wh Shape) recurDims {
	c := cells[p.Cell]
	return recurDims{batch: x[0], steps: p.Steps, inputSteps: x[1], features: x[2], units: wh[0], columns: c.Gates * wh[0], biases: c.Biases * wh[0]}
}

// check compares the operands with the list for their extents.
func (p Recur) check(in []Shape, list func(recurDims) []recurOperand) (recurDims, error) {
	var d recurDims
	if int(p.Cell) >= len(cells) {
		return d, fmt.Errorf("there is no %v", p.Cell)
	}
	if err := checkOperands(in, len(list(d))); err != nil {
		return d, err
	}
	if p.Steps < 1 {
		return d, fmt.Errorf("want at least 1 step, have %d", p.Steps)
	}
	if len(in[0]) != 3 || in[0][1] != p.Steps && in[0][1] != 1 {
		return d, fmt.Errorf("x is %v, want [N,%d,D], or [N,1,D] for the same input at every step", in[0], p.Steps)
	}
	if len(in[2]) != 2 {
		return d, fmt.Errorf("wh is %v, want a matrix with a row for each unit", in[2])
	}
	d = p.dims(in[0], in[2])
	for i, want := range list(d) {
		if !in[i].Equal(want.shape) {
			return d, fmt.Errorf("%s is %v, want %v: %d samples, %d features, %d units and %d gates", want.name, in[i], want.shape, d.batch, d.features, d.units, cells[p.Cell].Gates)
		}
	}
	return d, nil
}

// Infer requires the operands that the type describes.
func (p Recur) Infer(in []Shape) ([]Shape, error) {
	d, err := p.check(in, p.operands)
	if err != nil {
		return nil, err
	}
	var out []Shape
	for _, r := range p.results(d) {
		out = append(out, r.shape)
	}
	return out, nil
}

// Infer requires the operands that the type describes, and at least one gradient on
// each side.
func (p RecurGrad) Infer(in []Shape) ([]Shape, error) {
	switch {
	case !p.Outputs && !p.LastH && !p.LastC:
		return nil, fmt.Errorf("want the gradient of at least one result")
	case !p.X && !p.Weights && !p.State:
		return nil, fmt.Errorf("want at least one requested gradient")
	case p.State && !p.Of.Initial:
		return nil, fmt.Errorf("the gradient of the initial state is requested, but there is no initial state")
	case p.LastC && int(p.Of.Cell) < len(cells) && p.Of.Cell.states() < 2:
		return nil, fmt.Errorf("the gradient of the last c is an operand, but the cell %v has no c", p.Of.Cell)
	}
	d, err := p.Of.check(in, p.operands)
	if err != nil {
		return nil, err
	}
	return p.results(d), nil
}

// products counts the multiply-adds. The input's projection counts at every step,
// even if all steps read the same input and it is computed once. The state's
// projection does not count for a zero initial state.
func (p Recur) products(d recurDims) int64 {
	return d.projection() + d.step()*p.stepsWithState()
}

// products counts the multiply-adds of the requested gradients.
func (p RecurGrad) products(d recurDims) int64 {
	n := d.step() * int64(p.Of.Steps-1)
	if p.State {
		n += d.step()
	}
	if p.Weights {
		n += p.Of.products(d)
	}
	if p.X {
		n += d.projection()
	}
	return n
}

// stepsWithState returns the number of steps that read a state other than the zeros
// at the start.
func (p Recur) stepsWithState() int64 {
	if p.Initial {
		return int64(p.Steps)
	}
	return int64(p.Steps - 1)
}

func (d recurDims) projection() int64 {
	return int64(d.steps) * int64(d.batch) * int64(d.features) * int64(d.columns)
}

func (d recurDims) step() int64 { return int64(d.batch) * int64(d.units) * int64(d.columns) }
