package compiled

import (
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
)

// input is the value of a program's input in one machine. Machines of one program do
// not share inputs.
type input struct {
	of    graph.Input
	value gorgonia.Value
	set   bool

	dense *tensor.Dense  // the value, if it is a tensor
	own   []byte         // the tensor's own memory, used unless the value is the caller's array
	rows  plan.TableRows // if its table is not nil, the engine takes the value from there
}

func newInput(of graph.Input, dtype graph.Dtype) input {
	in := input{of: of, value: value.Zero(dtype, of.Shape)}
	in.dense, _ = in.value.(*tensor.Dense)
	if in.dense != nil {
		in.own = in.dense.Raw
	}
	if of.Optional {
		in.fill(of.Default)
	}
	return in
}

// fill sets all elements to v.
func (in *input) fill(v float64) {
	switch x := in.value.(type) {
	case *gorgonia.F32:
		*x = gorgonia.F32(v)
	case *gorgonia.F64:
		*x = gorgonia.F64(v)
	case *tensor.Dense:
		for i := range of32(x) {
			of32(x)[i] = float32(v)
		}
		for i := range of64(x) {
			of64(x)[i] = v
		}
	}
}

// of32 returns the elements of a float32 tensor, or nil; of64 those of float64.
func of32(t *tensor.Dense) []float32 {
	if t.Dtype() != graph.Float32 {
		return nil
	}
	return t.Float32s()
}

func of64(t *tensor.Dense) []float64 {
	if t.Dtype() != graph.Float64 {
		return nil
	}
	return t.Float64s()
}

// fits returns an error unless n is the number of elements of the shape.
func (in *input) fits(n int) error {
	if want := in.of.Shape.Size(); n != want {
		return fmt.Errorf("want shape %v, %d elements; got %d", in.of.Shape, want, n)
	}
	return nil
}

// feed sets the elements to x. A float32 tensor reads x without a copy.
func (in *input) feed(x []float32) error {
	if err := in.fits(len(x)); err != nil {
		return err
	}
	in.rows.Table = nil
	switch {
	case in.dense == nil:
		in.fill(float64(x[0]))
	case in.dense.Dtype() == graph.Float32:
		in.dense.Raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(in.own))
	default:
		for i, v := range x {
			in.dense.Float64s()[i] = float64(v)
		}
	}
	return nil
}

// setScalar sets a scalar to v.
func (in *input) setScalar(v float64) error {
	if in.dense != nil {
		return fmt.Errorf("it has shape %v and is not a scalar: use Feed or SetFloats", in.of.Shape)
	}
	in.fill(v)
	return nil
}

// copy copies x to the machine's own memory.
func (in *input) copy(x []float64) error {
	if err := in.fits(len(x)); err != nil {
		return err
	}
	in.rows.Table = nil
	if in.dense == nil {
		in.fill(x[0])
		return nil
	}
	in.dense.Raw = in.own
	copy(of64(in.dense), x)
	for i := range of32(in.dense) {
		of32(in.dense)[i] = float32(x[i])
	}
	return nil
}
