// The weights that a solver's formula updates.

package solve

import (
	"errors"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// dtypeOf returns the type of a weight and its gradient if a formula can go over them in
// memory order, else the zero Dtype.
func dtypeOf(value, grad gorgonia.Value) tensor.Dtype {
	w, isDense := value.(*tensor.Dense)
	g, both := grad.(*tensor.Dense)
	if !isDense || !both || !plainDense(w) || !plainDense(g) || w.Dtype() != g.Dtype() || !w.Shape().Eq(g.Shape()) {
		return tensor.Dtype{}
	}
	return w.Dtype()
}

// plainDense reports whether a tensor's elements are contiguous in host memory, in
// row-major order, and its engine is one of package tensor or the standard engine.
func plainDense(t *tensor.Dense) bool {
	switch t.Engine().(type) {
	case tensor.StdEng, tensor.Float32Engine, tensor.Float64Engine, gorgonia.StandardEngine:
	default:
		return false
	}
	return t.IsNativelyAccessible() && !t.IsMasked() && !t.RequiresIterator() && t.DataOrder().IsContiguous() &&
		t.DataOrder().IsRowMajor() && t.Shape().TotalSize() > 0
}

// formulaWork is the program and scratch memory that the weights of one type share.
type formulaWork[T kernel.Float] struct {
	program program[T]
	vector  *kernel.Vector[T]
	scratch [][]T // by worker: two blocks
}

func newFormulaWork[T kernel.Float](v *kernel.Vector[T], workers int) *formulaWork[T] {
	f := &formulaWork[T]{vector: v, scratch: make([][]T, workers)}
	for i := range f.scratch {
		f.scratch[i] = make([]T, 2*blockSize)
	}
	return f
}

// steppedWeight is a weight that steps by a formula, with its state.
type steppedWeight[T kernel.Float] struct {
	*formulaWork[T]
	value, grad *tensor.Dense
	w, g        []T
	state       [2][]T
	states      int
	at          [2]uintptr
}

func newSteppedWeight[T kernel.Float](f *formulaWork[T], states int) *steppedWeight[T] {
	return &steppedWeight[T]{formulaWork: f, states: states}
}

func (w *steppedWeight[T]) bind(value, grad gorgonia.Value) (moved bool, err error) {
	v, _ := value.(*tensor.Dense)
	g, _ := grad.(*tensor.Dense)
	if v != nil && v == w.value && g == w.grad && w.at == [2]uintptr{v.Uintptr(), g.Uintptr()} {
		return false, nil
	}
	if dtypeOf(value, grad) == (tensor.Dtype{}) {
		return false, errors.New("the value or the gradient is not a plain dense tensor, as in the first step")
	}
	x, isT := v.Data().([]T)
	d, both := g.Data().([]T)
	switch {
	case !isT || !both || len(x) != len(d) || len(x) != v.Shape().TotalSize():
		return false, fmt.Errorf("a value of %T and a gradient of %T", v.Data(), g.Data())
	case w.w != nil && len(x) != len(w.w):
		return false, fmt.Errorf("a value of %d elements, but the first step had %d", len(x), len(w.w))
	case w.w == nil:
		for i := range w.states {
			w.state[i] = make([]T, len(x))
		}
	}
	w.value, w.grad, w.w, w.g = v, g, x, d
	w.at = [2]uintptr{v.Uintptr(), g.Uintptr()}
	return true, nil
}

func (w *steppedWeight[T]) size() int { return len(w.w) }

func (w *steppedWeight[T]) spans() []span {
	return []span{{w.at[0], w.at[0] + w.value.MemSize()}, {w.at[1], w.at[1] + w.grad.MemSize()}}
}

// step applies the formula to elements, block by block.
func (w *steppedWeight[T]) step(from, to, worker int) {
	t := w.scratch[worker]
	for ; from < to; from += blockSize {
		end := min(from+blockSize, to)
		r := registers[T]{regW: w.w[from:end], regG: w.g[from:end], regT: t[:end-from], regU: t[blockSize : blockSize+end-from]}
		for i, s := range w.state[:w.states] {
			r[regM+i] = s[from:end]
		}
		w.program.run(w.vector, &r)
	}
}

// sameBits reports whether two slices have the same bits. All NaN count as equal.
func sameBits[T kernel.Float](a, b []T) bool {
	for i, x := range a {
		if y := b[i]; math.Float64bits(float64(x)) != math.Float64bits(float64(y)) && (x == x || y == y) {
			return false
		}
	}
	return true
}
