package lower

// Flops returns the nominal number of floating-point operations of the
// function's products: two for each multiply-add of its matrix products,
// convolutions and recurrent sequences, as they are written: what a machine
// saves by computing a product once or in another form still counts.
// Everything else counts as nothing.
func (f *Func) Flops() int64 {
	var n int64
	for _, s := range f.steps {
		n += 2 * f.multiplyAdds(s)
	}
	return n
}

// multiplyAdds counts those of one step.
func (f *Func) multiplyAdds(s Step) int64 {
	switch p := s.Prim.(type) {
	case MatMul:
		a := f.Shape(s.In[0])
		return int64(f.Shape(s.Out[0]).Size()) * int64(a[len(a)-1])
	case Recur:
		return p.multiplyAdds(p.dims(f.Shape(s.In[0]), f.Shape(s.In[2])))
	case RecurGrad:
		return p.multiplyAdds(p.Of.dims(f.Shape(s.In[0]), f.Shape(s.In[2])))
	}
	return 0
}
