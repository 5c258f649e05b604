package lower

import "fmt"

// Run interprets the function: it returns one row-major array per result,
// which may share memory with an input where the result is a view of it.
func Run[T Float](f *Func, in ...Array[T]) ([]Array[T], error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	if len(in) != f.inputs {
		return nil, fmt.Errorf("lower: function of %d inputs run with %d", f.inputs, len(in))
	}
	vals := make([]Array[T], len(f.shapes))
	for i, a := range in {
		if !a.Shape.Equal(f.shapes[i]) {
			return nil, fmt.Errorf("lower: input %d is %v, the function wants %v", i, a.Shape, f.shapes[i])
		}
		vals[i] = a
	}
	last := f.lastReads()
	for i, s := range f.steps {
		args := make([]Array[T], len(s.In))
		for j, v := range s.In {
			args[j] = vals[v]
		}
		outs := make([]Array[T], len(s.Out))
		for j, v := range s.Out {
			outs[j].Shape = f.shapes[v]
		}
		if err := exec(s.Prim, args, outs); err != nil {
			return nil, fmt.Errorf("lower: step %d, %v: %w", i, s.Prim, err)
		}
		for j, v := range s.Out {
			vals[v] = outs[j]
		}
		for _, v := range s.In {
			if last[v] == i {
				vals[v] = Array[T]{} // lets the collector have it
			}
		}
	}
	out := make([]Array[T], len(f.out))
	for i, v := range f.out {
		out[i] = vals[v].rowMajor()
	}
	return out, nil
}

// Fresh reports whether Run computes result i into memory of its own; if not,
// the result may be a view of an input.
func (f *Func) Fresh(i int) bool {
	made := make([]int, len(f.shapes)) // by value: 1 + the step that makes it
	for k, s := range f.steps {
		for _, v := range s.Out {
			made[v] = k + 1
		}
	}
	v := f.out[i]
	for made[v] > 0 {
		s := f.steps[made[v]-1]
		if !IsView(s.Prim) {
			return true
		}
		v = s.In[0]
	}
	return false
}

// IsView reports whether the primitive only changes how its operand is read.
func IsView(p Prim) bool {
	switch p.(type) {
	case Reshape, Transpose, Slice, Reverse, Extend:
		return true
	}
	return false
}

// lastReads returns, by value, the step that reads it last; results never end.
func (f *Func) lastReads() []int {
	last := make([]int, len(f.shapes))
	for i, s := range f.steps {
		for _, v := range s.In {
			last[v] = i
		}
	}
	for _, v := range f.out {
		last[v] = len(f.steps)
	}
	return last
}

// exec runs one primitive. The shapes of the results are set; exec fills in
// the rest, as views for the view primitives and else as new row-major arrays.
func exec[T Float](p Prim, in, out []Array[T]) error {
	if IsView(p) {
		out[0] = View(p, in[0], out[0].Shape)
		return nil
	}
	for i := range out {
		out[i] = NewArray[T](out[i].Shape)
	}
	return compute(p, in, out)
}

// Exec runs one primitive that is no view on the host, into results that are
// given: row-major arrays of any content. They overlap no operand, except that
// Map may write over a row-major operand.
func Exec[T Float](p Prim, in, out []Array[T]) error {
	for i, o := range out {
		if !o.Contiguous() {
			return fmt.Errorf("lower: %v: result %d is not row-major", p, i)
		}
		out[i].Data, out[i].Off = o.Elements(), 0
		if _, all := p.(Map); !all {
			clear(out[i].Data)
		}
	}
	return compute(p, in, out)
}

// compute runs a primitive into zeroed row-major results.
func compute[T Float](p Prim, in, out []Array[T]) error {
	switch p := p.(type) {
	case Map:
		runMap(p.Expr, in, out[0].Data)
	case Reduce:
		runReduce(p, in[0], out[0])
	case Softmax:
		runSoftmax(p, in[0], out[0])
	case MatMul:
		runMatMul(in[0], in[1], out[0])
	case Concat:
		runConcat(p, in, out[0])
	case Pad:
		runPad(p, in[0], out[0])
	case SliceAt:
		return runSliceAt(p, in[0], in[1], out[0])
	case PlaceAt:
		return runPlaceAt(p, in[0], in[1], out[0])
	case Gather:
		runGather(p, in[0], in[1], out[0])
	case ScatterAdd:
		runScatterAdd(p, in[0], in[1], out[0])
	case Random:
		return runRandom(p, in[0], out[0])
	case Recur:
		runRecur(p, in, out)
	case RecurGrad:
		runRecurGrad(p, in, out)
	case Conv:
		runConv(p, in[0], in[1], out[0])
	case ConvData:
		runConvData(p, in[0], in[1], out[0])
	case ConvFilter:
		runConvFilter(p, in[0], in[1], out[0])
	case Pool, PoolAt, PoolGrad, PoolSum, PoolSpread:
		runPool(p, in, out[0])
	default:
		return fmt.Errorf("the interpreter does not know the primitive %T", p)
	}
	return nil
}
