package lower

// Fresh reports whether a run computes result i into its own memory. If not, the
// result may be a view of an input.
func (f *Func) Fresh(i int) bool {
	stepOf := make([]int, len(f.shapes)) // by value: 1 + the step that computes it
	for k, s := range f.steps {
		for _, v := range s.Out {
			stepOf[v] = k + 1
		}
	}
	v := f.out[i]
	for stepOf[v] > 0 {
		s := f.steps[stepOf[v]-1]
		if !IsView(s.Prim) {
			return true
		}
		v = s.In[0]
	}
	return false
}

// IsView reports whether the primitive only changes how its operand is read.
func IsView(p Prim) bool { return p.Facts().View }

// View reads an array through a view primitive. The result has the shape to. It
// copies only for a Reshape of an array that is not row-major.
func View[T Float](p Prim, a Array[T], to Shape) Array[T] {
	v := Array[T]{Shape: to, Off: a.Off, Data: a.Data}
	switch p := p.(type) {
	case Reshape:
		r := a.rowMajor()
		v.Data, v.Off, v.Strides = r.Data, r.Off, to.Strides()
	case Transpose:
		v.Strides = make([]int, len(to))
		for i, ax := range p.Perm {
			v.Strides[i] = a.Strides[ax]
		}
	case Slice:
		v.Strides = append([]int(nil), a.Strides...)
		v.Off += p.Start * a.Strides[p.Axis]
		v.Strides[p.Axis] *= p.Step
	case Flip:
		v.Strides = append([]int(nil), a.Strides...)
		for _, ax := range p.Axes {
			v.Off += (a.Shape[ax] - 1) * a.Strides[ax]
			v.Strides[ax] = -a.Strides[ax]
		}
	case BroadcastTo:
		v.Strides = make([]int, len(to))
		lead := len(to) - len(a.Shape)
		for i, d := range a.Shape {
			if d == to[lead+i] {
				v.Strides[lead+i] = a.Strides[i]
			}
		}
	}
	return v
}
