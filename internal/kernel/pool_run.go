// How pooling is cut into calls of its kernels.

package kernel

// each runs a kernel for every row of windows with the same taps.
func (p *Pool) each(op poolOp, x, y, index []float32, share Share, relu bool) {
	x, y = x[:p.In.Len()], y[:p.Out.Len()]
	if index == nil {
		index = y // steps along with y and is not used
	}
	index = index[:p.Out.Len()]
	a := poolRow{floats: p.In.Pixel(), xStep: p.Stride[1] * p.In.Pixel(), yStep: p.Out.Pixel()}
	if relu {
		a.relu = 1
	}
	for i, r := range p.rows {
		for j, c := range p.cols {
			t := p.taps[i][j]
			a.taps, a.ids = t.at, t.ids
			a.scale = 1
			switch share {
			case MeanOfImage:
				a.scale = 1 / float32(len(t.at))
			case MeanOfAll:
				a.scale = 1 / float32(p.Size[0]*p.Size[1])
			}
			call := max(1, vectorsPerCall/(len(t.at)*p.In.C*4)) // a tap takes a few instructions
			for row := r.first; row < r.first+r.n; row++ {
				from := p.In.Origin() + (row*p.Stride[0]-p.Pad[0]+r.lo)*p.In.Row()
				to := p.Out.Origin() + row*p.Out.Row()
				for q := c.first; q < c.first+c.n; q += call {
					a.pixels = min(call, c.first+c.n-q)
					a.x = x[from+(q*p.Stride[1]-p.Pad[1]+c.lo)*p.In.Pixel():]
					a.y, a.index = y[to+q*p.Out.Pixel():], index[to+q*p.Out.Pixel():]
					runPool(p.isa, op, &a)
				}
			}
		}
	}
}
