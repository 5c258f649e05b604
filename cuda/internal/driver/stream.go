//go:build gpu

package driver

import (
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// Stream is a queue of work for the GPU: work in one stream runs in order, and overlaps other streams.
type Stream struct {
	c *Context
	s cu.Stream
}

// NewStream makes a stream that does not wait for others.
func (c *Context) NewStream() (*Stream, error) {
	s := &Stream{c: c}
	err := c.call("cuStreamCreate", func() (err error) {
		s.s, err = cu.MakeStream(cu.NonBlocking)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes the stream; work still in it runs to its end.
func (s *Stream) Close() error {
	if s.s == cu.NoStream {
		return nil
	}
	return s.c.call("cuStreamDestroy", s.s.Destroy)
}

// Synchronize waits until all work in the stream is done. It returns the error of a kernel or copy in it, if no earlier
// call has.
func (s *Stream) Synchronize() error { return s.c.call("cuStreamSynchronize", s.s.Synchronize) }

// CopyIn enqueues a copy of bytes from pinned memory, at an offset in bytes, to the GPU.
func (s *Stream) CopyIn(to Pointer, from *HostMemory, offset, bytes int) error {
	p, err := from.at(offset, bytes)
	if err != nil || bytes == 0 {
		return err
	}
	return s.c.call("cuMemcpyHtoDAsync", func() error {
		return cu.MemcpyHtoDAsync(cu.DevicePtr(to), p, int64(bytes), s.s)
	})
}

// CopyOut enqueues a copy of bytes from the GPU to pinned memory, at an offset in bytes.
func (s *Stream) CopyOut(to *HostMemory, offset int, from Pointer, bytes int) error {
	p, err := to.at(offset, bytes)
	if err != nil || bytes == 0 {
		return err
	}
	return s.c.call("cuMemcpyDtoHAsync", func() error {
		return cu.MemcpyDtoHAsync(p, cu.DevicePtr(from), int64(bytes), s.s)
	})
}

func (m *HostMemory) at(offset, bytes int) (unsafe.Pointer, error) {
	if offset < 0 || bytes < 0 || offset+bytes > len(m.Bytes) {
		return nil, fmt.Errorf("a copy of %d bytes at %d is not within the %d bytes of pinned memory", bytes, offset, len(m.Bytes))
	}
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(m.Bytes)), offset), nil
}

// Copy enqueues a copy within the GPU's memory; the two places must not overlap.
func (s *Stream) Copy(to, from Pointer, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return s.c.call("cuMemcpyDtoDAsync", func() error {
		return cu.MemcpyDtoDAsync(cu.DevicePtr(to), cu.DevicePtr(from), int64(bytes), s.s)
	})
}

// Fill enqueues setting bytes to one value.
func (s *Stream) Fill(to Pointer, value byte, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return s.c.call("cuMemsetD8Async", func() error {
		return cu.MemsetD8Async(cu.DevicePtr(to), value, int64(bytes), s.s)
	})
}

// Launch enqueues a kernel: grid blocks of block threads, with addresses as its arguments.
func (s *Stream) Launch(f *Function, grid, block int, args []Pointer) error {
	if len(args) > maxArguments {
		return fmt.Errorf("kernel %s: %d arguments, at most %d can be passed", f.Name, len(args), maxArguments)
	}
	err := s.c.Do(func() error { return launch(f.f, grid, block, s.s, args) })
	if err != nil {
		return fmt.Errorf("kernel %s, %d blocks of %d threads: %w", f.Name, grid, block, err)
	}
	return nil
}

// Event is a mark in a stream: other streams can wait for it, and the time between two can be measured.
type Event struct {
	c *Context
	e cu.Event
}

// NewEvent makes an event. Elapsed needs timed events, which cost a little more.
func (c *Context) NewEvent(timed bool) (*Event, error) {
	flags := cu.DisableTiming
	if timed {
		flags = cu.DefaultEvent
	}
	e := &Event{c: c}
	err := c.call("cuEventCreate", func() (err error) {
		e.e, err = cu.MakeEvent(flags)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Close destroys the event.
func (e *Event) Close() error {
	if e.e == (cu.Event{}) {
		return nil
	}
	return e.c.call("cuEventDestroy", func() error { return cu.DestroyEvent(&e.e) })
}

// Record marks the end of the work that is now in the stream.
func (e *Event) Record(s *Stream) error {
	return e.c.call("cuEventRecord", func() error { return e.e.Record(s.s) })
}

// Synchronize waits until the marked work is done; if nothing is marked, it returns at once.
func (e *Event) Synchronize() error { return e.c.call("cuEventSynchronize", e.e.Synchronize) }

// Wait makes later work in the stream wait for the work that the event marks.
func (s *Stream) Wait(e *Event) error {
	return s.c.call("cuStreamWaitEvent", func() error { return s.s.Wait(e.e, 0) })
}

// Elapsed is the time from one event to another in milliseconds, to about half a microsecond; both must be timed and
// done.
func (e *Event) Elapsed(to *Event) (milliseconds float64, err error) {
	err = e.c.call("cuEventElapsedTime", func() (err error) {
		milliseconds, err = e.e.Elapsed(to.e)
		return err
	})
	return milliseconds, err
}
