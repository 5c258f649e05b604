package compiled

import (
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Values allocates the values that runs publish. Allocating one tensor at a time would
// dominate the time of a program with many small nodes. So the tensors of a few nodes
// are allocated together, and small ones share one block of memory. A program that
// keeps one of them keeps the whole block. Large values and numbers are separate.
type Values[T lower.Float] struct {
	like []*tensor.Dense // by value: a tensor of the same shape; nil for a number
}

// smallValue is the largest number of elements of a value that shares a block.
const smallValue = 64

// NewValues prepares the allocation of values with these shapes.
func NewValues[T lower.Float](shapes []lower.Shape) *Values[T] {
	v := &Values[T]{like: make([]*tensor.Dense, len(shapes))}
	for i, s := range shapes {
		if len(s) > 0 {
			v.like[i] = value.New(make([]T, 1), lower.Shape{1}).(*tensor.Dense)
			v.like[i].AP = tensor.MakeAP(tensor.Shape(s), tensor.Shape(s).CalcStrides(), 0, 0)
		}
	}
	return v
}

// Make allocates the values from the i-th on, as many as out has, and skips those that
// out already has. elements returns the elements of a value; if own is true the value
// uses that memory, else it copies the elements.
func (v *Values[T]) Make(out []gorgonia.Value, i int, elements func(i int) (x []T, own bool)) {
	headers, ranks, small := 0, 0, 0
	for k, like := range v.like[i : i+len(out)] {
		if like == nil || out[k] != nil {
			continue
		}
		headers++
		ranks += like.Dims()
		if n := like.Shape().TotalSize(); n <= smallValue {
			small += n
		}
	}
	made, extents, memory := make([]tensor.Dense, headers), make([]int, 2*ranks), make([]T, small)
	take := func(x []int) []int { // never shared, because a tensor may overwrite or recycle its shape
		own := extents[:len(x):len(x)]
		extents = extents[copy(own, x):]
		return own
	}
	for k, like := range v.like[i : i+len(out)] {
		if out[k] != nil {
			continue
		}
		x, own := elements(i + k)
		if like == nil {
			out[k] = value.New(x, nil)
			continue
		}
		switch n := len(x); {
		case own:
		case n <= smallValue:
			x, memory = memory[:copy(memory, x):n], memory[n:]
		default:
			x = append([]T(nil), x...)
		}
		d := &made[0]
		made = made[1:]
		*d = *like
		d.AP = tensor.MakeAP(take(like.Shape()), take(like.Strides()), like.DataOrder(), 0)
		d.Raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(T(0))))
		out[k] = d
	}
}
