//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// results are the values that come back after a run, through pinned memory:
// those of the kept nodes, and the states that ops keep themselves.
type results[T lower.Float] struct {
	e       *engine[T]
	from    []fetched // kept nodes, then next states
	bytes   int       // of all, in a slot
	pinned  *driver.HostMemory
	host    []T
	done    [slots]*driver.Event // the copies of a slot's run
	ran     *driver.Event        // the last run, its copies included
	slot    int                  // of the last run
	closers []func() error
}

// fetched is a value that comes back.
type fetched struct {
	shape lower.Shape
	off   int // elements, in a slot
}

func (e *engine[T]) newResults() (*results[T], error) {
	r := &results[T]{e: e}
	n := 0
	for _, v := range e.returned() {
		s := e.plan.Func.Shape(v)
		r.from = append(r.from, fetched{s, n})
		n += s.Size()
	}
	r.bytes = n * e.width()
	if err := r.open(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// returned are the values that come back: those of the kept nodes, and the next
// states of ops that keep their own.
func (e *engine[T]) returned() []lower.Value {
	all := e.plan.Func.Results()
	kept := len(e.plan.Kept)
	return slices.Concat(all[:kept], all[kept+len(e.plan.Updates):])
}

func (r *results[T]) open() (err error) {
	d := r.e.device
	if r.ran, err = d.NewEvent(false); err != nil {
		return err
	}
	r.closers = append(r.closers, r.ran.Close)
	for i := range r.done {
		if r.done[i], err = d.NewEvent(false); err != nil {
			return err
		}
		r.closers = append(r.closers, r.done[i].Close)
	}
	if r.bytes == 0 {
		return nil
	}
	if r.pinned, err = d.AllocHost(slots * r.bytes); err != nil {
		return err
	}
	r.closers = append(r.closers, r.pinned.Close)
	r.host = driver.Elements[T](r.pinned)
	return nil
}

func (r *results[T]) close() error {
	var errs []error
	for _, f := range slices.Backward(r.closers) {
		errs = append(errs, f())
	}
	r.closers = nil
	return errors.Join(errs...)
}

// fetch enqueues the copies to the host: values that lie side by side in one
// copy, others one by one.
func (r *results[T]) fetch() error {
	r.slot = (r.slot + 1) % slots
	w := r.e.width()
	for i := 0; i < len(r.from); {
		at, n := r.e.program.Returned[i], r.from[i].shape.Size()
		k := i + 1
		for ; k < len(r.from) && r.e.program.Returned[k] == (code.Ref{Space: at.Space, Index: at.Index, Off: at.Off + n}); k++ {
			n += r.from[k].shape.Size()
		}
		if err := r.e.stream.CopyOut(r.pinned, r.slot*r.bytes+r.from[i].off*w, r.e.address(at), n*w); err != nil {
			return err
		}
		i = k
	}
	return firstError(
		func() error { return r.done[r.slot].Record(r.e.stream) },
		func() error { return r.ran.Record(r.e.stream) },
	)
}

// wait waits for the last run, or for an earlier one.
func (r *results[T]) wait(ago int) error {
	if ago < 0 || ago >= slots {
		return fmt.Errorf("values of %d runs ago are not held, only those of %d ago", ago, slots-1)
	}
	return r.done[(r.slot-ago+slots)%slots].Synchronize()
}

// elements waits for the last run, or for an earlier one, and returns a value
// of it, which a later run overwrites.
func (r *results[T]) elements(i, ago int) ([]T, error) {
	if err := r.wait(ago); err != nil {
		return nil, err
	}
	at := (r.slot-ago+slots)%slots*r.bytes/r.e.width() + r.from[i].off
	return r.host[at:][:r.from[i].shape.Size()], nil
}

func (r *results[T]) number(i, ago int) (float64, error) {
	x, err := r.elements(i, ago)
	if err != nil {
		return 0, err
	}
	return float64(x[0]), nil
}

// readOutput waits for a run, and copies the elements of the i-th kept node in
// that run.
func readOutput[T, U lower.Float](r *results[T], i, ago int, to []U) error {
	x, err := r.elements(i, ago)
	if err != nil {
		return err
	}
	for k, v := range x {
		to[k] = U(v)
	}
	return nil
}

// values returns new values for the first n kept nodes.
func (r *results[T]) values(n int) ([]gorgonia.Value, error) {
	out := make([]gorgonia.Value, n)
	for i := range out {
		if v, ok := r.e.boxes.Kept(r.e.plan, i); ok {
			out[i] = v
			continue
		}
		x, err := r.elements(i, 0)
		if err != nil {
			return nil, err
		}
		out[i] = value.New(slices.Clone(x), r.from[i].shape)
	}
	return out, nil
}

// land writes the states that ops keep themselves.
func (r *results[T]) land() error {
	for i, t := range r.e.plan.Next {
		x, err := r.elements(len(r.e.plan.Kept)+i, 0)
		if err != nil {
			return err
		}
		to, err := value.Elements[T](t)
		if err != nil {
			return err
		}
		copy(to, x)
	}
	return nil
}
