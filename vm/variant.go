package vm

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/stheno-ml/stheno/graph"
)

// variant is a function's program for one set of names and shapes, with machines
// that run it.
type variant struct {
	in   []Array // names and shapes
	out  []Array // names, and shapes where there are no arguments
	used uint64  // when it was called last
	runs int     // calls that hold it now
	once sync.Once
	prog *graph.Program
	err  error // of building it

	mu      sync.Mutex
	room    *sync.Cond
	free    []Machine
	made    int
	retired bool
}

// variant returns the one for these arguments and results, and holds it until
// done.
func (f *Function) variant(in, out []Array) (*variant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errors.New("it is closed")
	}
	f.clock++
	for _, v := range f.variants {
		if v.fits(in, out) {
			v.used = f.clock
			v.runs++
			return v, nil
		}
	}
	if err := f.forget(); err != nil {
		return nil, err
	}
	v := &variant{in: outline(in, true), out: outline(out, len(in) == 0), used: f.clock, runs: 1}
	v.room = sync.NewCond(&v.mu)
	f.variants = append(f.variants, v)
	return v, nil
}

// done lets a variant go.
func (f *Function) done(v *variant) {
	f.mu.Lock()
	v.runs--
	f.mu.Unlock()
}

// forget closes the variant that was used longest ago, if there are too many.
func (f *Function) forget() error {
	if len(f.variants) < f.o.Shapes {
		return nil
	}
	last := -1
	for i, v := range f.variants {
		if v.runs == 0 && (last < 0 || v.used < f.variants[last].used) {
			last = i
		}
	}
	if last < 0 {
		return nil // all are in use
	}
	v := f.variants[last]
	f.variants = slices.Delete(f.variants, last, last+1)
	return v.retire()
}

// outline is the arrays' names and, if they matter, shapes.
func outline(of []Array, shapes bool) []Array {
	out := make([]Array, len(of))
	for i, a := range of {
		out[i].Name = a.Name
		if shapes {
			out[i].Shape = slices.Clone(a.Shape)
		}
	}
	return out
}

func (v *variant) fits(in, out []Array) bool {
	return same(v.in, in, true) && same(v.out, out, len(in) == 0)
}

func same(a, b []Array, shapes bool) bool {
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
func (v *variant) program(f *Function) (*graph.Program, error) {
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

// check is an error unless the arguments have the shapes of the program's inputs,
// and are all that it needs.
func (v *variant) check() error {
	for _, a := range v.in {
		in, ok := v.prog.Input(a.Name)
		if ok && !in.Shape.Equal(a.Shape) {
			return fmt.Errorf("argument %q has shape %v, the program takes %v", a.Name, graph.Shape(a.Shape), in.Shape)
		}
	}
	for _, in := range v.prog.Inputs() {
		if !in.Optional && !slices.ContainsFunc(v.in, func(a Array) bool { return a.Name == in.Name }) {
			return fmt.Errorf("input %q %v is needed for this, and no argument has that name", in.Name, in.Shape)
		}
	}
	return nil
}

// take returns a machine that is free, made if there may be another; give gives it
// back.
func (v *variant) take(f *Function) (Machine, error) {
	p, err := v.program(f)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	for len(v.free) == 0 && v.made == f.o.Machines {
		v.room.Wait()
	}
	if n := len(v.free); n > 0 {
		m := v.free[n-1]
		v.free = v.free[:n-1]
		v.mu.Unlock()
		return m, nil
	}
	v.made++
	v.mu.Unlock()
	m, err := f.backend.Compile(p)
	if err == nil && m == nil {
		err = errors.New("the backend made no machine")
	}
	if err != nil {
		v.lost()
		return nil, err
	}
	return m, nil
}

// lost says that a machine is no more, and another can be made.
func (v *variant) lost() {
	v.mu.Lock()
	v.made--
	v.mu.Unlock()
	v.room.Signal()
}

// give gives a machine back, which is closed if it failed or is not needed more.
func (v *variant) give(m Machine, well bool) error {
	v.mu.Lock()
	keep := well && !v.retired
	if keep {
		v.free = append(v.free, m)
	}
	v.mu.Unlock()
	if keep {
		v.room.Signal()
		return nil
	}
	v.lost()
	return m.Close()
}

// retire closes the machines, those in use when they are given back.
func (v *variant) retire() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.retired = true
	var errs []error
	for _, m := range v.free {
		errs = append(errs, m.Close())
	}
	v.made -= len(v.free)
	v.free = nil
	return errors.Join(errs...)
}
