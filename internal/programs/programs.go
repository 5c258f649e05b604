// Package programs has typical programs written for Gorgonia: they use Gorgonia's own
// functions and its TapeMachine, and do everything that such programs do in addition to
// building a graph. Their only parameter is the machine's constructor. So the same
// program runs on Gorgonia's machine and on another, to compare and time them.
//
// Each program draws its data and weights from its own seed.
package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// See receives the values that a program looks at: losses, gradients, weights and values
// that it reads. A value can change after the call.
type See func(what string, v G.Value)

// LookAway ignores what it receives, for programs that are timed.
func LookAway(string, G.Value) {}

// Dtype is a floating-point type.
type Dtype = tensor.Dtype

// Running is a started program.
type Running interface {
	// Step runs the program's loop once; steps count from 0.
	Step(i int, see See) error
	Close() error
}

// Settings are the sizes of a program.
type Settings interface {
	start(dtype Dtype, machine Machine) (Running, error)
}

// Program is one of the programs.
type Program struct {
	Name  string
	About string
	// Small is the size for tests, Full the size for timing.
	Small, Full Settings
	// Timed are the floating-point types to time it in.
	Timed []Dtype
	// Right computes, by name, the values that Gorgonia's machine gets wrong, from the
	// other values that the program looks at in the same step.
	Right map[string]func(seen map[string][]float64) []float64
}

// Start builds the graphs and creates the machines. Building a graph writes to Gorgonia's
// global variables, so no other goroutine may build a graph at the same time.
func (p Program) Start(s Settings, dtype Dtype, machine Machine) (r Running, err error) {
	defer func() {
		if e := recover(); e != nil {
			r, err = nil, fmt.Errorf("program %s: %v", p.Name, e)
		}
	}()
	if r, err = s.start(dtype, machine); err != nil {
		return nil, fmt.Errorf("program %s: %w", p.Name, err)
	}
	return r, nil
}

// Shown is a value that a program looked at in a step.
type Shown struct {
	Step    int
	What    string
	Numbers []float64
}

// Run starts a program, runs it for the given number of steps and returns all values that
// it looked at.
func (p Program) Run(s Settings, dtype Dtype, machine Machine, steps int) (shown []Shown, err error) {
	r, err := p.Start(s, dtype, machine)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var failed error
	for i := range steps {
		err := r.Step(i, func(what string, v G.Value) {
			x, err := numbers(v)
			if err != nil && failed == nil {
				failed = fmt.Errorf("%s: %w", what, err)
			}
			shown = append(shown, Shown{i, what, x})
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			return nil, fmt.Errorf("program %s: step %d: %w", p.Name, i, err)
		}
	}
	return shown, nil
}

// numbers are the elements of a value; true is 1.
func numbers(v G.Value) ([]float64, error) {
	if v == nil {
		return nil, fmt.Errorf("no value")
	}
	if d, ok := v.(*tensor.Dense); ok && d.RequiresIterator() {
		v = d.Materialize().(*tensor.Dense)
	}
	switch x := v.Data().(type) {
	case []float64:
		return append([]float64(nil), x...), nil
	case []float32:
		return converted(x), nil
	case []int:
		return converted(x), nil
	case []bool:
		y := make([]float64, len(x))
		for i := range x {
			y[i] = truth(x[i])
		}
		return y, nil
	case float64:
		return []float64{x}, nil
	case float32:
		return []float64{float64(x)}, nil
	case int:
		return []float64{float64(x)}, nil
	case bool:
		return []float64{truth(x)}, nil
	}
	return nil, fmt.Errorf("a value of %v", v.Dtype())
}

func converted[T float32 | int](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
