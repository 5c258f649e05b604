package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// argmax finds the maximum of each window.
type argmax[T lower.Float] struct {
	planeWindows[T]
	tap [][2]int // row and column in the window, by index
}

func newArgmax[T lower.Float](w planeWindows[T]) argmax[T] {
	p := argmax[T]{planeWindows: w}
	for i := range w.Size[0] {
		for j := range w.Size[1] {
			p.tap = append(p.tap, [2]int{i, j})
		}
	}
	return p
}

func (p argmax[T]) scratchSize() int { return p.frame + p.windows() }

// find returns the index, in tap, of each window's maximum.
func (p *argmax[T]) find(x, scratch []T) []T {
	numbers := scratch[p.frame:][:p.windows()]
	p.planes.Place(numbers, p.cells(x, scratch, T(math.Inf(-1))), p.over)
	return numbers
}

// first returns the image's row and column where the first window of a row of windows
// begins.
func (p *argmax[T]) first(row int) (y, x int) { return row*p.Stride[0] - p.Pad.Top, -p.Pad.Left }

// at is the offset of a tap in the window that begins at y, x. The padding is -Inf.
// It is the maximum only if the whole window is -Inf, and then the first element
// inside the image is meant.
func (p *argmax[T]) at(y, x int, number T) int {
	t := p.tap[int(number)]
	return max(y+t[0], 0)*p.image[1] + max(x+t[1], 0)
}

// maxPoolAt is lower.PoolAt.
type maxPoolAt[T lower.Float] struct{ argmax[T] }

func (p maxPoolAt[T]) run(in [2][]T, out, scratch []T) {
	numbers, cols := p.find(in[0], scratch), p.over.Windows[1]
	for row := range p.over.Windows[0] {
		y, x := p.first(row)
		to := out[row*cols:][:cols]
		for q, number := range numbers[row*cols:][:cols] {
			to[q] = in[1][p.at(y, x, number)]
			x += p.Stride[1]
		}
	}
}

// maxPoolGrad is lower.PoolGrad.
type maxPoolGrad[T lower.Float] struct{ argmax[T] }

func (p maxPoolGrad[T]) run(in [2][]T, out, scratch []T) {
	numbers, cols := p.find(in[0], scratch), p.over.Windows[1]
	clear(out)
	for row := range p.over.Windows[0] {
		y, x := p.first(row)
		from := in[1][row*cols:][:cols]
		for q, number := range numbers[row*cols:][:cols] {
			out[p.at(y, x, number)] += from[q]
			x += p.Stride[1]
		}
	}
}
