//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/internal/available"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// memory is the GPU memory that an engine holds, except for parameters: one
// allocation, cut into pieces.
type memory struct {
	device     *device
	at         driver.Pointer
	size       int
	arena      piece
	scratch    piece
	results    piece
	fresh      []piece // by kept node; empty unless it is Fresh
	inputs     piece   // what the steps read
	slotInputs [slots]piece
}

// slots is how many runs may be in flight.
const slots = 2

// piece is a part of the allocation, in bytes from its beginning.
type piece struct{ off, size int }

// alignment is the alignment of a piece, in bytes.
const alignment = 256

// cut adds a piece of that many bytes.
func (m *memory) cut(bytes int) piece {
	p := piece{m.size, bytes}
	m.size += (bytes + alignment - 1) / alignment * alignment
	return p
}

func (m *memory) address(p piece) driver.Pointer { return m.at + driver.Pointer(p.off) }

// space is the address at which a space of the program begins.
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

// newMemory allocates the memory that the program needs.
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
	inputs := stagedOf(e.plan)
	m.inputs = m.cut(inputs.values)
	for i := range m.slotInputs {
		m.slotInputs[i] = m.cut(inputs.bytes)
	}
	var err error
	if m.at, err = e.device.Alloc(m.size); err != nil {
		return nil, e.outOfMemory(m, err)
	}
	return m, nil
}

func (m *memory) close() error { return m.device.Free(m.at) }

// outOfMemory adds to an out-of-memory error how much was requested and what would
// fit.
func (e *engine[T]) outOfMemory(m *memory, err error) error {
	free, freeErr := e.device.FreeMemory()
	if !errors.Is(err, driver.ErrOutOfMemory) || freeErr != nil {
		return err
	}
	held := 0
	for _, h := range e.usedParams {
		held += h.bytes
	}
	shortage := compiled.MemoryShortage{
		Plan: e.plan, On: fmt.Sprintf(" on %v", e.device.Device), Need: int64(m.size), Arena: int64(m.arena.size),
		AlsoHeld: fmt.Sprintf(", besides %s of parameters that it holds", available.Text(int64(held))), Free: int64(free),
	}
	return fmt.Errorf("%v: %w", shortage, err)
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
