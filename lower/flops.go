package lower

// Flops returns the nominal number of floating-point operations of the function's
// products: two for each multiply-add of its matrix products, convolutions and
// recurrences, as they are written. A product that a machine avoids or computes in
// another form still counts. Nothing else counts.
func (f *Func) Flops() int64 {
	var n int64
	for _, s := range f.steps {
		p, counts := s.Prim.(interface {
			multiplyAdds(in []Shape, out Shape) int64
		})
		if !counts {
			continue
		}
		in := make([]Shape, len(s.In))
		for i, v := range s.In {
			in[i] = f.Shape(v)
		}
		n += 2 * p.multiplyAdds(in, f.Shape(s.Out[0]))
	}
	return n
}

// The multiply-adds of each primitive with products, given the shapes of its operands
// and of its first result.

func (MatMul) multiplyAdds(in []Shape, out Shape) int64 {
	return int64(out.Size()) * int64(in[0][len(in[0])-1])
}

func (Conv) multiplyAdds(in []Shape, out Shape) int64 { return taps(out, in[1][1], plane(in[1])) }

func (ConvData) multiplyAdds(in []Shape, _ Shape) int64 { return taps(in[0], in[1][1], plane(in[1])) }

func (p ConvFilter) multiplyAdds(in []Shape, out Shape) int64 { return taps(in[1], out[1], p.Kernel) }

func (p Recur) multiplyAdds(in []Shape, _ Shape) int64 { return p.products(p.dims(in[0], in[2])) }

func (p RecurGrad) multiplyAdds(in []Shape, _ Shape) int64 {
	return p.products(p.Of.dims(in[0], in[2]))
}

// taps counts the multiply-adds of a convolution with result y [N, O, P, Q], or of
// either of its gradients: every tap of the kernel at every pixel of y, including
// taps on the padding. channels is the number of channels that a kernel reads.
func taps(y Shape, channels int, kernel [2]int) int64 {
	return int64(y.Size()) * int64(channels*kernel[0]*kernel[1])
}
