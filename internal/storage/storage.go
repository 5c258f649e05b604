// Package storage has the arrays of parameters, for the machines of this module: the
// elements on the host, a count of changes, and the device that may have a newer copy.
package storage

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gorgonia.org/tensor"
)

// Access is the argument of graph.Param.Storage. Only this module can create one.
type Access struct{}

// Device has a copy of an array outside the host's memory.
type Device interface {
	// Fetch copies the device's elements into dst, the array on the host.
	Fetch(dst *tensor.Dense) error
}

// Array is the array of a parameter. Machines that only read it may use it at the
// same time.
type Array struct {
	name    string
	host    *tensor.Dense
	version uint64
	device  Device

	fetching sync.Mutex
	behind   atomic.Bool           // the device has newer elements than the host
	failed   atomic.Pointer[error] // the error of the last fetch by Value
}

// Init sets the name of the parameter, for errors, and its elements on the host.
func (a *Array) Init(name string, host *tensor.Dense) { a.name, a.host = name, host }

// Host returns the array on the host, which may be older than the device's copy.
func (a *Array) Host() *tensor.Dense { return a.host }

// Value returns the array on the host after bringing it up to date. If that fails, it
// returns the array as it was, and Sync returns the error.
func (a *Array) Value() *tensor.Dense {
	if err := a.fetch(); err != nil {
		kept := err // a separate variable, so that only a failure allocates
		a.failed.Store(&kept)
	} else if a.failed.Load() != nil {
		a.failed.Store(nil)
	}
	return a.host
}

// Sync brings the array on the host up to date. It also returns the error of an
// earlier Value.
func (a *Array) Sync() error {
	err := a.fetch()
	if a.failed.Load() == nil {
		return err
	}
	if before := a.failed.Swap(nil); before != nil && err == nil {
		err = *before
	}
	return err
}

// fetch copies the device's elements to the host if the host is behind.
func (a *Array) fetch() error {
	if !a.behind.Load() {
		return nil
	}
	a.fetching.Lock()
	defer a.fetching.Unlock()
	if !a.behind.Load() {
		return nil
	}
	if err := a.device.Fetch(a.host); err != nil {
		return fmt.Errorf("parameter %q: %w", a.name, err)
	}
	a.behind.Store(false)
	return nil
}

// Device returns the device that has a copy, or nil.
func (a *Array) Device() Device { return a.device }

// Attach makes d, which may be nil, the device that has a copy. It first fetches the
// elements of the previous device if they are newer.
func (a *Array) Attach(d Device) error {
	if err := a.Sync(); err != nil {
		return err
	}
	a.device = d
	return nil
}

// MarkDeviceChanged records a change of the device's copy: the host is behind until
// the next Value or Sync.
func (a *Array) MarkDeviceChanged() {
	a.version++
	a.behind.Store(true)
}

// MarkHostChanged records a change of the elements on the host, which are then the
// newest.
func (a *Array) MarkHostChanged() {
	a.version++
	a.behind.Store(false)
}

// Version returns the number of changes, by which a copy can tell that it is stale.
func (a *Array) Version() uint64 { return a.version }
