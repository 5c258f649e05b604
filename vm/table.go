package vm

import (
	"errors"

	"github.com/stheno-ml/stheno/graph"
)

// ErrNoRoom is the error of a table that does not fit in a backend's memory.
var ErrNoRoom = errors.New("the table does not fit in the memory that is free")

// Holder is a backend with memory of its own, such as that of a GPU. Samples can stay
// there in tables: then a step reads its batch there, and only indices are sent.
type Holder interface {
	Backend
	// Hold returns a table of rows of the given number of elements. The error wraps
	// ErrNoRoom if the table would take more than half of the memory that is free, so
	// that machines find room, too.
	Hold(dtype graph.Dtype, rows, size int) (Table, error)
}

// Table is rows of numbers in the memory of a backend. Its rows are undefined until
// they are written.
type Table interface {
	// Write copies rows, in row-major order, to the table from row first on. No run that
	// reads them may be in flight.
	Write(first int, x []float32) error
	// Has returns an error unless the table has rows of that type and number of elements
	// with these indices.
	Has(dtype graph.Dtype, size int, index []int) error
	// Read copies row i to the host.
	Read(i int, to []float64) error
	// Close frees the memory. No run that reads the table may be in flight, and no
	// machine may read it later.
	Close() error
}

// Gatherer is a machine of a Holder.
type Gatherer interface {
	Machine
	// Gather sets the input, for the following runs, to rows of a table of the same
	// backend: the row index[i], counted from 0, is sample i. The machine reads the
	// table in each run. index is copied.
	Gather(input string, from Table, index []int) error
}
