// Pooling of planes, which are single channels of single images, [H, W].

package kernel

import "unsafe"

//go:generate go run -C _asm ./vector -part planes -out ../plane_amd64.s -stubs ../plane_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part planes -out ../plane64_amd64.s -stubs ../plane64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part planes -out ../plane_arm64.s -stubs ../plane_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -float 64 -part planes -out ../plane64_arm64.s -stubs ../plane64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part planes -dispatch ../plane_dispatch

// PlaneWindows is windows over a plane x of cells; rows first, columns second.
// Cell (i,j) of window (p,q) is x[(p*Stride[0]+i)*LD + q*Stride[1]+j], with i and j
// below Size. All windows are inside the plane.
type PlaneWindows struct {
	Windows      [2]int
	Size, Stride [2]int // at least 1
	LD           int    // cells from a row of x to the next
}

// step returns the column stride if there is assembly for the windows, else 0. A single
// column of windows counts as stride 1.
func (w PlaneWindows) step() int {
	switch step := w.Stride[1]; {
	case w.Windows[1] == 1:
		return 1
	case step == 1 || step == 2 && w.Size[1] >= 2:
		return step
	}
	return 0
}

// Vectors reports whether there is assembly for the windows: their column stride is 1,
// or it is 2 and they have at least two columns.
func (w PlaneWindows) Vectors() bool { return w.step() > 0 }

// Planes is the kernels on planes. All instruction sets return the same bits, except
// for the payload of a NaN. Results y [Windows] must not overlap x.
type Planes[F Float] struct {
	lanes           int
	max, place, sum planeOp[F]
}

// planeOp is an operation: in plain Go for all windows, and in assembly for some.
type planeOp[F Float] struct {
	plain    func(y, x []F, w PlaneWindows)
	assembly [2]func(a planeRows[F]) // for column stride 1 and 2; nil without assembly
}

// PlanesFor returns the kernels for isa, one of Supported.
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

// Max sets y to the greatest cell of each window. It is NaN if a cell is NaN, and 0
// counts as greater than -0.
func (p *Planes[F]) Max(y, x []F, w PlaneWindows) { p.run(&p.max, y, x, w) }

// Place sets y to the index of the greatest cell in its window, counted row by row from
// 0: the first one if several are equal, or the first NaN.
func (p *Planes[F]) Place(y, x []F, w PlaneWindows) { p.run(&p.place, y, x, w) }

// Sum sets y to the sum of each window's cells, which are added to 0 row by row.
func (p *Planes[F]) Sum(y, x []F, w PlaneWindows) { p.run(&p.sum, y, x, w) }

// planeRows is the argument of the assembly.
type planeRows[F Float] struct {
	x, y       *F
	rows, cols int // of windows
	taps       int // rows of a window
	pairs, odd int // columns of a window: all and 0, or for column stride 2 half of them and the rest
	ld, next   int // bytes from a row of cells to the next, and from a row of windows
}

// pointer returns the argument for the assembly, whose generator does not know the
// types of this package.
func (a *planeRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }

// run runs an operation, in assembly on some rows of windows at a time.
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
