// The memory that the kernels of depthwise convolutions read and write.

package kernel

// depthwiseFrame is where a plane lies in a frame. Vectors begin at its first column.
type depthwiseFrame struct {
	rows, cols int // of the plane, as far as they are read
	step       int // 2: the even and the odd columns of a row are apart
	lead       int // elements before the frame's first row
	ld         int // from a row to the next
	odd        int // from the even columns to the odd ones
	even       int // where the plane's first column goes
	next       int // where its second column goes
	size       int
}

// newDepthwiseFrame plans the frame of a plane. Height is the rows of the frame that are
// read, and width the columns, of those that are apart.
func newDepthwiseFrame(plane, pad [2]int, height, width, step, lanes int) depthwiseFrame {
	up := func(n int) int { return (n + lanes - 1) / lanes * lanes }
	f := depthwiseFrame{rows: max(0, min(plane[0], height-pad[0])), cols: plane[1], step: step}
	f.odd = up(max(width, (pad[1]+step-1)/step+up((plane[1]+step-1)/step)))
	f.ld = step * f.odd
	f.lead = up(pad[1]/step) - pad[1]/step
	f.even, f.next = f.lead+f.at(pad[0], pad[1]), f.lead+f.at(pad[0], pad[1]+1)
	f.size = f.lead + max(height, pad[0]+f.rows)*f.ld
	return f
}

// at is the place of an element of the frame, from the lead on.
func (f *depthwiseFrame) at(row, col int) int { return row*f.ld + col%f.step*f.odd + col/f.step }

// fill copies a plane into a frame that was zero. It prefetches the memory after soon.
func (k *depthwiseKernels[F]) fill(f *depthwiseFrame, frame, x, soon []F) {
	if f.rows == 0 {
		return
	}
	a := depthwiseRows[F]{
		x: x[:f.rows*f.cols], y: frame[f.even:], w: frame[f.next:], rows: f.rows, cols: f.cols, xRow: f.cols, yRow: f.ld,
	}
	if len(soon) > 0 {
		a.prefetch(soon, f.rows)
	}
	k.frame[f.step-1](a)
}

// depthwiseResult is where kernels write a plane: in place or, if its rows do not suit
// vectors, in a buffer.
type depthwiseResult struct {
	plane  [2]int
	cols   int // that kernels compute: pairs of columns for the column stride 2
	ld     int // from a row to the next
	buffer int // elements, 0 for none
}

// newDepthwiseResult plans a result that is computed in as many phases as stride says.
func newDepthwiseResult(plane, stride [2]int, lanes int) depthwiseResult {
	r := depthwiseResult{plane: plane, cols: (plane[1] + stride[1] - 1) / stride[1], ld: plane[1]}
	switch {
	case r.cols >= lanes && plane[1]%stride[1] == 0:
		return r
	case stride == [2]int{1, 1}: // each row overwrites what the row before has too much
		r.buffer = plane[0]*plane[1] + lanes
		r.cols = lanes
		return r
	}
	r.cols = max(r.cols, lanes)
	r.ld = stride[1] * r.cols
	r.buffer = plane[0] * r.ld
	return r
}

// depthwiseTo is where the kernels write plane y.
func depthwiseTo[F Float](r *depthwiseResult, y, buffer []F) []F {
	if r.buffer > 0 {
		return buffer[:r.buffer]
	}
	return y[:r.plane[0]*r.plane[1]]
}

// depthwiseFinish copies the plane from the buffer to y.
func depthwiseFinish[F Float](r *depthwiseResult, y, buffer []F) {
	switch rows, cols := r.plane[0], r.plane[1]; {
	case r.buffer == 0:
	case r.ld == cols:
		copy(y, buffer[:rows*cols])
	default:
		for i := range rows {
			copy(y[i*cols:][:cols], buffer[i*r.ld:])
		}
	}
}
