package vm

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/stheno-ml/stheno/graph"
)

// specialization is a function's program for one set of names and shapes, with the
// machines that run it.
type specialization struct {
	in   []Array // names and shapes
	out  []Array // names, and shapes if there are no arguments
	used uint64  // Function.clock at the last call
	runs int     // calls that use it now
	once sync.Once
	prog *graph.Program
	err  error // of building it

	mu        sync.Mutex
	available *sync.Cond
	free      []Machine
	count     int
	closed    bool
}

// specialization returns the one for these arguments and results, and keeps it from being
// evicted until done.
func (f *Function) specialization(in, out []Array) (*specialization, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errors.New("the function is closed")
	}
	f.clock++
	for _, v := range f.specializations {
		if v.fits(in, out) {
			v.used = f.clock
			v.runs++
			return v, nil
		}
	}
	if err := f.evict(); err != nil {
		return nil, err
	}
	v := &specialization{in: signature(in, true), out: signature(out, len(in) == 0), used: f.clock, runs: 1}
	v.available = sync.NewCond(&v.mu)
	f.specializations = append(f.specializations, v)
	return v, nil
}

// done ends a call's use of a specialization.
func (f *Function) done(v *specialization) {
	f.mu.Lock()
	v.runs--
	f.mu.Unlock()
}

// evict closes the least recently used specialization if there are too many.
func (f *Function) evict() error {
	if len(f.specializations) < f.o.Shapes {
		return nil
	}
	last := -1
	for i, v := range f.specializations {
		if v.runs == 0 && (last < 0 || v.used < f.specializations[last].used) {
			last = i
		}
	}
	if last < 0 {
		return nil // all are in use
	}
	v := f.specializations[last]
	f.specializations = slices.Delete(f.specializations, last, last+1)
	return v.close()
}

// signature returns the names of arrays and, if shapes is set, their shapes.
func signature(of []Array, shapes bool) []Array {
	out := make([]Array, len(of))
	for i, a := range of {
		out[i].Name = a.Name
		if shapes {
			out[i].Shape = slices.Clone(a.Shape)
		}
	}
	return out
}

func (v *specialization) fits(in, out []Array) bool {
	return sameSignature(v.in, in, true) && sameSignature(v.out, out, len(in) == 0)
}

func sameSignature(a, b []Array, shapes bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || shapes && !slices.Equal(a[i].Shape, b[i].Shape) {
			return false
		}
	}
	return true
}

// program builds the program, once.
func (v *specialization) program(f *Function) (*graph.Program, error) {
	v.once.Do(func() {
		shapes := v.in
		if len(shapes) == 0 {
			shapes = v.out
		}
		var whole *graph.Program
		if whole, v.err = f.build(graph.New(f.params, graph.Config{Seed: f.o.Seed}), shapes); v.err != nil {
			return
		}
		if whole == nil {
			v.err = errors.New("Build returned no program")
			return
		}
		var outputs, given []string
		for _, a := range v.out {
			outputs = append(outputs, a.Name)
		}
		for _, a := range v.in {
			if _, ok := whole.Input(a.Name); !ok {
				given = append(given, a.Name)
			}
		}
		if v.prog, v.err = whole.Select(outputs, given...); v.err != nil {
			return
		}
		v.err = v.check()
	})
	return v.prog, v.err
}

// check returns an error unless the arguments have the shapes of the program's inputs
// and include all that it needs.
func (v *specialization) check() error {
	for _, a := range v.in {
		in, ok := v.prog.Input(a.Name)
		if ok && !in.Shape.Equal(a.Shape) {
			return fmt.Errorf("argument %q has shape %v, the program takes %v", a.Name, graph.Shape(a.Shape), in.Shape)
		}
	}
	for _, in := range v.prog.Inputs() {
		if !in.Optional && !slices.ContainsFunc(v.in, func(a Array) bool { return a.Name == in.Name }) {
			return fmt.Errorf("input %q %v is needed, and no argument has that name", in.Name, in.Shape)
		}
	}
	return nil
}

// acquire returns a free machine. It compiles one if there are fewer than
// FunctionOptions.Machines, else it waits for a release.
func (v *specialization) acquire(f *Function) (Machine, error) {
	p, err := v.program(f)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	for len(v.free) == 0 && v.count == f.o.Machines {
		v.available.Wait()
	}
	if n := len(v.free); n > 0 {
		m := v.free[n-1]
		v.free = v.free[:n-1]
		v.mu.Unlock()
		return m, nil
	}
	v.count++
	v.mu.Unlock()
	m, err := f.backend.Compile(p)
	if err == nil && m == nil {
		err = errors.New("the backend returned no machine")
	}
	if err != nil {
		v.discard()
		return nil, err
	}
	return m, nil
}

// discard records that a machine is gone, so that another can be compiled.
func (v *specialization) discard() {
	v.mu.Lock()
	v.count--
	v.mu.Unlock()
	v.available.Signal()
}

// release puts a machine back, or closes it if its call failed or the specialization is
// closed.
func (v *specialization) release(m Machine, well bool) error {
	v.mu.Lock()
	keep := well && !v.closed
	if keep {
		v.free = append(v.free, m)
	}
	v.mu.Unlock()
	if keep {
		v.available.Signal()
		return nil
	}
	v.discard()
	return m.Close()
}

// close closes the free machines. Machines in use are closed when they are released.
func (v *specialization) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	var errs []error
	for _, m := range v.free {
		errs = append(errs, m.Close())
	}
	v.count -= len(v.free)
	v.free = nil
	return errors.Join(errs...)
}
