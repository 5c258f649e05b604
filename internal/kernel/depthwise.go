// Depthwise convolutions of planes, which are single channels of single images, [H, W].

package kernel

//go:generate go run -C _asm ./vector -part depthwise -out ../depthwise_amd64.s -stubs ../depthwise_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part depthwise -out ../depthwise64_amd64.s -stubs ../depthwise64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part depthwise -out ../depthwise_arm64.s -stubs ../depthwise_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -float 64 -part depthwise -out ../depthwise64_arm64.s -stubs ../depthwise64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part depthwise -dispatch ../depthwise_dispatch

// DepthwiseGeometry is a convolution of a plane; rows first, columns second. Its result is
//
//	y[p,q] = sum over i, j of w[i,j] * x[p*Stride[0] + i*Dilation[0] - Pad[0], q*Stride[1] + j*Dilation[1] - Pad[1]]
//
// where x is 0 outside the plane.
type DepthwiseGeometry struct {
	In, Out          [2]int // extents of x and of y
	Kernel           [2]int // extents of w
	Stride, Dilation [2]int // at least 1
	Pad              [2]int // at least 0
}

const (
	// depthwiseStep is the largest column stride.
	depthwiseStep = 2
	// depthwisePlane is the most elements of a plane.
	depthwisePlane = 1 << 16
)

// Depthwise is a convolution of planes with its gradients. A plane is first copied into a
// frame, with zeros around it, where vectors can read it in any place. With a column
// stride of 2, the frame has the even columns of each row and then the odd ones.
//
// Planes usually follow each other, so all kernels prefetch the memory after the planes
// that they read.
//
// The bits of the filter gradient depend on the instruction set; all other results are
// the same on all of them.
type Depthwise[F Float] struct {
	DepthwiseGeometry
	kernels  depthwiseKernels[F]
	x, dy    depthwiseFrame
	y, dx    depthwiseResult
	forward  []int            // where the taps read frame x for the first window, row by row
	backward []depthwisePhase // by row of dx, modulo the row stride
	order    []int            // of the weights in backward
}

// Runs reports whether there are kernels for a convolution. That does not depend on the
// instruction set.
func (g DepthwiseGeometry) Runs() bool {
	return g.Stride[1] <= depthwiseStep && min(g.In[0], g.In[1], g.Out[0], g.Out[1], g.Kernel[0], g.Kernel[1]) > 0 &&
		min(g.Pad[0], g.Pad[1]) >= 0 && max(g.In[0]*g.In[1], g.Out[0]*g.Out[1]) <= depthwisePlane
}

// PlanDepthwise plans a convolution that Runs, for isa, one of Supported.
func PlanDepthwise[F Float](isa ISA, g DepthwiseGeometry) *Depthwise[F] {
	return planDepthwise(depthwiseKernelsFor[F](isa), g)
}

func planDepthwise[F Float](k depthwiseKernels[F], g DepthwiseGeometry) *Depthwise[F] {
	d := &Depthwise[F]{DepthwiseGeometry: g, kernels: k}
	reach := [2]int{(g.Kernel[0] - 1) * g.Dilation[0], (g.Kernel[1] - 1) * g.Dilation[1]}
	d.y = newDepthwiseResult(g.Out, [2]int{1, 1}, k.lanes)
	height := (g.Out[0]-1)*g.Stride[0] + reach[0] + 1
	d.x = newDepthwiseFrame(g.In, g.Pad, height, d.y.cols+reach[1]/g.Stride[1]+1, g.Stride[1], k.lanes)
	for i := range g.Kernel[0] {
		for j := range g.Kernel[1] {
			d.forward = append(d.forward, d.x.at(i*g.Dilation[0], j*g.Dilation[1]))
		}
	}
	d.planData()
	return d
}

// Square reports whether the kernels for 3x3 taps compute Forward and Filter. They are
// faster than those for any taps.
func (g DepthwiseGeometry) Square() bool { return g.square(g.Stride[0]) }

