//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// engine runs a plan on a GPU, in element type T.
//
// A run enqueues its work on the GPU and returns; a result on the host is
// waited for when it is asked for. Two runs may be in flight, so inputs and
// results have two slots, which runs use alternately.
type engine[T lower.Float] struct {
	config     Config
	plan       *plan.Plan
	program    *code.Program
	device     *device
	stream     *driver.Stream // of the kernels
	kernels    *kernels
	memory     *memory
	inputs     *inputs[T]
	results    *results[T]
	boxes      compiled.Boxes
	params     []*resident // by input: the parameter that it reads; nil for other inputs
	states     []*resident // by update
	usedParams []usedParam // each parameter once
	replay     replay
	profile    *stopwatch // nil unless profiled
	runs       uint32
	closers    []func() error // in the order of opening
}

func (c Config) start(p *plan.Plan, old compiled.Engine) (compiled.Engine, error) {
	if p.Dtype == graph.Float64 {
		return start[float64](c, p, old)
	}
	return start[float32](c, p, old)
}

func start[T lower.Float](c Config, p *plan.Plan, old compiled.Engine) (compiled.Engine, error) {
	e := &engine[T]{config: c, plan: p, boxes: make(compiled.Boxes, p.Boxes)}
	if err := e.open(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if old != nil {
		if err := old.Close(); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// open takes the device and allocates all that a run needs.
func (e *engine[T]) open() (err error) {
	if e.program, err = code.Make(e.plan); err != nil {
		return err
	}
	if e.device, err = openDevice(e.config.Device); err != nil {
		return err
	}
	e.onClose(e.device.release)
	if e.stream, err = e.device.NewStream(); err != nil {
		return err
	}
	e.onClose(e.stream.Close)
	if e.kernels, err = e.config.load(e.device, e.stream, e.program, e.plan.Dtype); err != nil {
		return err
	}
	e.onClose(e.kernels.close)
	if err := e.attach(); err != nil {
		return err
	}
	if e.memory, err = e.newMemory(); err != nil {
		return err
	}
	e.onClose(e.memory.close)
	if e.inputs, err = e.newInputs(); err != nil {
		return err
	}
	e.onClose(e.inputs.close)
	if e.results, err = e.newResults(); err != nil {
		return err
	}
	e.onClose(e.results.close)
	e.onClose(e.replay.close)
	return nil
}

func (e *engine[T]) onClose(f func() error) { e.closers = append(e.closers, f) }

// Close frees all that the engine holds. The last machine that uses a parameter
// copies it to the host.
func (e *engine[T]) Close() error {
	var errs []error
	if e.stream != nil {
		errs = append(errs, e.stream.Synchronize())
	}
	if e.profile != nil {
		errs = append(errs, e.profile.close())
		e.profile = nil
	}
	for _, h := range e.usedParams {
		if e.results != nil && h.ran == e.results.ran {
			h.ran = nil
		}
	}
	for len(e.closers) > 0 {
		last := len(e.closers) - 1
		errs = append(errs, e.closers[last]())
		e.closers = e.closers[:last]
	}
	return errors.Join(errs...)
}

// Run enqueues a run on the GPU. If values are published, it waits for them.
func (e *engine[T]) Run() error {
	if err := e.compute(); err != nil {
		return err
	}
	if err := e.results.land(); err != nil {
		return err
	}
	kept, err := e.results.values(e.plan.Published())
	if err != nil {
		return err
	}
	e.runs++
	for i, v := range kept {
		n := e.plan.Kept[i]
		if n.Op() == nil { // an input has its own
			if err := e.current(n); err != nil {
				return err
			}
			continue
		}
		if err := gorgonia.UnsafeLet(n, v); err != nil {
			return fmt.Errorf("publish %s: %w", n.Name(), err)
		}
	}
	return nil
}

// current copies the value of an input to the host, if it is a parameter.
func (e *engine[T]) current(n *graph.Node) error {
	for _, s := range e.plan.Inputs {
		if s.Node == n && s.Param != nil {
			return s.Param.Sync()
		}
	}
	return nil
}

// Peek computes the plan and returns the kept nodes' values.
func (e *engine[T]) Peek() ([]gorgonia.Value, error) {
	if err := e.compute(); err != nil {
		return nil, err
	}
	return e.results.values(len(e.plan.Kept))
}

// Number waits for the last run, or for an earlier one that is still held, and
// returns the first element of the i-th kept node.
func (e *engine[T]) Number(i, ago int) (float64, error) { return e.results.number(i, ago) }

// Read waits for a run, and copies the elements of the i-th kept node in that
// run.
func (e *engine[T]) Read(i, ago int, to []float32) error { return readOutput(e.results, i, ago, to) }

// Floats is Read in full precision.
func (e *engine[T]) Floats(i, ago int, to []float64) error { return readOutput(e.results, i, ago, to) }

// Wait waits for the last run, or for the one that many runs before it.
func (e *engine[T]) Wait(ago int) error { return e.results.wait(ago) }

// InFlight is how many runs may be in flight at a time.
func (e *engine[T]) InFlight() int { return slots }

// Clock counts the runs so far.
func (e *engine[T]) Clock() *uint32 { return &e.runs }

// compute enqueues the copies of the inputs, the calls and the copies of the
// results.
func (e *engine[T]) compute() error {
	if err := e.residents(); err != nil {
		return err
	}
	if err := e.inputs.send(e.runs); err != nil {
		return err
	}
	if err := e.calls(); err != nil {
		return err
	}
	e.markUpdated()
	if err := e.results.fetch(); err != nil {
		return errors.Join(err, e.stream.Synchronize()) // the run's end may not be marked
	}
	e.used()
	return nil
}

// address is the GPU address of a place in the program.
func (e *engine[T]) address(r code.Ref) driver.Pointer {
	base := driver.Pointer(0)
	switch r.Space {
	case code.Input:
		if p := e.params[r.Index]; p != nil {
			base = p.at
		} else {
			base = e.inputs.address(r.Index)
		}
	case code.State:
		base = e.states[r.Index].at
	default:
		base = e.memory.space(r)
	}
	return base + driver.Pointer(r.Off*e.width())
}

// width is the size of an element in bytes.
func (e *engine[T]) width() int { return int(e.plan.Dtype.Size()) }
