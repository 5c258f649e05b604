package train

import (
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/vm"
)

// Step is a compiled step of one batch size: a training step, with its updates, or an
// evaluation. It is one machine, or one per task if the net sets Alternate, and twice as
// many if the batch is run in pieces. Call Close when done.
type Step struct {
	batch    int
	machines []vm.Machine
	samples  []int   // in a run of each machine
	parts    *parts  // nil if machines run on the whole batch
	spread   *spread // nil if one process has the whole batch
	scalars  []scalar
	names    []string
	out      [2][]float64 // the results of Wait, alternately
	turn     int
	inFlight int
	max      int // the largest value of inFlight
	compile  time.Duration
}

// scalar is a number that a step computes.
type scalar struct {
	turn int // of the machine
	name string
	loss bool // it is the loss of the task with that name
	once bool // it belongs to the step, not to samples
}

// NewTrainStep builds and compiles the training step of a model for a batch size. Of
// the options it uses Backend, Optimizer, Params and Seed.
func NewTrainStep(m Model, batch int, o Options) (*Step, error) {
	s, err := newTrainStep(m, stepKey{training: true, batch: batch}, o)
	return s, named(err)
}

func newTrainStep(m Model, k stepKey, o Options) (*Step, error) {
	start := time.Now()
	o, err := o.complete(m)
	if err != nil {
		return nil, err
	}
	pieces, scalars, err := o.training(m, k)
	if err != nil {
		return nil, err
	}
	return o.compile(pieces, scalars, k.batch, start)
}

// NewEvalStep builds and compiles the evaluation of a model for a batch size, which
// computes its losses and metrics. Of the options it uses Backend, Params and Seed.
func NewEvalStep(m Model, batch int, o Options) (*Step, error) {
	s, err := newEvalStep(m, stepKey{batch: batch}, o)
	return s, named(err)
}

func newEvalStep(m Model, k stepKey, o Options) (*Step, error) {
	start := time.Now()
	o, err := o.complete(m)
	if err != nil {
		return nil, err
	}
	b, _, tasks, err := o.build(m, k.batch, false)
	if err != nil {
		return nil, err
	}
	var scalars []scalar
	for _, t := range tasks {
		scalars = append(scalars, t.addOutputs(b, 0)...)
	}
	p, err := b.Program()
	if err != nil {
		return nil, err
	}
	return o.compile([]piece{{program: p, samples: k.batch, last: true}}, scalars, k.batch, start)
}

// compile compiles the programs of a step.
func (o Options) compile(pieces []piece, scalars []scalar, batch int, start time.Time) (*Step, error) {
	if o.Backend == nil {
		return nil, errNoBackend
	}
	s := &Step{batch: batch, scalars: scalars, max: 2}
	for _, p := range pieces {
		m, err := o.Backend.Compile(p.program)
		if err == nil && m == nil {
			err = fmt.Errorf("the backend %T returned no machine", o.Backend)
		}
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.machines, s.samples, s.max = append(s.machines, m), append(s.samples, p.samples), min(s.max, m.MaxInFlight())
	}
	split := s.split
	if o.Group != nil && !pieces[0].last {
		split = func(pieces []piece) error { return s.spreadOver(pieces, o) }
	}
	if err := split(pieces); err != nil {
		return nil, errors.Join(err, s.close())
	}
	for _, v := range scalars {
		s.names = append(s.names, v.name)
	}
	for i := range s.out {
		s.out[i] = make([]float64, len(scalars))
	}
	s.compile = time.Since(start)
	return s, nil
}

// Feed sets the elements of an input for the runs that follow; see vm.Machine.
func (s *Step) Feed(input string, x []float32) error {
	if s.parts != nil && s.parts.feed(input, x) {
		return nil
	}
	return named(s.forInput(input, func(m vm.Machine) error { return m.Feed(input, x) }))
}