// square reports whether the kernels for 3x3 taps suit a row stride.
func (g DepthwiseGeometry) square(stride int) bool {
	return g.Kernel == [2]int{3, 3} && g.Dilation[0] == 1 && stride <= 2
}

// Scratch is the number of elements of scratch for Forward and Filter, or for Data.
func (d *Depthwise[F]) Scratch() int {
	return max(d.x.size, d.dy.size) + max(d.y.buffer, d.dx.buffer)
}

// Begin prepares scratch for Forward and Filter, or for Data, of any number of planes.
func (d *Depthwise[F]) Begin(scratch []F) { clear(scratch[:max(d.x.size, d.dy.size)]) }

// Forward computes the result y [Out] of plane x [In] for weights w [Kernel].
func (d *Depthwise[F]) Forward(y, x, w, scratch []F) {
	frame, buffer := scratch[:d.x.size], scratch[max(d.x.size, d.dy.size):]
	d.kernels.fill(&d.x, frame, x, nil)
	to := depthwiseTo(&d.y, y, buffer)
	run := d.kernels.taps[0]
	if d.Square() {
		run = d.kernels.square[d.Stride[0]-1]
	}
	a := depthwiseRows[F]{
		x: frame[d.x.lead:], y: to, w: w[:len(d.forward)], taps: d.forward, rows: d.Out[0], cols: d.y.cols,
		xRow: d.Stride[0] * d.x.ld, yRow: d.y.ld, ld: d.x.ld,
	}
	a.prefetch(x, d.vectors(a.rows, a.cols))
	run(a)
	depthwiseFinish(&d.y, y, buffer)
}

// FilterSums is the number of elements of Filter's sums.
func (d *Depthwise[F]) FilterSums() int {
	n := len(d.forward)
	if !d.Square() {
		n = (n + filterTaps - 1) / filterTaps * filterTaps
	}
	return n * d.kernels.lanes
}

// Filter adds the gradient of the weights, for plane x [In] and the gradient dy [Out] of
// the result, to sums.
func (d *Depthwise[F]) Filter(sums, x, dy, scratch []F) {
	frame, lanes := scratch[:d.x.size], d.kernels.lanes
	d.kernels.fill(&d.x, frame, x, dy)
	a := depthwiseRows[F]{
		x: frame[d.x.lead:], y: dy[:d.Out[0]*d.Out[1]], w: sums[:d.FilterSums()], taps: d.forward, rows: d.Out[0], cols: d.Out[1],
		xRow: d.Stride[0] * d.x.ld, yRow: d.Out[1], ld: d.x.ld,
	}
	a.prefetch(x, d.vectors(a.rows, a.cols))
	if d.Square() {
		d.kernels.filterSquare[d.Stride[0]-1](a)
		return
	}
	for from := 0; from < len(d.forward); from += filterTaps {
		var some [filterTaps]int // the last one repeats where the taps end
		for i := range some {
			some[i] = d.forward[min(from+i, len(d.forward)-1)]
		}
		a.taps, a.w = some[:], sums[from*lanes:][:filterTaps*lanes]
		d.kernels.filter(a)
		a.lines = 0
	}
}

// vectors is about how often a kernel goes to the next vector of a block of rows.
func (d *Depthwise[F]) vectors(rows, cols int) int {
	return (rows + 3) / 4 * ((cols + d.kernels.lanes - 1) / d.kernels.lanes)
}

// FoldFilter adds sums, one for each lane, to the gradient dw [Kernel].
func (d *Depthwise[F]) FoldFilter(dw, sums []F) {
	lanes := d.kernels.lanes
	for t := range d.forward {
		sum := F(0)
		for _, v := range sums[t*lanes:][:min(lanes, d.Out[1])] {
			sum += v
		}
		dw[t] += sum
	}
}
