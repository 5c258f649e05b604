package compiled

import (
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Values makes the values that runs publish. A program of many small nodes would
// spend its time on making tensors one by one: those of a few nodes are made at
// once, and small ones share a piece of memory. Who keeps one of them keeps the
// others, which are of the same run; large ones and numbers are apart.
type Values[T lower.Float] struct {
	like []*tensor.Dense // by value: one of its shape; nil of a number
}

// smallValue is the most elements of a value that shares memory.
const smallValue = 64

// NewValues prepares to make values of these shapes.
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

// Make makes new values from the i-th on, as many as out has, but for those that
// out has already. elements returns what one has, and whether the memory is to be
// its own; else it is copied.
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
	take := func(x []int) []int { // a tensor may write over its shape, and give it away
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
