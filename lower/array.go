package lower

// Float is the element types that a Func can run in.
type Float interface{ float32 | float64 }

// Array is a strided view of a slice of elements: element (i0, i1, ...) is
// Data[Off + i0*Strides[0] + i1*Strides[1] + ...].
type Array[T Float] struct {
	Shape   Shape
	Strides []int
	Off     int
	Data    []T
}

// NewArray returns a new row-major array of zeros.
func NewArray[T Float](shape Shape) Array[T] {
	return ArrayOf(make([]T, shape.Size()), shape)
}

// ArrayOf returns the slice as a row-major array. The slice must have shape.Size()
// elements.
func ArrayOf[T Float](data []T, shape Shape) Array[T] {
	return Array[T]{Shape: shape, Strides: shape.Strides(), Data: data}
}

func (a Array[T]) offset(idx []int) int {
	o := a.Off
	for i, x := range idx {
		o += x * a.Strides[i]
	}
	return o
}

// At returns the element at the index, one number for each axis.
func (a Array[T]) At(idx ...int) T { return a.Data[a.offset(idx)] }

// Set sets the element at the index.
func (a Array[T]) Set(v T, idx ...int) { a.Data[a.offset(idx)] = v }

// Add adds to the element at the index.
func (a Array[T]) Add(v T, idx ...int) { a.Data[a.offset(idx)] += v }

// Contiguous reports whether the elements lie in row-major order without gaps.
func (a Array[T]) Contiguous() bool {
	n := 1
	for i := len(a.Shape) - 1; i >= 0; i-- {
		if a.Shape[i] != 1 && a.Strides[i] != n {
			return false
		}
		n *= a.Shape[i]
	}
	return true
}

// Elements returns the elements in row-major order: the array's own memory if it is
// contiguous, else a copy.
func (a Array[T]) Elements() []T {
	n := a.Shape.Size()
	if a.Contiguous() {
		return a.Data[a.Off : a.Off+n : a.Off+n]
	}
	out := make([]T, n)
	a.CopyRange(out, 0)
	return out
}

// CopyRange copies the elements from row-major position start on into dst, until dst
// is full. It allocates nothing for up to 12 axes.
func (a *Array[T]) CopyRange(dst []T, start int) {
	rank := len(a.Shape)
	if rank == 0 {
		dst[0] = a.Data[a.Off]
		return
	}
	var few [12]int
	idx := few[:]
	if rank > len(few) {
		idx = make([]int, rank)
	}
	off, rest := a.Off, start
	for i := rank - 1; i >= 0; i-- {
		idx[i] = rest % a.Shape[i]
		rest /= a.Shape[i]
		off += idx[i] * a.Strides[i]
	}
	inner, stride := a.Shape[rank-1], a.Strides[rank-1]
	for len(dst) > 0 {
		n := min(inner-idx[rank-1], len(dst))
		switch stride {
		case 1:
			copy(dst[:n], a.Data[off:off+n])
		case 0:
			v := a.Data[off]
			for j := range dst[:n] {
				dst[j] = v
			}
		default:
			for j, o := 0, off; j < n; j, o = j+1, o+stride {
				dst[j] = a.Data[o]
			}
		}
		dst = dst[n:]
		off -= idx[rank-1] * stride
		idx[rank-1] = 0
		for i := rank - 2; i >= 0; i-- {
			idx[i]++
			off += a.Strides[i]
			if idx[i] < a.Shape[i] {
				break
			}
			off -= idx[i] * a.Strides[i]
			idx[i] = 0
		}
	}
}

// rowMajor returns the array with its elements in row-major order without gaps.
func (a Array[T]) rowMajor() Array[T] {
	if a.Contiguous() {
		return a
	}
	return ArrayOf(a.Elements(), a.Shape)
}
