package train

import (
	"errors"
	"fmt"
)

// Callback follows a training. The callbacks in Options.Callbacks are called one after
// the other, in that order, from one goroutine. An error ends the training.
//
// Embed Base to write only the methods that matter. A callback with a state of its own
// implements Stateful, and one that needs the parameters between steps implements
// Pauser.
type Callback interface {
	// Start is called before the first step, and after a checkpoint was restored.
	Start(r *Run) error
	// Step is called after every step, when its numbers are known. The next step may
	// already be in flight.
	Step(r *Run) error
	// Epoch is called after every epoch and its evaluation. No step is in flight.
	Epoch(r *Run) error
	// End is called once at the end; failed is the error that ended training, or nil.
	// It is called for every callback whose Start was called.
	End(r *Run, failed error) error
}

// Pauser is a callback that reads or changes the parameters in its method Step. After
// the steps for which Pause returns true, Step is called before the next step starts.
// Steps are counted from 1. Reading parameters in other steps gives those of a later
// step.
type Pauser interface {
	Callback
	Pause(step int) bool
}

// Stateful is a callback with a state that a checkpoint has to hold. State returns a
// pointer to a value for package encoding/json. The value is written to a checkpoint,
// and read from it before Start when training resumes. Its numbers must be finite.
type Stateful interface {
	Callback
	State() any
}

// Rewinder is a callback that can undo a failure. After a step failed with a NaN or an
// infinity, or a callback returned an error from Step, Rewind says whether training is
// to go back to the last checkpoint. It then skips the batches up to and including the
// failing one.
type Rewinder interface {
	Callback
	Rewind(r *Run, failed error) bool
}

// Base is a callback that does nothing, to embed in others.
type Base struct{}

// Start does nothing.
func (Base) Start(*Run) error { return nil }

// Step does nothing.
func (Base) Step(*Run) error { return nil }

// Epoch does nothing.
func (Base) Epoch(*Run) error { return nil }

// End does nothing.
func (Base) End(*Run, error) error { return nil }

// OnEpoch is a callback that calls f after every epoch.
func OnEpoch(f func(Epoch) error) Callback { return onEpoch{f: f} }

type onEpoch struct {
	Base
	f func(Epoch) error
}

func (o onEpoch) Epoch(r *Run) error { return o.f(r.Epoch) }

// callbacks are those of a training, in the order of their calls.
type callbacks struct {
	all     []Callback
	pausers []Pauser
	started int
}

// newCallbacks checks the callbacks of the options.
func newCallbacks(all []Callback) (callbacks, error) {
	c := callbacks{all: all}
	for i, k := range all {
		if k == nil {
			return c, fmt.Errorf("callback %d is nil", i+1)
		}
		if p, ok := k.(Pauser); ok {
			c.pausers = append(c.pausers, p)
		}
	}
	return c, nil
}

// pause reports whether a callback needs the parameters after a step.
func (c *callbacks) pause(step int) bool {
	for _, p := range c.pausers {
		if p.Pause(step) {
			return true
		}
	}
	return false
}

func (c *callbacks) start(r *Run) error {
	for c.started < len(c.all) {
		k := c.all[c.started]
		c.started++
		if err := blame(k, k.Start(r)); err != nil {
			return err
		}
	}
	return nil
}

func (c *callbacks) step(r *Run) error {
	for _, k := range c.all {
		if err := blame(k, k.Step(r)); err != nil {
			return err
		}
	}
	return nil
}

func (c *callbacks) epoch(r *Run) error {
	for _, k := range c.all {
		if err := blame(k, k.Epoch(r)); err != nil {
			return err
		}
	}
	return nil
}

func (c *callbacks) end(r *Run, failed error) error {
	var errs []error
	for _, k := range c.all[:c.started] {
		errs = append(errs, blame(k, k.End(r, failed)))
	}
	return errors.Join(errs...)
}

// rewinds reports whether a callback wants training to go back after an error.
func (c *callbacks) rewinds(r *Run, failed error) bool {
	for _, k := range c.all {
		if w, ok := k.(Rewinder); ok && w.Rewind(r, failed) {
			return true
		}
	}
	return false
}

// blame adds the callback's type to its error.
func blame(k Callback, err error) error {
	if _, own := k.(onEpoch); own || err == nil {
		return err
	}
	return fmt.Errorf("%T: %w", k, err)
}
