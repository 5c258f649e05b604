package vm

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/stheno-ml/stheno/graph"
)

// Build builds the program of a function, for arguments of these shapes: it creates
// the inputs, names the outputs and returns the builder's Program.
//
//	func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
//		x := b.Input("x", in.Of("x")...)
//		b.Output("y", b.Sigmoid(x))
//		return b.Program()
//	}
type Build func(b *graph.Builder, in Shapes) (*graph.Program, error)

// FunctionOptions are the settings of a function. The zero value is the default.
type FunctionOptions struct {
	// Seed is the key of the random numbers that the function draws.
	Seed uint64
	// Machines is how many calls of one shape may run at the same time, each on its
	// own machine. Further calls wait. 0 means GOMAXPROCS.
	Machines int
	// Shapes is how many compiled programs the function keeps: the most recently used
	// ones. 0 means 16.
	Shapes int
	// Batch splits calls with more samples than this along the first axis, which must
	// be the sample axis of all arguments and results. 0 never splits.
	Batch int
}

// Function computes named arrays from named arrays over shared parameters. It
// compiles a program at the first call with each set of names and shapes. Any number
// of goroutines may call it at the same time.
//
// An argument may be an input of the program, or an output: then the function
// starts from that output. So a net with the outputs "code" and "recon" is both an
// encoder, from "x" to "code", and a decoder, from "code" to "recon".
//
// A call sees the parameters as they are between two training steps.
type Function struct {
	backend Backend
	params  *graph.Params
	build   Build
	o       FunctionOptions

	mu              sync.Mutex
	specializations []*specialization
	clock           uint64 // counts calls
	closed          bool
}

// NewFunction returns a function. It compiles nothing before the first call.
func NewFunction(on Backend, p *graph.Params, build Build, o FunctionOptions) (*Function, error) {
	switch {
	case on == nil:
		return nil, errors.New("function: no backend: give one, such as cpu.Config{}")
	case p == nil:
		return nil, errors.New("function: no parameters: create them with graph.NewParams")
	case build == nil:
		return nil, errors.New("function: no Build")
	case o.Machines < 0 || o.Shapes < 0 || o.Batch < 0:
		return nil, fmt.Errorf("function: %d machines, %d shapes, batches of %d: none can be negative", o.Machines, o.Shapes, o.Batch)
	}
	if o.Machines == 0 {
		o.Machines = runtime.GOMAXPROCS(0)
	}
	if o.Shapes == 0 {
		o.Shapes = 16
	}
	return &Function{backend: on, params: p, build: build, o: o}, nil
}

// Call computes the arrays out from the arrays in. If the Data of a result is nil,
// Call allocates it and sets the Shape. Otherwise Data must have the right size, and
// a call with shapes seen before allocates nothing. If there are no arguments, as in
// a draw from a prior, set the Shape of each result.
func (f *Function) Call(in, out []Array) error { return f.Draw(0, in, out) }

// Draw is Call with different random numbers for each draw, from 0 to 2^32-1. The
// same draw gives each sample the same numbers, whatever the size of the batch.
func (f *Function) Draw(draw int, in, out []Array) error {
	if f == nil {
		return errors.New("function: create it with NewFunction")
	}
	if err := f.draw(draw, in, out); err != nil {
		return fmt.Errorf("function: %w", err)
	}
	return nil
}

func (f *Function) draw(draw int, in, out []Array) error {
	if len(out) == 0 {
		return errors.New("no result is requested: name an output")
	}
	for _, a := range in {
		if err := a.check(); err != nil {
			return err
		}
	}
	n := samples(in, out)
	if f.o.Batch == 0 || n <= f.o.Batch {
		return f.callOnce(draw, 0, in, out)
	}
	return f.split(draw, n, in, out)
}

// samples returns the number of samples of a call: that of the arguments or, without
// arguments, of the results.
func samples(in, out []Array) int {
	if len(in) > 0 {
		return Shapes(in).Batch()
	}
	return Shapes(out).Batch()
}

// callOnce runs one call on one machine; first is the number of its first sample.
func (f *Function) callOnce(draw, first int, in, out []Array) error {
	v, err := f.specialization(in, out)
	if err != nil {
		return err
	}
	defer f.done(v)
	m, err := v.acquire(f)
	if err != nil {
		return err
	}
	err = call(m, draw, first, in, out)
	if failed := v.release(m, err == nil); err == nil {
		err = failed
	}
	return err
}

// call runs a machine once.
func call(m Machine, draw, first int, in, out []Array) error {
	for i := range in {
		if _, read := m.Program().Input(in[i].Name); !read {
			continue // these results do not need it
		}
		if err := m.Feed(in[i].Name, in[i].Data); err != nil {
			return err
		}
	}
	if err := m.SetClock(draw, first); err != nil {
		return err
	}
	if err := Run(m); err != nil {
		return err
	}
	for i := range out {
		a := &out[i]
		if a.Data == nil {
			o, _ := m.Program().Output(a.Name)
			a.Shape, a.Data = o.Shape.Clone(), make([]float32, o.Shape.Size())
		}
		if err := m.Read(a.Name, a.Data); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the function's machines. Running calls finish; later calls return an
// error.
func (f *Function) Close() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	var errs []error
	for _, v := range f.specializations {
		errs = append(errs, v.close())
	}
	f.specializations = nil
	return errors.Join(errs...)
}
