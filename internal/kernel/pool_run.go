// Cutting a pooling into calls of its kernels.

package kernel

// each runs a kernel for the rows of windows from to to-1.
func (p *Pool) each(op poolOp, x, y, index []float32, divisor Divisor, bias []float32, relu bool, from, to int) {
	x, y = x[:p.In.Len()], y[:p.Out.Len()]
	if index == nil {
		index = y // the kernel advances it and does not use it
	}
	index = index[:p.Out.Len()]
	a := poolRow{bias: bias, floats: p.In.Pixel(), xStep: p.Stride[1] * p.In.Pixel(), yStep: p.Out.Pixel()}
	if relu {
		a.relu = 1
	}
	for i, r := range p.rows {
		for j, c := range p.cols {
			t := p.taps[i][j]
			a.taps, a.ids = t.at, t.ids
			run := op
			if op == opSum && len(t.at) == 4 && p.Size == [2]int{2, 2} && p.Stride == [2]int{1, 1} {
				run = opBox
			}
			a.scale = 1
			switch divisor {
			case ExcludePad:
				a.scale = 1 / float32(len(t.at))
			case IncludePad:
				a.scale = 1 / float32(p.Size[0]*p.Size[1])
			}
			call := max(1, vectorsPerCall/(len(t.at)*p.In.C*4)) // a tap takes a few instructions
			for row := max(r.first, from); row < min(r.first+r.n, to); row++ {
				pixel := p.In.Origin() + (row*p.Stride[0]-p.Pad[0]+r.lo)*p.In.Row()
				window := p.Out.Origin() + row*p.Out.Row()
				for q := c.first; q < c.first+c.n; q += call {
					a.pixels = min(call, c.first+c.n-q)
					a.x = x[pixel+(q*p.Stride[1]-p.Pad[1]+c.lo)*p.In.Pixel():]
					a.y, a.index = y[window+q*p.Out.Pixel():], index[window+q*p.Out.Pixel():]
					runPool(p.isa, run, &a)
				}
			}
		}
	}
}
