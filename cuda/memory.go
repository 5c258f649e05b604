//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// memory is the GPU's memory that an engine holds, parameters aside: one
// allocation, cut into pieces.
type memory struct {
	device  *device
	at      driver.Pointer
	size    int
	arena   piece
	scratch piece
	results piece
	fresh   []piece // by kept node; those that are not Fresh are empty
	inputs  piece   // what the steps read
	arrived [slots]piece
}

// slots is how many runs may be under way.
const slots = 2

// piece is a part of the allocation, in bytes from its beginning.
type piece struct{ off, size int }

// granule is what every piece begins at a multiple of, in bytes.
const granule = 256

// cut adds a piece of so many bytes.
func (m *memory) cut(bytes int) piece {
	p := piece{m.size, bytes}
	m.size += (bytes + granule - 1) / granule * granule
	return p
}

func (m *memory) address(p piece) driver.Pointer { return m.at + driver.Pointer(p.off) }

// space is where a space of the program begins.
func (m *memory) space(r code.Ref) driver.Pointer {
	switch r.Space {
	case code.Arena:
		return m.address(m.arena)
	case code.Scratch:
		return m.address(m.scratch)
	case code.Results:
		return m.address(m.results)
	}
	return m.address(m.fresh[r.Index])
}

// newMemory takes the memory of the program.
func (e *engine[T]) newMemory() (*memory, error) {
	w := e.width()
	m := &memory{device: e.device}
	m.arena = m.cut(e.plan.Arena * w)
	m.scratch = m.cut(e.program.Scratch * w)
	m.results = m.cut(e.program.Results * w)
	for i := range e.plan.Kept {
		n := 0
		if l := e.plan.Values[e.plan.Func.Results()[i]]; l.Place == plan.Fresh {
			n = l.Shape.Size()
		}
		m.fresh = append(m.fresh, m.cut(n*w))
	}
	bytes := stagedBytes(e.plan)
	m.inputs = m.cut(bytes)
	for i := range m.arrived {
		m.arrived[i] = m.cut(bytes)
	}
	var err error
	if m.at, err = e.device.Alloc(m.size); err != nil {
		return nil, e.full(m, err)
	}
	return m, nil
}

func (m *memory) close() error { return m.device.Free(m.at) }

// full says what was asked for where the GPU has no room, and what would fit.
func (e *engine[T]) full(m *memory, err error) error {
	free, freeErr := e.device.FreeMemory()
	if !errors.Is(err, driver.ErrOutOfMemory) || freeErr != nil {
		return err
	}
	held := 0
	for _, h := range e.held {
		held += h.bytes
	}
	text := fmt.Sprintf("a step needs %s on %v (%s of it for values between the steps), besides %s of parameters that it holds; %s are free",
		size(m.size), e.device.Device, size(m.arena.size), size(held), size(int(free)))
	if batch := batchOf(e.plan); batch > 1 {
		// Nearly all of a step's memory grows with the batch.
		if fits := int(float64(batch) * 0.95 * float64(free) / float64(m.size)); fits >= 1 {
			text += fmt.Sprintf("; a batch of about %d would fit instead of %d", fits, batch)
		}
	}
	return fmt.Errorf("%s: close machines that are not needed, or take a smaller batch: %w", text, err)
}

// batchOf is the batch size: the first extent of the largest input that is no
// parameter.
func batchOf(p *plan.Plan) int {
	batch, largest := 0, 0
	for i, s := range p.Inputs {
		if shape := p.Func.Shape(lower.Value(i)); s.Node != nil && s.Param == nil && len(shape) > 1 && shape.Size() > largest {
			batch, largest = shape[0], shape.Size()
		}
	}
	return batch
}

// size is a number of bytes for people.
func size(bytes int) string {
	unit, i := float64(bytes), 0
	for unit >= 1024 && i < 4 {
		unit, i = unit/1024, i+1
	}
	return fmt.Sprintf("%.4g %s", unit, [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}[i])
}

// Memory returns what the engine holds on the GPU.
func (e *engine[T]) Memory() vm.Memory {
	w := int64(e.width())
	return vm.Memory{
		Arena:   int64(e.plan.Arena) * w,
		Least:   int64(e.plan.Least) * w,
		Scratch: int64(e.memory.size - e.memory.arena.size),
	}
}
