// The plain Go twins of the kernels of depthwise convolutions, and their argument.

package kernel

import "unsafe"

// depthwiseRows is the argument of the kernels. The assembly reads the fields by position.
// Places and steps are in elements.
type depthwiseRows[F Float] struct {
	x    []F   // what is read, from the first window on
	y    []F   // the results; for filters the gradients, which are read
	w    []F   // a weight for each tap; for filters the sums, [tap][lane]
	taps []int // where they read x for the first window; for 3x3 the first three
	more []int // taps of the odd columns, after those of the even ones
	rows int   // of y
	cols int   // of y, or pairs of columns
	xRow int   // from the windows of a row of y to those of the next
	yRow int
	ld   int // from a row of 3x3 taps to the next

	left     int // used by the assembly, as the next two
	xAt, yAt uintptr
	soon     uintptr // memory to prefetch; used by the assembly, as the next one
	lines    int     // cache lines of it for each vector, or for each row of a frame
}

// prefetch makes the kernel fetch the memory after x, of as many elements, while it
// computes some vectors or copies some rows.
func (a *depthwiseRows[F]) prefetch(x []F, vectors int) {
	const line = 64
	a.soon = uintptr(unsafe.Pointer(&x[0])) + uintptr(len(x)*gemmSize[F]())
	a.lines = (len(x)*gemmSize[F]()/line + vectors) / max(1, vectors)
}

// pointer returns the argument for the assembly, whose generator does not know the
// types of this package.
func (a *depthwiseRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }

// depthwiseKernels are the kernels of an instruction set. Indices are the column stride,
// or for 3x3 taps the row stride, less 1.
type depthwiseKernels[F Float] struct {
	lanes        int
	frame, taps  [2]func(a depthwiseRows[F])
	square       [2]func(a depthwiseRows[F])
	filter       func(a depthwiseRows[F]) // for filterTaps taps
	filterSquare [2]func(a depthwiseRows[F])
}

const (
	// filterTaps is the number of taps that the filter kernel takes.
	filterTaps = 5
	// depthwiseLanes is the lanes of the plain kernels.
	depthwiseLanes = 8
)

// depthwiseKernelsFor returns the kernels for isa, one of Supported.
func depthwiseKernelsFor[F Float](isa ISA) depthwiseKernels[F] {
	var k depthwiseKernels[F]
	switch k := any(&k).(type) {
	case *depthwiseKernels[float32]:
		*k = depthwisePlain(depthwiseLanes, mulAdd32)
		bindDepthwise(isa, k)
	case *depthwiseKernels[float64]:
		*k = depthwisePlain(depthwiseLanes, mulAdd64)
		bindDepthwise64(isa, k)
	}
	return k
}

// depthwisePlain returns the plain kernels for vectors of some lanes.
func depthwisePlain[F Float](lanes int, fma func(x, y, z F) F) depthwiseKernels[F] {
	type run = func(a depthwiseRows[F])
	square := func(a depthwiseRows[F]) { depthwiseSquareGeneric(a, fma) }
	filterSquare := func(a depthwiseRows[F]) { depthwiseFilterSquareGeneric(a, lanes, fma) }
	return depthwiseKernels[F]{
		lanes: lanes,
		frame: [2]run{
			func(a depthwiseRows[F]) { depthwiseFrameGeneric(a, lanes) },
			func(a depthwiseRows[F]) { depthwiseSplitGeneric(a, lanes) },
		},
		taps: [2]run{
			func(a depthwiseRows[F]) { depthwiseTapsGeneric(a, fma) },
			func(a depthwiseRows[F]) { depthwiseSpreadGeneric(a, fma) },
		},
		square:       [2]run{square, square},
		filter:       func(a depthwiseRows[F]) { depthwiseFilterGeneric(a, lanes, fma) },
		filterSquare: [2]run{filterSquare, filterSquare},
	}
}
