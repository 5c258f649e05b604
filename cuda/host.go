//go:build gpu

package cuda

import (
	"unsafe"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// onHost runs a step on the host: its operands come to the host and its
// results go back, while the GPU waits.
func (e *engine[T]) onHost(c *code.Call) error {
	if err := e.stream.Synchronize(); err != nil {
		return err
	}
	s := e.plan.Steps[c.Step]
	var in []lower.Array[T]
	for _, v := range s.In {
		x, err := e.read(e.plan.Values[v])
		if err != nil {
			return err
		}
		in = append(in, x)
	}
	var out []lower.Array[T]
	for _, v := range s.Out {
		out = append(out, lower.NewArray[T](e.plan.Values[v].Shape))
	}
	if err := compiled.RunHost(s.Prim.(plan.Host), e.boxes, in, out); err != nil {
		return err
	}
	for i, v := range s.Out {
		if err := e.device.Write(e.address(code.RefOf(e.plan.Values[v])), bytesOf(out[i].Data)); err != nil {
			return err
		}
	}
	return nil
}

// read copies an array to the host, with all the memory between its first
// element and its last.
func (e *engine[T]) read(l plan.Layout) (lower.Array[T], error) {
	first, last := l.Off, l.Off
	for i, n := range l.Shape {
		if d := (n - 1) * l.Strides[i]; d < 0 {
			first += d
		} else {
			last += d
		}
	}
	x := lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off - first, Data: make([]T, last-first+1)}
	l.Off = first
	return x, e.device.Read(bytesOf(x.Data), e.address(code.RefOf(l)))
}

// bytesOf is the memory of a slice of float32 or float64.
func bytesOf(data any) []byte {
	switch x := data.(type) {
	case []float32:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
	case []float64:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 8*len(x))
	}
	return nil
}

// firstError calls functions until one fails.
func firstError(calls ...func() error) error {
	for _, f := range calls {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}
