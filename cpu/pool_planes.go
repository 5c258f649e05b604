package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// planePoolOf returns the kernels that compute the primitive, or nil if they do not
// support its windows.
func planePoolOf[T lower.Float](p lower.Prim, in []lower.Shape, out lower.Shape, isa kernel.ISA, v *kernel.Vector[T]) planePool[T] {
	pool := p.Facts().Pooling
	image, windows := pool.Of(in, out)
	w := newPlaneWindows(pool.Window, image, windows, isa, v)
	if p, spreads := p.(lower.PoolSpread); spreads {
		if w.image[0]*w.image[1] <= maxSpread*w.windows() {
			return spreadPool[T]{w, newDivisor(w, p.Divisor)}
		}
		return nil
	}
	if !w.over.Vectors() {
		return nil
	}
	switch p := p.(type) {
	case lower.Pool:
		return maxPool[T]{w}
	case lower.PoolAt:
		return maxPoolAt[T]{newArgmax(w)}
	case lower.PoolGrad:
		return maxPoolGrad[T]{newArgmax(w)}
	case lower.PoolSum:
		return sumPool[T]{w, newDivisor(w, p.Divisor)}
	}
	return nil
}

// planeWindows describes the windows over one plane of images.
type planeWindows[T lower.Float] struct {
	lower.Window
	image  [2]int
	over   kernel.PlaneWindows // over the image, or over a padded frame
	frame  int                 // elements of the frame, 0 for none
	planes kernel.Planes[T]
	vector *kernel.Vector[T]
}

func newPlaneWindows[T lower.Float](w lower.Window, image, windows lower.Shape, isa kernel.ISA, v *kernel.Vector[T]) planeWindows[T] {
	p := planeWindows[T]{
		Window: w, image: [2]int(image[2:]), planes: kernel.PlanesFor[T](isa), vector: v,
		over: kernel.PlaneWindows{Windows: [2]int(windows[2:]), Size: w.Size, Stride: w.Stride, LD: image[3]},
	}
	height := (windows[2]-1)*w.Stride[0] + w.Size[0]
	width := (windows[3]-1)*w.Stride[1] + w.Size[1]
	if w.Pad.Top > 0 || w.Pad.Left > 0 || height > image[2] || width > image[3] {
		p.over.LD, p.frame = width, height*width
	}
	return p
}

// windows is the number of windows in a plane.
func (p *planeWindows[T]) windows() int { return p.over.Windows[0] * p.over.Windows[1] }

// cells returns the elements that the windows cover. If windows reach beyond the
// image, it is copied into the frame and surrounded by the number around.
func (p *planeWindows[T]) cells(image, frame []T, around T) []T {
	if p.frame == 0 {
		return image
	}
	frame = frame[:p.frame]
	for i := 0; i < len(frame); i += copyGrain {
		p.vector.Fill(frame[i:min(i+copyGrain, len(frame))], around)
	}
	width := min(p.image[1], p.over.LD-p.Pad.Left)
	for y := range min(p.image[0], p.frame/p.over.LD-p.Pad.Top) {
		copy(frame[(y+p.Pad.Top)*p.over.LD+p.Pad.Left:][:width], image[y*p.image[1]:])
	}
	return frame
}

// maxPool is lower.Pool.
type maxPool[T lower.Float] struct{ planeWindows[T] }

func (p maxPool[T]) scratchSize() int { return p.frame }

func (p maxPool[T]) run(in [2][]T, out, scratch []T) {
	p.planes.Max(out, p.cells(in[0], scratch, T(math.Inf(-1))), p.over)
}

// sumPool is lower.PoolSum.
type sumPool[T lower.Float] struct {
	planeWindows[T]
	by divisor[T]
}

func (p sumPool[T]) scratchSize() int { return p.frame }

func (p sumPool[T]) run(in [2][]T, out, scratch []T) {
	p.planes.Sum(out, p.cells(in[0], scratch, 0), p.over)
	p.by.divide(out, out)
}

// maxSpread is the most pixels per window for which the gradient of a sum is computed
// as a sum. Its work grows with the pixels, and the work of the loops with the
// windows.
const maxSpread = 6

// spreadPool is lower.PoolSpread. It writes the gradients of the windows into a
// frame, with zeros between. Then it sums the frame over windows of the same size,
// one at each pixel of the image.
type spreadPool[T lower.Float] struct {
	planeWindows[T]
	by divisor[T]
}

// frameSize returns the frame's width and its number of elements.
func (p *spreadPool[T]) frameSize() (width, size int) {
	width = p.image[1] + p.Size[1] - 1
	return width, width * (p.image[0] + p.Size[0] - 1)
}

func (p spreadPool[T]) scratchSize() int {
	_, size := p.frameSize()
	return size + p.windows()
}

func (p spreadPool[T]) run(in [2][]T, out, scratch []T) {
	width, size := p.frameSize()
	frame, grads := scratch[:size], scratch[size:][:p.windows()]
	p.by.divide(grads, in[0])
	clear(frame)
	cols := p.over.Windows[1]
	for k := range p.over.Windows[0] {
		row := frame[(k*p.Stride[0]+p.Size[0]-1-p.Pad.Top)*width+p.Size[1]-1-p.Pad.Left:]
		for q, v := range grads[k*cols : (k+1)*cols] {
			row[q*p.Stride[1]] = v
		}
	}
	p.planes.Sum(out, frame, kernel.PlaneWindows{Windows: p.image, Size: p.Size, Stride: [2]int{1, 1}, LD: width})
}

// divisor is what the sums of windows are divided by.
type divisor[T lower.Float] struct {
	vector *kernel.Vector[T]
	all    T   // of all windows, 0 if each has its own
	each   []T // by window
}

func newDivisor[T lower.Float](p planeWindows[T], s lower.Divisor) divisor[T] {
	switch {
	case s == lower.NoDivisor:
		return divisor[T]{p.vector, 1, nil}
	case s == lower.IncludePad || p.frame == 0:
		return divisor[T]{p.vector, T(p.Size[0] * p.Size[1]), nil}
	}
	ones, by := make([]T, p.image[0]*p.image[1]), make([]T, p.windows())
	p.vector.Fill(ones, 1)
	p.planes.Sum(by, p.cells(ones, make([]T, p.frame), 0), p.over)
	return divisor[T]{p.vector, 0, by}
}

// divide sets y to x divided by the divisor. y may be x.
func (s *divisor[T]) divide(y, x []T) {
	for i := 0; i < len(y); i += copyGrain {
		to := min(i+copyGrain, len(y))
		switch {
		case s.all == 0:
			s.vector.Binary[kernel.OpDiv](y[i:to], x[i:to], s.each[i:to])
		case s.all != 1:
			s.vector.Right[kernel.OpDiv](y[i:to], x[i:to], s.all)
		case &y[0] != &x[0]:
			s.vector.Copy(y[i:to], x[i:to])
		}
	}
}
