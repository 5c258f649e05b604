//go:build gpu

package driver

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// Pointer is an address in the GPU's memory.
type Pointer uint64

// Alloc allocates bytes of the GPU's memory, aligned to 256; its content is undefined. For 0 bytes it returns Pointer
// 0.
func (c *Context) Alloc(bytes int) (p Pointer, err error) {
	if bytes == 0 {
		return 0, nil
	}
	err = c.call("cuMemAlloc", func() error {
		d, err := cu.MemAlloc(int64(bytes))
		p = Pointer(d)
		return err
	})
	if errors.Is(err, ErrOutOfMemory) {
		if free, e := c.FreeMemory(); e == nil {
			err = fmt.Errorf("%d bytes wanted of %s, %d free: %w", bytes, c.Device, free, err)
		}
	}
	return p, err
}

// Free frees memory from Alloc, once all work that uses it is done. Pointer 0 may be freed.
func (c *Context) Free(p Pointer) error {
	if p == 0 {
		return nil
	}
	return c.call("cuMemFree", func() error { return cu.MemFree(cu.DevicePtr(p)) })
}

// Write copies from the host to the GPU; the copy is complete when it returns. Work in streams does not wait for it,
// nor does it wait for that work.
func (c *Context) Write(to Pointer, from []byte) error {
	if len(from) == 0 {
		return nil
	}
	return c.Do(func() error {
		if err := check("cuMemcpyHtoD", cu.MemcpyHtoD(cu.DevicePtr(to), unsafe.Pointer(&from[0]), int64(len(from)))); err != nil {
			return err
		}
		// The call above may return with the last bytes still in flight.
		return check("cuStreamSynchronize", cu.NoStream.Synchronize())
	})
}

// Read copies from the GPU to the host; the copy is complete when it returns. It does not wait for work in streams.
func (c *Context) Read(to []byte, from Pointer) error {
	if len(to) == 0 {
		return nil
	}
	return c.call("cuMemcpyDtoH", func() error {
		return cu.MemcpyDtoH(unsafe.Pointer(&to[0]), cu.DevicePtr(from), int64(len(to)))
	})
}

// HostMemory is pinned host memory: copies to and from it overlap other work. It must not be touched while such a copy
// is in flight.
type HostMemory struct {
	Bytes []byte
	c     *Context
}

// AllocHost allocates pinned host memory.
func (c *Context) AllocHost(bytes int) (*HostMemory, error) {
	m := &HostMemory{c: c}
	if bytes == 0 {
		return m, nil
	}
	err := c.Do(func() error {
		p, err := hostAlloc(bytes)
		if err == nil {
			m.Bytes = unsafe.Slice((*byte)(p), bytes)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%d bytes of pinned host memory: %w", bytes, err)
	}
	return m, nil
}

// Close frees the memory, once all copies that use it are done.
func (m *HostMemory) Close() error {
	if m.Bytes == nil {
		return nil
	}
	p := unsafe.Pointer(&m.Bytes[0])
	m.Bytes = nil
	return m.c.call("cuMemFreeHost", func() error { return cu.MemFreeHost(p) })
}

// Elements is pinned memory as elements of another type.
func Elements[T float32 | float64 | uint32 | uint64](m *HostMemory) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(m.Bytes))), len(m.Bytes)/int(unsafe.Sizeof(zero)))
}
