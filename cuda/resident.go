//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
)

// resident is a parameter's value on a GPU: one for all machines there. It is
// the storage.Device of the parameter's array.
type resident struct {
	device  *device
	at      driver.Pointer
	bytes   int
	version uint64 // of the parameter's value that is here
	users   int
	ran     *driver.Event // after the last run that used it; nil if that is known to be done
	lostErr error         // why the value is lost, on the GPU and on the host
}

// acquireResident returns the value of a parameter on a device. The caller releases
// it.
func acquireResident(d *device, p *graph.Param) (*resident, error) {
	array := p.Storage(storage.Access{})
	if r, ok := array.Device().(*resident); ok && r.lostErr == nil && r.device.Ordinal == d.Ordinal {
		r.users++
		return r, nil
	}
	r := &resident{bytes: int(p.Value().MemSize()), users: 1, version: array.Version() - 1}
	var err error
	if r.at, err = d.Alloc(r.bytes); err != nil {
		return nil, fmt.Errorf("parameter %s, %v: %w", p.Name(), p.Shape(), err)
	}
	if err := array.Attach(r); err != nil {
		return nil, errors.Join(err, d.Free(r.at))
	}
	r.device = d.retain()
	return r, nil
}

// release gives up a parameter. The last user copies its value to the host. If that
// fails, the value is lost: the host's storage is as it was last read, and the
// parameter's Sync returns an error until a new value is set.
func (r *resident) release(p *graph.Param) error {
	if r.users--; r.users > 0 {
		return nil
	}
	var err error
	if array := p.Storage(storage.Access{}); array.Device() == storage.Device(r) {
		if err = array.Attach(nil); err != nil {
			r.lostErr = fmt.Errorf("its newest value is lost with the GPU's machine: set another, such as a checkpoint's: %w", err)
		}
	}
	return errors.Join(err, r.wait(), r.device.Free(r.at), r.device.release())
}

// wait waits for the last run that used the parameter.
func (r *resident) wait() error {
	if r.ran == nil {
		return nil
	}
	err := r.ran.Synchronize()
	r.ran = nil
	return err
}

// Fetch copies the value to the parameter's storage on the host.
func (r *resident) Fetch(dst *tensor.Dense) error {
	if r.lostErr != nil {
		return r.lostErr
	}
	if err := r.wait(); err != nil {
		return err
	}
	return r.device.Read(bytesOf(dst.Data()), r.at)
}

// upload copies the value to the GPU if the host has a newer one.
func (r *resident) upload(p *graph.Param) error {
	newest := p.Storage(storage.Access{}).Version()
	if r.version == newest {
		return nil
	}
	if err := r.wait(); err != nil {
		return err
	}
	if err := r.device.Write(r.at, bytesOf(p.Value().Data())); err != nil {
		return fmt.Errorf("parameter %s: %w", p.Name(), err)
	}
	r.version = newest
	return nil
}

// usedParam is a parameter that an engine reads or changes.
type usedParam struct {
	*resident
	param *graph.Param
}

// attach finds the values of the parameters that the plan reads or changes.
func (e *engine[T]) attach() error {
	stay := func(p *graph.Param) (*resident, error) {
		for _, h := range e.usedParams {
			if h.param == p {
				return h.resident, nil
			}
		}
		r, err := acquireResident(e.device, p)
		if err != nil {
			return nil, err
		}
		e.usedParams = append(e.usedParams, usedParam{r, p})
		e.onClose(func() error { return r.release(p) })
		return r, nil
	}
	e.params = make([]*resident, len(e.plan.Inputs))
	for i, s := range e.plan.Inputs {
		if s.Param == nil {
			continue
		}
		var err error
		if e.params[i], err = stay(s.Param); err != nil {
			return err
		}
	}
	for _, u := range e.plan.Updates {
		r, err := stay(u.Param)
		if err != nil {
			return err
		}
		e.states = append(e.states, r)
	}
	return nil
}

// residents copies to the GPU the parameters that the host has changed, and
// makes the run wait for runs of other machines that use the same parameters.
func (e *engine[T]) residents() error {
	for _, h := range e.usedParams {
		if err := h.upload(h.param); err != nil {
			return err
		}
		if h.ran != nil && h.ran != e.results.ran {
			if err := e.stream.Wait(h.ran); err != nil {
				return err
			}
		}
	}
	return nil
}

// used records this run, whose end is marked now, as the last that used the
// parameters.
func (e *engine[T]) used() {
	for _, h := range e.usedParams {
		h.ran = e.results.ran
	}
}

// snapshot copies the values that the run changes to the host, so that a run that
// fails halfway can be rolled back.
func (e *engine[T]) snapshot() error {
	for _, u := range e.plan.Updates {
		if err := u.Param.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// rollback makes the host's values the newest ones.
func (e *engine[T]) rollback() {
	for i, u := range e.plan.Updates {
		e.states[i].version = u.Param.Storage(storage.Access{}).Version() - 1
	}
}

// markUpdated records that a run has changed the parameters.
func (e *engine[T]) markUpdated() {
	for i, u := range e.plan.Updates {
		array := u.Param.Storage(storage.Access{})
		array.MarkDeviceChanged()
		e.states[i].version = array.Version()
	}
}
