// The data gradient of depthwise convolutions.

package kernel

// depthwisePhase is the taps that reach some rows of dx: those with the same number
// modulo the row stride. A list has where they read frame dy for the first of the rows.
// For the column stride 2 there are lists for the even columns and for the odd ones.
type depthwisePhase struct {
	taps  [2][]int
	first int // of its weights, in the order of all phases
}

// planData plans the data gradient: tap (i,j) takes row h of dx from row
// (h + Pad[0] - i*Dilation[0]) / Stride[0] of dy where that is a whole number, and
// likewise for columns. Taps come in reverse order, in which the places ascend.
func (d *Depthwise[F]) planData() {
	type tap struct{ phase, row, col, weight int }
	var taps []tap
	var pad, most [2]int
	for a := range d.Stride[0] {
		for b := range d.Stride[1] {
			for k := d.Kernel[0]*d.Kernel[1] - 1; k >= 0; k-- {
				row, col := a+d.Pad[0]-k/d.Kernel[1]*d.Dilation[0], b+d.Pad[1]-k%d.Kernel[1]*d.Dilation[1]
				if row%d.Stride[0] != 0 || col%d.Stride[1] != 0 {
					continue
				}
				row, col = row/d.Stride[0], col/d.Stride[1]
				taps = append(taps, tap{a*d.Stride[1] + b, row, col, k})
				pad = [2]int{max(pad[0], -row), max(pad[1], -col)}
				most = [2]int{max(most[0], row), max(most[1], col)}
			}
		}
	}
	lanes := d.kernels.lanes
	d.dx = newDepthwiseResult(d.In, d.Stride, lanes)
	height := pad[0] + (d.In[0]-1)/d.Stride[0] + most[0] + 1
	d.dy = newDepthwiseFrame(d.Out, pad, height, pad[1]+d.dx.cols+most[1], 1, lanes)
	d.backward = make([]depthwisePhase, d.Stride[0])
	for i, t := range taps {
		p := &d.backward[t.phase/d.Stride[1]]
		if len(p.taps[0])+len(p.taps[1]) == 0 {
			p.first = i
		}
		list := &p.taps[t.phase%d.Stride[1]]
		*list = append(*list, d.dy.at(pad[0]+t.row, pad[1]+t.col))
		d.order = append(d.order, t.weight)
	}
}

// PackData packs the weights w of some planes for Data.
func (d *Depthwise[F]) PackData(packed, w []F) {
	for from := 0; from < len(w); from += len(d.order) {
		for i, k := range d.order {
			packed[from+i] = w[from+k]
		}
	}
}

// Data computes the gradient dx [In] of a plane from the gradient dy [Out] of its result,
// with weights from PackData.
func (d *Depthwise[F]) Data(dx, dy, packed, scratch []F) {
	frame, buffer := scratch[:d.dy.size], scratch[max(d.x.size, d.dy.size):]
	d.kernels.fill(&d.dy, frame, dy, nil)
	to := depthwiseTo(&d.dx, dx, buffer)
	run := d.kernels.taps[d.Stride[1]-1]
	if d.Stride == [2]int{1, 1} && d.square(1) {
		run = d.kernels.square[0]
	}
	for a := range min(d.Stride[0], d.In[0]) {
		p := &d.backward[a]
		args := depthwiseRows[F]{
			x: frame[d.dy.lead:], y: to[a*d.dx.ld:], w: packed[p.first:], taps: p.taps[0], more: p.taps[1],
			rows: (d.In[0] - a + d.Stride[0] - 1) / d.Stride[0], cols: d.dx.cols,
			xRow: d.dy.ld, yRow: d.Stride[0] * d.dx.ld, ld: d.dy.ld,
		}
		if a == 0 {
			args.prefetch(dy, d.vectors(args.rows, args.cols))
		}
		run(args)
	}
	depthwiseFinish(&d.dx, dx, buffer)
}