// Set sets a scalar input for the runs that follow.
func (s *Step) Set(input string, v float64) error {
	return named(s.forInput(input, func(m vm.Machine) error { return m.Set(input, v) }))
}

// setScalar sets a scalar input by its schedule.
func (s *Step) setScalar(v setScalar) error {
	for _, m := range s.machines {
		if _, has := m.Program().Input(v.input); has {
			if err := m.Set(v.input, v.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// forInput calls f for each machine that has the input.
func (s *Step) forInput(input string, f func(vm.Machine) error) error {
	if len(s.machines) == 0 {
		return errNoStep
	}
	last := len(s.machines) - 1
	found := false
	for i, m := range s.machines {
		_, has := m.Program().Input(input)
		if !has && (found || i < last) {
			continue // the last machine's error lists the inputs
		}
		if err := f(m); err != nil {
			return err
		}
		found = true
	}
	return nil
}

// Run starts a run and waits for it. If another run is in flight, it returns an
// error, because its Wait would return that run's numbers.
func (s *Step) Run(epoch, first int) ([]float64, error) {
	if s.inFlight > 0 {
		return nil, fmt.Errorf("train: a run of the step is in flight: call Wait before Run, or use Start")
	}
	if err := s.Start(epoch, first); err != nil {
		return nil, err
	}
	return s.Wait()
}

// MaxInFlight returns how many runs can be in flight at a time.
func (s *Step) MaxInFlight() int { return s.max }

// Start starts a run on the samples first, first+1, ... of the epoch's order, all
// counted from 0. Where the machine supports it, Start returns before the run is
// complete.
func (s *Step) Start(epoch, first int) error { return named(s.start(epoch, first)) }

func (s *Step) start(epoch, first int) error {
	if len(s.machines) == 0 {
		return errNoStep
	}
	if s.inFlight == s.max {
		return fmt.Errorf("%d runs of the step are in flight, which is the maximum: call Wait first", s.inFlight)
	}
	if s.parts != nil {
		run := s.runParts
		if s.spread != nil {
			run = s.runSpread
		}
		if err := run(epoch, first); err != nil {
			return err
		}
		s.inFlight++
		return nil
	}
	for i, m := range s.machines {
		err := m.SetClock(epoch, first)
		if err == nil {
			err = m.Start()
		}
		if err != nil {
			errs := []error{err}
			for _, before := range s.machines[:i] {
				errs = append(errs, before.Wait())
			}
			return errors.Join(errs...)
		}
	}
	s.inFlight++
	return nil
}

// Wait waits for the earliest run in flight and returns its numbers in the order of
// Names: means over the batch, the first task's loss first. The slice is valid until
// the second next call of Wait.
func (s *Step) Wait() ([]float64, error) {
	values, err := s.wait()
	return values, named(err)
}

func (s *Step) wait() ([]float64, error) {
	if s.inFlight == 0 {
		return nil, fmt.Errorf("no run of the step is in flight: call Start first")
	}
	s.inFlight--
	s.turn = (s.turn + 1) % len(s.out)
	if s.parts != nil {
		copy(s.out[s.turn], s.parts.means)
		return s.out[s.turn], nil
	}
	var failed error
	for _, m := range s.machines {
		if err := m.Wait(); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		return nil, failed
	}
	out := s.out[s.turn]
	for i, v := range s.scalars {
		var err error
		if out[i], err = s.machines[v.turn].Number(v.name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Names returns the names of the numbers that Wait returns.
func (s *Step) Names() []string { return s.names }

// Machines returns the machines of the step, in the order of their runs; see Step.
func (s *Step) Machines() []vm.Machine { return s.machines }

// CompileTime returns how long building and compiling took.
func (s *Step) CompileTime() time.Duration { return s.compile }

// Close frees the machines.
func (s *Step) Close() error { return named(s.close()) }

func (s *Step) close() error {
	var errs []error
	for _, m := range s.machines {
		errs = append(errs, m.Close())
	}
	s.machines = nil
	return errors.Join(errs...)
}
