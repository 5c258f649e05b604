// Pooling of one plane of pixels, row by row: images as they lie side by side.

package kernel

import "unsafe"

//go:generate go run -C _asm ./vector -part planes -out ../plane_amd64.s -stubs ../plane_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part planes -out ../plane64_amd64.s -stubs ../plane64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -part planes -dispatch ../plane_dispatch

// PlaneWindows is windows that move over a plane x of cells; rows first, columns
// second. Cell (i,j) of window (p,q) is x[(p*Stride[0]+i)*LD + q*Stride[1]+j], i and
// j below Size: every window has all its cells.
type PlaneWindows struct {
	Windows      [2]int
	Size, Stride [2]int // at least 1
	LD           int    // cells from a row of x to the next
}

// step is how many cells apart neighbouring windows begin, 0 where that takes the
// plain kernels.
func (w PlaneWindows) step() int {
	switch step := w.Stride[1]; {
	case w.Windows[1] == 1:
		return 1
	case step == 1 || step == 2 && w.Size[1] >= 2:
		return step
	}
	return 0
}

// Vectors reports whether the windows are such as vectors are made of: neighbours
// begin one cell apart, or two and have two columns at least.
func (w PlaneWindows) Vectors() bool { return w.step() > 0 }

// Planes is a set of kernels on planes. Those of all instruction sets return the
// same bits, but for the payload of a NaN. Results y [Windows] must not overlap x.
type Planes[F Float] struct {
	lanes           int
	max, place, sum planeOp[F]
}

// planeOp is a kernel: in Go for all windows, and in assembly for windows of which
// neighbours are one or two cells apart, if there is any.
type planeOp[F Float] struct {
	plain    func(y, x []F, w PlaneWindows)
	assembly [2]func(a planeRows[F])
}

// PlanesFor returns the kernels for isa. The processor has to support isa: see
// Supported.
func PlanesFor[F Float](isa ISA) Planes[F] {
	p := Planes[F]{
		max: planeOp[F]{plain: planeMaxGeneric[F]}, place: planeOp[F]{plain: planePlaceGeneric[F]}, sum: planeOp[F]{plain: planeSumGeneric[F]},
	}
	switch p := any(&p).(type) {
	case *Planes[float32]:
		bindPlanes(isa, p)
	case *Planes[float64]:
		bindPlanes64(isa, p)
	}
	return p
}

// Max sets y to the greatest cell of each window: NaN if one is, and of zeros 0
// before -0.
func (p *Planes[F]) Max(y, x []F, w PlaneWindows) { p.run(&p.max, y, x, w) }

// Place sets y to the number of the greatest cell in its window, counted row by row
// from 0: the first of equals, or the first NaN.
func (p *Planes[F]) Place(y, x []F, w PlaneWindows) { p.run(&p.place, y, x, w) }

// Sum sets y to the sum of each window's cells, added to 0 one after the other, row
// by row.
func (p *Planes[F]) Sum(y, x []F, w PlaneWindows) { p.run(&p.sum, y, x, w) }

// planeRows is the argument of the assembly.
type planeRows[F Float] struct {
	x, y       *F
	rows, cols int // windows
	taps       int // rows of a window
	pairs, odd int // columns of a window, or half of them and what is over
	ld, next   int // bytes from a row of cells, and of windows, to the next
}

// pointer is how the assembly, whose generator knows no types of this package,
// takes its argument.
func (a *planeRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }

// run runs a kernel on some rows of windows at a time.
func (p *Planes[F]) run(op *planeOp[F], y, x []F, w PlaneWindows) {
	rows, cols := w.Windows[0], w.Windows[1]
	if rows < 1 || cols < 1 {
		return
	}
	y = y[:rows*cols]
	x = x[:((rows-1)*w.Stride[0]+w.Size[0]-1)*w.LD+(cols-1)*w.Stride[1]+w.Size[1]]
	step := w.step()
	if step == 0 || op.assembly[step-1] == nil {
		op.plain(y, x, w)
		return
	}
	bytes := gemmSize[F]()
	vectors := (cols + p.lanes - 1) / p.lanes * w.Size[0] * w.Size[1]
	call := max(1, vectorsPerCall/(4*vectors)) // a cell takes a few instructions
	for from := 0; from < rows; from += call {
		op.assembly[step-1](planeRows[F]{
			x: &x[from*w.Stride[0]*w.LD], y: &y[from*cols], rows: min(call, rows-from), cols: cols,
			taps: w.Size[0], pairs: w.Size[1] / step, odd: w.Size[1] % step,
			ld: bytes * w.LD, next: bytes * w.LD * w.Stride[0],
		})
	}
}
