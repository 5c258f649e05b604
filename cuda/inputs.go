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

// inputs are the values that the host sends in each run: all but parameters, and
// but those that are rows of a table, of which it sends the indices. They go
// through pinned memory, in a stream of their own, to a slot on the GPU, and wait
// there until the previous run is done with the inputs.
type inputs[T lower.Float] struct {
	e        *engine[T]
	copies   *driver.Stream
	layout   staged
	staging  *driver.HostMemory // the slots, one after another
	host     []T                // staging, as elements
	indices  []uint32           // staging, as indices
	sent     []piece            // the parts of a slot that the current run needs
	copied   [slots]*driver.Event
	consumed [slots]*driver.Event
	turn     int
	closers  []func() error
}

// staged is the layout of a slot, in bytes: the values of inputs, those with axes
// first, and then room for the indices of those with axes. So scalars and indices
// lie side by side.
type staged struct {
	order  []int   // the inputs that are not parameters, as they lie
	value  []piece // by input
	index  []piece // by input; empty for scalars
	values int     // bytes of all values
	bytes  int     // of a slot
}

// roundUp rounds a number of bytes up to where the next piece may begin.
func roundUp(bytes int) int { return (bytes + 127) / 128 * 128 }

// stagedOf lays out the inputs of a plan.
func stagedOf(p *plan.Plan) staged {
	l := staged{value: make([]piece, len(p.Inputs)), index: make([]piece, len(p.Inputs))}
	cut := func(bytes int) piece {
		at := piece{l.bytes, bytes}
		l.bytes += roundUp(bytes)
		return at
	}
	shape := func(i int) lower.Shape { return p.Func.Shape(lower.Value(i)) }
	for _, scalars := range []bool{false, true} {
		for i, s := range p.Inputs {
			if s.Param == nil && scalars == (len(shape(i)) == 0) {
				l.order = append(l.order, i)
				l.value[i] = cut(shape(i).Size() * int(p.Dtype.Size()))
			}
		}
	}
	l.values = l.bytes
	for _, i := range l.order {
		if len(shape(i)) > 0 {
			l.index[i] = cut(4 * shape(i)[0])
		}
	}
	return l
}

func (e *engine[T]) newInputs() (*inputs[T], error) {
	in := &inputs[T]{e: e, layout: stagedOf(e.plan)}
	if in.layout.bytes == 0 {
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
	if in.staging, err = d.AllocHost(slots * in.layout.bytes); err != nil {
		return err
	}
	in.closers = append(in.closers, in.staging.Close)
	in.host, in.indices = driver.Elements[T](in.staging), driver.Elements[uint32](in.staging)
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
	return in.e.memory.address(in.e.memory.inputs) + driver.Pointer(in.layout.value[i].off)
}

// send copies the current values of the inputs to the GPU, for the run with
// that number.
func (in *inputs[T]) send(runs uint32) error {
	if in.layout.bytes == 0 {
		return nil
	}
	e, slot := in.e, in.turn
	in.turn = (in.turn + 1) % slots
	if err := in.copied[slot].Synchronize(); err != nil { // pinned memory may be written again
		return err
	}
	if err := in.gather(slot*in.layout.bytes, runs); err != nil {
		return err
	}
	at := e.memory.address(e.memory.slotInputs[slot])
	return firstError(
		func() error { return in.copies.Wait(in.consumed[slot]) },
		func() error { return in.copyIn(at, slot*in.layout.bytes) },
		func() error { return in.copied[slot].Record(in.copies) },
		func() error { return e.stream.Wait(in.copied[slot]) },
		func() error { return in.place(at) },
		func() error { return in.consumed[slot].Record(e.stream) },
	)
}

// copyIn enqueues the copy of what the run needs to the slot at that address.
func (in *inputs[T]) copyIn(at driver.Pointer, from int) error {
	for _, p := range in.sent {
		if err := in.copies.CopyIn(at+driver.Pointer(p.off), in.staging, from+p.off, p.size); err != nil {
			return err
		}
	}
	return nil
}

// place enqueues what brings the values to where the steps read them: from the slot
// at that address, or from tables.
func (in *inputs[T]) place(at driver.Pointer) error {
	e := in.e
	to := e.memory.address(e.memory.inputs)
	for _, p := range in.sent {
		if bytes := min(p.size, in.layout.values-p.off); bytes > 0 {
			if err := e.stream.Copy(to+driver.Pointer(p.off), at+driver.Pointer(p.off), bytes); err != nil {
				return err
			}
		}
	}
	for _, i := range in.layout.order {
		s := e.plan.Inputs[i]
		if r, ok := s.FromTable(); ok {
			if err := r.Table.(*table).gather(e.stream, in.address(i), at+driver.Pointer(in.layout.index[i].off), len(r.Index)); err != nil {
				return fmt.Errorf("input %v: %w", s, err)
			}
		}
	}
	return nil
}

// needs adds a part of a slot to those that are sent. Parts that lie side by side
// become one.
func (in *inputs[T]) needs(p piece) {
	p.size = roundUp(p.size)
	if n := len(in.sent); n > 0 && in.sent[n-1].off+in.sent[n-1].size == p.off {
		in.sent[n-1].size += p.size
		return
	}
	in.sent = append(in.sent, p)
}

// gather writes the inputs' values, or their indices, into pinned memory, in the slot
// that begins at that byte.
func (in *inputs[T]) gather(slot int, runs uint32) error {
	in.sent = in.sent[:0]
	l, w := &in.layout, in.e.width()
	for _, i := range l.order {
		s := in.e.plan.Inputs[i]
		if _, ok := s.FromTable(); ok {
			continue
		}
		if err := in.value(i, s, in.host[(slot+l.value[i].off)/w:][:l.value[i].size/w], runs); err != nil {
			return err
		}
		in.needs(l.value[i])
	}
	for _, i := range l.order {
		s := in.e.plan.Inputs[i]
		r, ok := s.FromTable()
		if !ok {
			continue
		}
		if _, here := r.Table.(*table); !here {
			return fmt.Errorf("input %v: its table is not one of this backend's", s)
		}
		for k, row := range r.Index {
			in.indices[(slot+l.index[i].off)/4+k] = uint32(row)
		}
		in.needs(l.index[i])
	}
	return nil
}

// value writes the value of the i-th input.
func (in *inputs[T]) value(i int, s plan.InputSource, dst []T, runs uint32) error {
	if s.Indices != nil {
		return plan.ReadIndices(s.Indices, dst)
	}
	words, made, err := s.Words(runs)
	if err != nil {
		return fmt.Errorf("input %v: %w", s, err)
	}
	if made {
		for k, w := range words {
			dst[k] = T(w)
		}
		return nil
	}
	now := s.Now()
	if x, ok := value.Scalar[T](now); ok && len(dst) == 1 {
		dst[0] = x
		return nil
	}
	x, err := value.Elements[T](now)
	if err != nil {
		return fmt.Errorf("input %v: %w", s, err)
	}
	if len(x) != len(dst) {
		return fmt.Errorf("input %v holds %d elements, its shape is %v", s, len(x), in.e.plan.Func.Shape(lower.Value(i)))
	}
	copy(dst, x)
	return nil
}
