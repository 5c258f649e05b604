//go:build gpu

package driver

import (
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// Stream is a queue of work for the GPU: what is put into it runs in order, beside other streams.
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

// Close ends the stream; work still in it is done all the same.
func (s *Stream) Close() error {
	if s.s == cu.NoStream {
		return nil
	}
	return s.c.call("cuStreamDestroy", s.s.Destroy)
}

// Synchronize waits until all work in the stream is done. An error of a kernel or a copy in it is told here at the latest.
func (s *Stream) Synchronize() error { return s.c.call("cuStreamSynchronize", s.s.Synchronize) }

// CopyIn puts a copy of bytes to the GPU into the stream, from the place of the pinned memory at an offset of bytes.
func (s *Stream) CopyIn(to Pointer, from *HostMemory, offset, bytes int) error {
	p, err := from.at(offset, bytes)
	if err != nil || bytes == 0 {
		return err
	}
	return s.c.call("cuMemcpyHtoDAsync", func() error {
		return cu.MemcpyHtoDAsync(cu.DevicePtr(to), p, int64(bytes), s.s)
	})
}

// CopyOut puts a copy of bytes from the GPU into the stream, to the place of the pinned memory at an offset of bytes.
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
		return nil, fmt.Errorf("a copy of %d bytes at %d leaves the %d bytes of pinned memory", bytes, offset, len(m.Bytes))
	}
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(m.Bytes)), offset), nil
}

// Copy puts a copy within the GPU's memory into the stream; the two places do not overlap.
func (s *Stream) Copy(to, from Pointer, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return s.c.call("cuMemcpyDtoDAsync", func() error {
		return cu.MemcpyDtoDAsync(cu.DevicePtr(to), cu.DevicePtr(from), int64(bytes), s.s)
	})
}

// Fill puts the setting of bytes to one value into the stream.
func (s *Stream) Fill(to Pointer, value byte, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return s.c.call("cuMemsetD8Async", func() error {
		return cu.MemsetD8Async(cu.DevicePtr(to), value, int64(bytes), s.s)
	})
}

// Launch puts a kernel into the stream: grid blocks of block threads, with addresses as its arguments.
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

// Event is a mark in a stream, for others to wait for and for the time between two.
type Event struct {
	c *Context
	e cu.Event
}

// NewEvent makes an event; only a timed one can be asked for Elapsed, and it costs a little more.
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

// Close ends the event.
func (e *Event) Close() error {
	if e.e == (cu.Event{}) {
		return nil
	}
	return e.c.call("cuEventDestroy", func() error { return cu.DestroyEvent(&e.e) })
}

// Record marks the work that is in the stream now.
func (e *Event) Record(s *Stream) error {
	return e.c.call("cuEventRecord", func() error { return e.e.Record(s.s) })
}

// Synchronize waits until the work marked is done; at once where nothing was marked.
func (e *Event) Synchronize() error { return e.c.call("cuEventSynchronize", e.e.Synchronize) }

// Wait lets what is put into the stream later wait for the work that the event marks.
func (s *Stream) Wait(e *Event) error {
	return s.c.call("cuStreamWaitEvent", func() error { return s.s.Wait(e.e, 0) })
}

// Elapsed is the time from one event to another in milliseconds, to about half a microsecond; both are timed and done.
func (e *Event) Elapsed(to *Event) (milliseconds float64, err error) {
	err = e.c.call("cuEventElapsedTime", func() (err error) {
		milliseconds, err = e.e.Elapsed(to.e)
		return err
	})
	return milliseconds, err
}
