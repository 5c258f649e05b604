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
	case Conv:
		return taps(f.Shape(s.Out[0]), f.Shape(s.In[0])[1], plane(f.Shape(s.In[1])))
	case ConvData:
		return taps(f.Shape(s.In[0]), f.Shape(s.Out[0])[1], plane(f.Shape(s.In[1])))
	case ConvFilter:
		return taps(f.Shape(s.In[1]), f.Shape(s.In[0])[1], p.Kernel)
	}
	return 0
}

// taps counts the multiply-adds of a convolution with result y [N, O, P, Q],
// or of either of its gradients: every tap of the kernel at every pixel of y,
// those on the padding included.
func taps(y Shape, channels int, kernel [2]int) int64 {
	return int64(y.Size()) * int64(channels*kernel[0]*kernel[1])
}
