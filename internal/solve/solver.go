// Package solve updates weights like Gorgonia's solvers, with the same bits, on several
// workers. Its vector kernels go over each weight once, in blocks that stay in the L1
// cache.
package solve

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// Workers run the parts of a task.
type Workers interface {
	// Size is the number of workers.
	Size() int
	// Run runs parts 0 to parts-1 of the task, in any order, possibly in parallel.
	Run(task Task, parts int) error
}

// Task is work in parts. A worker, from 0 to Size()-1, runs one part at a time, so
// scratch memory may belong to its number.
type Task interface{ Do(part, worker int) }

// On returns a solver that steps like s, on workers, with the kernels for isa. It
// returns s itself if formulas does not list the type of s, or if s has already stepped.
// Solver of package cpu has the full contract.
func On(w Workers, isa kernel.ISA, s gorgonia.Solver) gorgonia.Solver {
	f, fields := formulaOf(s)
	if f == nil {
		return s
	}
	return &solver{workers: w, isa: isa, original: s, formula: f, fields: fields}
}

// partSize is the number of elements of a part. blockSize is the number of elements that
// a formula processes at a time, so that they stay in the L1 cache.
const (
	partSize  = 1 << 14
	blockSize = 1 << 10
)

// solver updates weights by the formula of a Gorgonia solver.
type solver struct {
	workers  Workers
	isa      kernel.ISA
	original gorgonia.Solver
	formula  *formula
	fields   reflect.Value // of original

	started        bool
	verified       bool // the formula gives the same bits as original
	steps          int
	flags          []bool                // the switches of original at the first step
	weights        []weight              // by position in the model; nil for a weight that original steps
	leftToOriginal []gorgonia.ValueGrad  // the weights that original steps
	parts          []part                // the parts of all weights
	disjoint       bool                  // no two weights share memory
	single         *formulaWork[float32] // for the float32 weights
	double         *formulaWork[float64]
}

// part is a range of a weight's elements.
type part struct{ weight, from, to int }

// weight is a weight that steps by a formula.
type weight interface {
	// bind sets the value and the gradient of this step. It reports whether their
	// memory has changed since the last step.
	bind(value, grad gorgonia.Value) (moved bool, err error)
	spans() []span
	size() int
	step(from, to, worker int)
}

// Step updates the weights by their gradients, and clears the gradients.
func (s *solver) Step(model []gorgonia.ValueGrad) error {
	for _, n := range model {
		if _, err := n.Grad(); err != nil {
			return s.formula.fresh().Step([]gorgonia.ValueGrad{n}) // returns Gorgonia's error
		}
	}
	if !s.started {
		s.start(model)
	}
	if !s.verified {
		return s.original.Step(model)
	}
	if err := s.bind(model); err != nil {
		return fmt.Errorf("the step of a %T: %w", s.original, err)
	}
	if len(s.leftToOriginal) > 0 {
		if err := s.original.Step(s.leftToOriginal); err != nil {
			return err
		}
	}
	s.steps++
	set := s.formula.settings(s.fields)
	if s.single != nil {
		s.single.program = s.formula.single(s.single.program[:0], set, s.steps)
	}
	if s.double != nil {
		s.double.program = s.formula.double(s.double.program[:0], set, s.steps)
	}
	return s.run()
}

// start decides which weights step by the formula. It checks that the formula gives the
// same bits as original.
func (s *solver) start(model []gorgonia.ValueGrad) {
	s.started = true
	set := s.formula.settings(s.fields)
	s.flags = slices.Clone(set.flags)
	workers := s.workers.Size()
	for i, n := range model {
		grad, err := n.Grad()
		var w weight
		if err == nil {
			switch dtypeOf(n.Value(), grad) {
			case tensor.Float32:
				if s.single == nil {
					s.single = newFormulaWork(kernel.VectorFor(s.isa), workers)
				}
				w = newSteppedWeight(s.single, s.formula.states)
			case tensor.Float64:
				if s.double == nil {
					s.double = newFormulaWork(kernel.Vector64(s.isa), workers)
				}
				w = newSteppedWeight(s.double, s.formula.states)
			}
		}
		if w != nil {
			_, err = w.bind(n.Value(), grad)
		}
		if w == nil || err != nil {
			s.weights = append(s.weights, nil)
			continue
		}
		s.weights = append(s.weights, w)
		for from := 0; from < w.size(); from += partSize {
			s.parts = append(s.parts, part{i, from, min(from+partSize, w.size())})
		}
	}
	s.disjoint = disjoint(s.weights)
	s.verified = s.disjoint && len(s.parts) > 0 && s.formula.matches(s.original, set, s.single, s.double)
}

// bind gives the weights this step's values and gradients.
func (s *solver) bind(model []gorgonia.ValueGrad) error {
	if len(model) != len(s.weights) {
		return fmt.Errorf("%d weights, but the first step had %d: use one solver for each model", len(model), len(s.weights))
	}
	if set := s.formula.settings(s.fields); !slices.Equal(set.flags, s.flags) {
		return fmt.Errorf("one of %v was switched after the first step: set these options when creating the solver", s.formula.switches)
	}
	s.leftToOriginal = s.leftToOriginal[:0]
	anyMoved := false
	for i, n := range model {
		w := s.weights[i]
		if w == nil {
			s.leftToOriginal = append(s.leftToOriginal, n)
			continue
		}
		grad, err := n.Grad()
		if err != nil {
			return err
		}
		moved, err := w.bind(n.Value(), grad)
		if err != nil {
			return fmt.Errorf("weight %d, %v: %w", i, n, err)
		}
		anyMoved = anyMoved || moved
	}
	if anyMoved {
		s.disjoint = disjoint(s.weights)
	}
	return nil
}

// run steps the weights: in parallel, or in order if any of them share memory.
func (s *solver) run() error {
	if !s.disjoint {
		for i := range s.parts {
			s.Do(i, 0)
		}
		return nil
	}
	return s.workers.Run(s, len(s.parts))
}

// Do steps one part.
func (s *solver) Do(i, worker int) {
	p := s.parts[i]
	s.weights[p.weight].step(p.from, p.to, worker)
}

// span is a range of memory; end is exclusive.
type span struct{ from, end uintptr }

// disjoint reports whether no two weights or gradients share memory.
func disjoint(weights []weight) bool {
	var all []span
	for _, w := range weights {
		if w != nil {
			all = append(all, w.spans()...)
		}
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(all); i++ {
		if all[i].from < all[i-1].end {
			return false
		}
	}
	return true
}
