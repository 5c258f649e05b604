package train

import (
	"errors"

	"github.com/stheno-ml/stheno/data"
)

// run is a run of a step on a batch.
type run struct {
	step  *Step
	n     int // samples
	epoch int // from 0
	first int // place in the epoch's order of the first sample
}

// done is given the numbers of a run, or why there are none.
type done func(r run, values []float64, err error) error

// pipeline runs steps one after the other and has one in flight where the machine
// allows it.
type pipeline struct {
	inFlight run // without a step if there is none
}

// run starts a run on a batch, and hands over the numbers of the one before: of
// this one, too, if it cannot stay in flight.
func (p *pipeline) run(f *fed, b *data.Batch, done done) error {
	now := run{f.Step, b.N, b.Epoch, b.First}
	if f.MaxInFlight() < 2 {
		if err := p.finish(done); err != nil {
			return err
		}
		if err := f.start(b); err != nil {
			return done(now, nil, err)
		}
		p.inFlight = now
		return p.finish(done)
	}
	err := f.start(b)
	before := p.finish(done)
	if err != nil {
		return errors.Join(before, done(now, nil, err))
	}
	p.inFlight = now
	return before
}

// finish hands over the numbers of the run in flight.
func (p *pipeline) finish(done done) error {
	r := p.inFlight
	if r.step == nil {
		return nil
	}
	p.inFlight = run{}
	values, err := r.step.wait()
	return done(r, values, err)
}

// start feeds a batch and starts a run on it.
func (f *fed) start(b *data.Batch) error {
	if err := f.feed(b); err != nil {
		return err
	}
	return f.Step.start(b.Epoch, b.First)
}
