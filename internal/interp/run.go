package interp

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// Run interprets the function. It returns one row-major array per result, which may share
// memory with an input if the result is a view of it.
func Run[T lower.Float](f *lower.Func, in ...lower.Array[T]) ([]lower.Array[T], error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	if len(in) != f.Inputs() {
		return nil, fmt.Errorf("interp: function of %d inputs called with %d", f.Inputs(), len(in))
	}
	vals := make([]lower.Array[T], f.Values())
	for i, a := range in {
		if want := f.Shape(f.In(i)); !a.Shape.Equal(want) {
			return nil, fmt.Errorf("interp: input %d is %v, want %v", i, a.Shape, want)
		}
		vals[i] = a
	}
	last := lastReads(f)
	for i, s := range f.Steps() {
		args := make([]lower.Array[T], len(s.In))
		for j, v := range s.In {
			args[j] = vals[v]
		}
		outs := make([]lower.Array[T], len(s.Out))
		for j, v := range s.Out {
			outs[j].Shape = f.Shape(v)
		}
		if err := exec(s.Prim, args, outs); err != nil {
			return nil, fmt.Errorf("interp: step %d, %v: %w", i, s.Prim, err)
		}
		for j, v := range s.Out {
			vals[v] = outs[j]
		}
		for _, v := range s.In {
			if last[v] == i {
				vals[v] = lower.Array[T]{} // so the garbage collector can free it
			}
		}
	}
	out := make([]lower.Array[T], len(f.Results()))
	for i, v := range f.Results() {
		if out[i] = vals[v]; !out[i].Contiguous() {
			out[i] = lower.ArrayOf(out[i].Elements(), out[i].Shape)
		}
	}
	return out, nil
}

// lastReads returns, for each value, the last step that reads it. For a result it returns
// the number of steps.
func lastReads(f *lower.Func) []int {
	last := make([]int, f.Values())
	for i, s := range f.Steps() {
		for _, v := range s.In {
			last[v] = i
		}
	}
	for _, v := range f.Results() {
		last[v] = len(f.Steps())
	}
	return last
}

// exec runs one primitive. The caller has set the shapes of the results. exec makes them
// views for the view primitives, and otherwise new row-major arrays.
func exec[T lower.Float](p lower.Prim, in, out []lower.Array[T]) error {
	if lower.IsView(p) {
		out[0] = lower.View(p, in[0], out[0].Shape)
		return nil
	}
	for i := range out {
		out[i] = lower.NewArray[T](out[i].Shape)
	}
	return compute(p, in, out)
}

// Exec runs one primitive that is not a view on the host. The results are row-major
// arrays of any content. They must not overlap an operand, except that Map may overwrite
// a row-major operand.
func Exec[T lower.Float](p lower.Prim, in, out []lower.Array[T]) error {
	for i, o := range out {
		if !o.Contiguous() {
			return fmt.Errorf("interp: %v: result %d is not row-major", p, i)
		}
		out[i].Data, out[i].Off = o.Elements(), 0
		if _, all := p.(lower.Map); !all {
			clear(out[i].Data)
		}
	}
	return compute(p, in, out)
}

// compute runs a primitive into zeroed row-major results.
func compute[T lower.Float](p lower.Prim, in, out []lower.Array[T]) error {
	switch p := p.(type) {
	case lower.Map:
		runMap(p.Expr, in, out[0].Data)
	case lower.Reduce:
		runReduce(p, in[0], out[0])
	case lower.Softmax:
		runSoftmax(p, in[0], out[0])
	case lower.MatMul:
		runMatMul(in[0], in[1], out[0])
	case lower.Concat:
		runConcat(p, in, out[0])
	case lower.Pad:
		runPad(p, in[0], out[0])
	case lower.SliceAt:
		return runSliceAt(p, in[0], in[1], out[0])
	case lower.PlaceAt:
		return runPlaceAt(p, in[0], in[1], out[0])
	case lower.Gather:
		runGather(p, in[0], in[1], out[0])
	case lower.ScatterAdd:
		runScatterAdd(p, in[0], in[1], out[0])
	case lower.CumSum:
		runCumSum(p, in[0], out[0])
	case lower.TopK:
		runTopK(p, in[0], out[0], out[1])
	case lower.TakeAlong:
		runTakeAlong(p, in[0], in[1], out[0])
	case lower.PutAlong:
		runPutAlong(p, in[0], in[1], out[0])
	case lower.Random:
		return runRandom(p, in[0], out[0])
	case lower.Recur:
		runRecur(p, in, out)
	case lower.RecurGrad:
		runRecurGrad(p, in, out)
	case lower.Conv:
		runGroups(p.Geometry, in, [2]int{1, 0}, out[0], 1, func(in [2]lower.Array[T], y lower.Array[T]) { runConv(p, in[0], in[1], y) })
	case lower.ConvData:
		runGroups(p.Geometry, in, [2]int{1, 0}, out[0], 1, func(in [2]lower.Array[T], dx lower.Array[T]) { runConvData(p, in[0], in[1], dx) })
	case lower.ConvFilter:
		runGroups(p.Geometry, in, [2]int{1, 1}, out[0], 0, func(in [2]lower.Array[T], dw lower.Array[T]) { runConvFilter(p, in[0], in[1], dw) })
	case lower.Pool, lower.PoolAt, lower.PoolGrad, lower.PoolSum, lower.PoolSpread:
		runPool(p, in, out[0])
	default:
		return fmt.Errorf("the interpreter does not support the primitive %T", p)
	}
	return nil
}
