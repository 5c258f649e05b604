//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"sync"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/graph"
)

// device is a GPU in use by machines, by tables, or by parameters that outlive them. The
// process has one of each GPU, as the driver has one context, so its users share the kernels
// that copy rows of tables.
type device struct {
	*driver.Context
	users int // guarded by inUse

	loading sync.Mutex
	rows    *driver.Module // nil until a table needs it
}

// inUse are the GPUs in use, by number.
var inUse = struct {
	sync.Mutex
	devices map[int]*device
}{devices: map[int]*device{}}

// openDevice returns a GPU. The caller releases it.
func openDevice(ordinal int) (*device, error) {
	inUse.Lock()
	defer inUse.Unlock()
	d := inUse.devices[ordinal]
	if d == nil {
		c, err := driver.Open(ordinal)
		if err != nil {
			return nil, err
		}
		d = &device{Context: c}
		inUse.devices[ordinal] = d
	}
	d.users++
	return d, nil
}

// retain is one more user of the GPU, who releases it, too.
func (d *device) retain() *device {
	inUse.Lock()
	defer inUse.Unlock()
	d.users++
	return d
}

// release gives up the GPU. The last user closes it.
func (d *device) release() error {
	inUse.Lock()
	defer inUse.Unlock()
	if d.users--; d.users > 0 {
		return nil
	}
	delete(inUse.devices, d.Ordinal)
	var err error
	if d.rows != nil {
		err = d.rows.Close()
	}
	return errors.Join(err, d.Context.Close())
}

// copyRows is the kernel that copies rows of a table.
func (d *device) copyRows(c Config, dtype graph.Dtype) (*driver.Function, error) {
	d.loading.Lock()
	defer d.loading.Unlock()
	if d.rows == nil {
		compiler, err := driver.OpenCompiler("")
		if err != nil {
			return nil, err
		}
		defer compiler.Close()
		if d.rows, err = c.module(d, compiler, code.Rows()); err != nil {
			return nil, err
		}
	}
	return d.rows.Function(fmt.Sprint("rows_", dtype))
}
