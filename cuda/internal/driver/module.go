//go:build gpu

package driver

import (
	"bytes"
	"fmt"
)

// Module is code on the GPU.
type Module struct {
	c *Context
	m moduleHandle
}

// Load loads compiled code onto the GPU: a cubin, or PTX, which the driver compiles first.
func (c *Context) Load(image []byte) (*Module, error) {
	if len(image) == 0 {
		return nil, fmt.Errorf("no code to load")
	}
	if !bytes.HasSuffix(image, []byte{0}) {
		image = append(image[:len(image):len(image)], 0) // PTX ends with a zero byte
	}
	m := &Module{c: c}
	err := c.Do(func() (err error) {
		m.m, err = loadModule(image)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close unloads the code, once all launches of its functions are done.
func (m *Module) Close() error {
	if m.m == nil {
		return nil
	}
	handle := m.m
	m.m = nil
	return m.c.Do(func() error { return unloadModule(handle) })
}

// Function is a kernel. It is valid while its module is open.
type Function struct {
	Name string
	f    functionHandle
}

// Function finds a kernel by its name.
func (m *Module) Function(name string) (*Function, error) {
	f := &Function{Name: name}
	err := m.c.Do(func() (err error) {
		f.f, err = getFunction(m.m, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}
	return f, nil
}
