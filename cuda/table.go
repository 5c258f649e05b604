//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/available"
	"github.com/stheno-ml/stheno/vm"
)

// table is rows of numbers in the memory of a GPU.
type table struct {
	device *device
	dtype  graph.Dtype
	rows   int
	size   int // elements of a row
	at     driver.Pointer
	copy   *driver.Function // the kernel that copies rows
	wide   []float64        // rows on their way to a table of float64
	narrow []float32        // a row of float32 on its way to the host
}

// hold allocates a table on the GPU.
func (c Config) hold(dtype graph.Dtype, rows, size int) (vm.Table, error) {
	if rows < 1 || size < 1 || rows > math.MaxInt32 || size > math.MaxInt/int(dtype.Size())/rows {
		return nil, fmt.Errorf("a table of %d rows of %d elements: want at least one of each, at most %d rows, and a size in bytes that an int can hold", rows, size, math.MaxInt32)
	}
	d, err := openDevice(c.Device)
	if err != nil {
		return nil, err
	}
	t := &table{device: d, dtype: dtype, rows: rows, size: size}
	if err := t.open(c); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *table) open(c Config) error {
	free, err := t.device.FreeMemory()
	if err != nil {
		return err
	}
	if need := int64(t.rows) * int64(t.rowBytes()); need > free/2 {
		return fmt.Errorf("%w: %d rows of %d elements are %s, and %s are free on %v, of which a table may take half",
			vm.ErrNoRoom, t.rows, t.size, available.Text(need), available.Text(free), t.device.Device)
	}
	if t.copy, err = t.device.copyRows(c, t.dtype); err != nil {
		return err
	}
	if t.at, err = t.device.Alloc(t.rows * t.rowBytes()); errors.Is(err, driver.ErrOutOfMemory) {
		return fmt.Errorf("%w: %w", vm.ErrNoRoom, err)
	}
	return err
}

// Close frees the memory.
func (t *table) Close() error {
	if t.device == nil {
		return nil
	}
	err := errors.Join(t.device.Free(t.at), t.device.release())
	t.device = nil
	return err
}

func (t *table) rowBytes() int { return t.size * int(t.dtype.Size()) }

// row is the address of a row.
func (t *table) row(i int) driver.Pointer { return t.at + driver.Pointer(i*t.rowBytes()) }

var errTableClosed = errors.New("the table is closed")

// Write copies rows to the table.
func (t *table) Write(first int, x []float32) error {
	switch n := len(x) / t.size; {
	case t.device == nil:
		return errTableClosed
	case len(x)%t.size > 0:
		return fmt.Errorf("%d elements are no whole rows of %d", len(x), t.size)
	case first < 0 || n > t.rows-first:
		return fmt.Errorf("rows %d to %d of a table of %d", first, first+n-1, t.rows)
	}
	if t.dtype == graph.Float32 {
		return t.device.Write(t.row(first), bytesOf(x))
	}
	t.wide = t.wide[:0]
	for _, v := range x {
		t.wide = append(t.wide, float64(v))
	}
	return t.device.Write(t.row(first), bytesOf(t.wide))
}

// Read copies a row to the host.
func (t *table) Read(i int, to []float64) error {
	switch {
	case t.device == nil:
		return errTableClosed
	case i < 0 || i >= t.rows || len(to) != t.size:
		return fmt.Errorf("row %d, to %d elements, of a table of %d rows of %d", i, len(to), t.rows, t.size)
	case t.dtype == graph.Float64:
		return t.device.Read(bytesOf(to), t.row(i))
	}
	t.narrow = append(t.narrow[:0], make([]float32, t.size)...)
	if err := t.device.Read(bytesOf(t.narrow), t.row(i)); err != nil {
		return err
	}
	for k, v := range t.narrow {
		to[k] = float64(v)
	}
	return nil
}

// Has returns an error unless the table has such rows.
func (t *table) Has(dtype graph.Dtype, size int, index []int) error {
	switch {
	case t.device == nil:
		return errTableClosed
	case dtype != t.dtype || size != t.size:
		return fmt.Errorf("want rows of %d elements of %v, the table has %d of %v", size, dtype, t.size, t.dtype)
	}
	for k, i := range index {
		if i < 0 || i >= t.rows {
			return fmt.Errorf("index %d, for sample %d of the batch, is not in a table of %d rows", i, k, t.rows)
		}
	}
	return nil
}

// gather enqueues a copy of n rows, whose indices are on the GPU, of type int32.
func (t *table) gather(on *driver.Stream, to, index driver.Pointer, n int) error {
	if t.device == nil {
		return errTableClosed
	}
	return on.Launch(t.copy, n, code.RowsThreads, []driver.Pointer{to, t.at, index, driver.Pointer(t.size)})
}
