//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// inputs are the values that the host sends in each run: all but parameters.
// They go through pinned memory, in a stream of their own, to a slot on the
// GPU, and wait there until the previous run is done with the inputs.
type inputs[T lower.Float] struct {
	e        *engine[T]
	copies   *driver.Stream
	off      []int              // by input: its first element in the piece; -1 for parameters
	bytes    int                // of all inputs, in one slot
	staging  *driver.HostMemory // the slots, one after another
	host     []T                // staging, as elements
	copied   [slots]*driver.Event
	consumed [slots]*driver.Event
	turn     int
	closers  []func() error
}

// staged lays out the inputs that are not parameters, one after another, in
// elements. Each begins at a multiple of 32 elements.
func staged(p *plan.Plan) (off []int, size int) {
	for i, s := range p.Inputs {
		if s.Param != nil {
			off = append(off, -1)
			continue
		}
		off = append(off, size)
		size += (p.Func.Shape(lower.Value(i)).Size() + 31) / 32 * 32
	}
	return off, size
}

func stagedBytes(p *plan.Plan) int {
	_, n := staged(p)
	return n * int(p.Dtype.Size())
}

func (e *engine[T]) newInputs() (*inputs[T], error) {
	in := &inputs[T]{e: e, bytes: stagedBytes(e.plan)}
	in.off, _ = staged(e.plan)
	if in.bytes == 0 {
		return in, nil
	}
	err := in.open()
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (in *inputs[T]) open() (err error) {
	d := in.e.device
	if in.copies, err = d.NewStream(); err != nil {
		return err
	}
	in.closers = append(in.closers, in.copies.Close)
	if in.staging, err = d.AllocHost(slots * in.bytes); err != nil {
		return err
	}
	in.closers = append(in.closers, in.staging.Close)
	in.host = driver.Elements[T](in.staging)
	for _, events := range []*[slots]*driver.Event{&in.copied, &in.consumed} {
		for i := range events {
			if events[i], err = d.NewEvent(false); err != nil {
				return err
			}
			in.closers = append(in.closers, events[i].Close)
		}
	}
	return nil
}

func (in *inputs[T]) close() error {
	var errs []error
	if in.copies != nil {
		errs = append(errs, in.copies.Synchronize())
	}
	for _, f := range slices.Backward(in.closers) {
		errs = append(errs, f())
	}
	in.closers = nil
	return errors.Join(errs...)
}

// address is where the i-th input is on the GPU.
func (in *inputs[T]) address(i int) driver.Pointer {
	return in.e.memory.address(in.e.memory.inputs) + driver.Pointer(in.off[i]*in.e.width())
}

// send copies the current values of the inputs to the GPU, for the run with
// that number.
func (in *inputs[T]) send(runs uint32) error {
	if in.bytes == 0 {
		return nil
	}
	e, slot := in.e, in.turn
	in.turn = (in.turn + 1) % slots
	if err := in.copied[slot].Synchronize(); err != nil { // pinned memory may be written again
		return err
	}
	n := in.bytes / e.width()
	if err := in.gather(in.host[slot*n:][:n], runs); err != nil {
		return err
	}
	dst := e.memory.address(e.memory.slotInputs[slot])
	return firstError(
		func() error { return in.copies.Wait(in.consumed[slot]) },
		func() error { return in.copies.CopyIn(dst, in.staging, slot*in.bytes, in.bytes) },
		func() error { return in.copied[slot].Record(in.copies) },
		func() error { return e.stream.Wait(in.copied[slot]) },
		func() error { return e.stream.Copy(e.memory.address(e.memory.inputs), dst, in.bytes) },
		func() error { return in.consumed[slot].Record(e.stream) },
	)
}

// gather writes the inputs' values into pinned memory.
func (in *inputs[T]) gather(to []T, runs uint32) error {
	p := in.e.plan
	for i, s := range p.Inputs {
		if s.Param != nil {
			continue
		}
		n := p.Func.Shape(lower.Value(i)).Size()
		dst := to[in.off[i]:][:n]
		if s.Indices != nil {
			if err := plan.ReadIndices(s.Indices, dst); err != nil {
				return err
			}
			continue
		}
		words, made, err := s.Words(runs)
		if err != nil {
			return fmt.Errorf("input %v: %w", s, err)
		}
		if made {
			for k, w := range words {
				dst[k] = T(w)
			}
			continue
		}
		now := s.Now()
		if x, ok := value.Scalar[T](now); ok && n == 1 {
			dst[0] = x
			continue
		}
		x, err := value.Elements[T](now)
		if err != nil {
			return fmt.Errorf("input %v: %w", s, err)
		}
		if len(x) != n {
			return fmt.Errorf("input %v holds %d elements, its shape is %v", s, len(x), p.Func.Shape(lower.Value(i)))
		}
		copy(dst, x)
	}
	return nil
}
