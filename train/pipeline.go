package train

import (
	"errors"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/vm"
)

// run is a run of a step on a batch.
type run struct {
	step    *Step
	number  int // of the step, counted from 1; 0 in an evaluation
	n       int // samples
	epoch   int // from 0
	first   int // the first sample's position in the epoch's order
	scalars []setScalar
}

// done receives the numbers of a run, or the error that it failed with.
type done func(r run, values []float64, err error) error

// pipeline runs steps one after the other, with one in flight while the numbers of
// the one before are read, if the machine supports that.
type pipeline struct {
	held     held      // the samples, unless batches have them
	inFlight run       // its step is nil if there is none
	helper   vm.Helper // the latest machine; nil if it cannot help
}

// run starts a run on a batch and passes the numbers of the previous run to done. If
// the run cannot stay in flight, its own numbers follow at once.
func (p *pipeline) run(f *fedStep, b *data.Batch, current run, done done) error {
	p.helper = f.helper
	if f.MaxInFlight() < 2 {
		if err := p.finish(done); err != nil {
			return err
		}
		if err := f.start(b, p.held); err != nil {
			return done(current, nil, err)
		}
		p.inFlight = current
		return p.finish(done)
	}
	err := f.start(b, p.held)
	previous := p.finish(done)
	if err != nil {
		return errors.Join(previous, done(current, nil, err))
	}
	p.inFlight = current
	return previous
}

// finish waits for the run in flight and passes its numbers to done.
func (p *pipeline) finish(done done) error {
	r := p.inFlight
	if r.step == nil {
		return nil
	}
	p.inFlight = run{}
	values, err := r.step.wait()
	return done(r, values, err)
}

// start feeds a batch to the step and starts a run.
func (f *fedStep) start(b *data.Batch, from held) error {
	if err := f.feed(b, from); err != nil {
		return err
	}
	return f.Step.start(b.Epoch, b.First)
}
