package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// held is the samples of a set in the memory of the backend, by field. A step that takes
// its batch from there is sent only the indices. nil holds nothing.
type held map[string]vm.Table

// holdFields copies the fields of a set that steps read to the memory of the backend. It
// calls check for each batch on the way. The error wraps vm.ErrNoRoom if they do not fit.
func holdFields(ctx context.Context, on vm.Holder, dtype graph.Dtype, set data.Set, steps []*fedStep, check func(*data.Batch) error) (h held, err error) {
	h = held{}
	defer func() {
		if err != nil {
			err, h = errors.Join(err, h.close()), nil
		}
	}()
	size := 0
	for _, f := range set.Fields() {
		size += f.Size()
		reads := func(s *fedStep) bool { return s.reads(f.Name) }
		if !slices.ContainsFunc(steps, reads) {
			continue
		}
		if h[f.Name], err = on.Hold(dtype, set.Len(), f.Size()); err != nil {
			delete(h, f.Name)
			return h, fmt.Errorf("field %s: %w", f, err)
		}
	}
	const elements = 1 << 21 // in a batch, so that a copy is long
	batches, err := data.NewBatches(set, data.BatchOptions{Size: min(max(1, elements/size), set.Len()), Workers: runtime.GOMAXPROCS(0)})
	if err != nil {
		return h, err
	}
	defer batches.Close()
	for {
		b, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			return h, nil
		}
		if err == nil {
			err = check(b)
		}
		for name, table := range h {
			if err == nil {
				err = table.Write(b.First, b.Field(name))
			}
		}
		if err != nil {
			return h, err
		}
	}
}

func (h held) close() error {
	var errs []error
	for _, table := range h {
		errs = append(errs, table.Close())
	}
	return errors.Join(errs...)
}

// reads reports whether the field of that name feeds an input.
func (f *fedStep) reads(field string) bool {
	return slices.ContainsFunc(f.routes, func(r route) bool { return r.name == field })
}

// hold moves the samples to the memory of the backend, if it has its own, the steps can
// read them there and each is read more than once. If they do not fit, they stay on the
// host, with a warning.
func (f *fitting) hold(ctx context.Context, set data.Set, order data.BatchOptions, sizes []int) error {
	on, ok := f.o.Backend.(vm.Holder)
	if !ok || len(order.Augment) > 0 || f.plan.steps > 0 && f.plan.steps*f.o.Batch < 2*set.Len() {
		return nil
	}
	var steps []*fedStep
	for _, n := range sizes {
		s, err := f.stepFor(n)
		if err != nil {
			return err
		}
		steps = append(steps, s)
	}
	if !gather(steps) {
		return nil
	}
	var err error
	if f.runs.held, err = holdFields(ctx, on, f.o.Params.Dtype(), set, steps, steps[0].check); err != nil {
		return f.unheld("training", err)
	}
	at := f.batches.Position()
	order.IndicesOnly = true
	batches, err := data.NewBatches(set, order)
	if err == nil {
		err = errors.Join(batches.Seek(at), f.batches.Close())
	}
	if err != nil {
		return err
	}
	f.batches, f.checkedEpoch = batches, -1
	return f.holdValidation(ctx, on)
}

// holdValidation moves the validation set, too.
func (f *fitting) holdValidation(ctx context.Context, on vm.Holder) error {
	if f.validation == nil {
		return nil
	}
	bySize, err := f.evalSteps(f.validation)
	if err != nil {
		return err
	}
	var steps []*fedStep
	for _, s := range bySize {
		steps = append(steps, s)
	}
	if !gather(steps) {
		return nil
	}
	if f.heldValidation, err = holdFields(ctx, on, f.o.Params.Dtype(), f.validation, steps, steps[0].check); err != nil {
		return f.unheld("validation", err)
	}
	f.evaluated = true
	return nil
}

// unheld warns if samples stay on the host for want of room, and returns any other error.
func (f *fitting) unheld(what string, err error) error {
	if errors.Is(err, vm.ErrNoRoom) {
		f.warn(fmt.Sprintf("each step sends its batch of the %s set, which stays on the host: %v", what, err))
		return nil
	}
	return fmt.Errorf("the %s set: %w", what, err)
}

// gather reports whether all machines of the steps can take their inputs from tables.
func gather(steps []*fedStep) bool {
	for _, s := range steps {
		if s.parts != nil {
			return false // pieces of a batch are fed one by one
		}
		for _, m := range s.machines {
			if _, ok := m.(vm.Gatherer); !ok {
				return false
			}
		}
	}
	return true
}
