//go:build gpu

package driver

import (
	"fmt"
	"runtime"

	"gorgonia.org/cu"
)

// Context is a GPU in use: its primary context, which everything in the process on that GPU shares, cuBLAS included.
type Context struct {
	Device
	dev    cu.Device
	ctx    cu.CUContext
	closed bool
}

// minVersion is the first CUDA whose driver has all functions that are called.
const minVersion = 11040

// Open opens a GPU.
func Open(ordinal int) (*Context, error) {
	if v := Version(); v < 0 {
		return nil, fmt.Errorf("the driver does not report its version")
	} else if v < minVersion {
		return nil, fmt.Errorf("the driver supports CUDA %s, and 11.4 is needed: update the NVIDIA driver", version(v))
	}
	n, err := cu.NumDevices()
	if err != nil {
		return nil, check("cuDeviceGetCount", err)
	}
	if ordinal < 0 || ordinal >= n {
		return nil, fmt.Errorf("no GPU %d: CUDA sees %d, numbered from 0; $CUDA_VISIBLE_DEVICES chooses among them", ordinal, n)
	}
	c := &Context{}
	if c.Device, c.dev, err = describe(ordinal); err != nil {
		return nil, err
	}
	if c.ctx, err = c.dev.RetainPrimaryCtx(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Device, check("cuDevicePrimaryCtxRetain", err))
	}
	return c, nil
}

// version writes 12040 as 12.4.
func version(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// Close releases the GPU. Everything that belongs to the context must be closed before.
func (c *Context) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	return check("cuDevicePrimaryCtxRelease", c.dev.ReleasePrimaryCtx())
}

// Do runs f on a thread whose current context is this one. Nothing else runs on the thread meanwhile.
func (c *Context) Do(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if c.closed {
		return fmt.Errorf("%s is closed", c.Device)
	}
	if err := cu.SetCurrentContext(c.ctx); err != nil {
		return check("cuCtxSetCurrent", err)
	}
	return f()
}

// call is Do for one call of package cu.
func (c *Context) call(name string, f func() error) error {
	return c.Do(func() error { return check(name, f()) })
}

// Synchronize waits for all work of the context.
func (c *Context) Synchronize() error { return c.call("cuCtxSynchronize", cu.Synchronize) }

// FreeMemory returns how many bytes of the GPU's memory are free.
func (c *Context) FreeMemory() (bytes int64, err error) {
	err = c.call("cuMemGetInfo", func() (err error) {
		bytes, _, err = cu.MemInfo()
		return err
	})
	return bytes, err
}
