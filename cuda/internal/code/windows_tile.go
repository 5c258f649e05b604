package code

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// windowsSource has the templates of convolutions whose images are in shared memory.
//
//go:embed windows.cuh
var windowsSource string

// A convolution as a product reads each pixel once for each tap, and finds its place each time.
// If a few rows of the images fit in shared memory, a block copies them there once, without
// index arithmetic for the taps, and its threads have all that they add up in registers.

const (
	minTaps     = 4   // of a kernel: with fewer, a product does as well
	maxSums     = 80  // words for the sums of a thread
	mostThreads = 256 // of a block
	leastWarps  = 6   // of a multiprocessor, that keep it busy
	indexing    = 1.6 // the time of a product of windows, by the time without their index arithmetic
	windowsRegs = 40  // registers of a thread for all but numbers
)

// windowTile is what a block has of a convolution in each stage: some channels of the images,
// and the rows of them that its windows read. The result is divided into runs of windows along a
// row, and into groups of channels.
type windowTile struct {
	lower.Geometry
	kernel          [2]int
	x, y            lower.Shape // of the images and of the result
	channels        int         // of the images, in a stage
	groups, results int         // the result's channels: groups of a block, and channels of a group
	images, rows    int         // of a stage: images, and rows of each one's result
	runs, run       int         // runs along a row, and windows of one
	pitchX, pitchC  int         // elements of shared memory from row to row and from channel to channel
	conflicts       int         // how many threads of a warp read the same bank
}

func (w *windowTile) taps() int    { return w.kernel[0] * w.kernel[1] }
func (w *windowTile) outputs() int { return w.groups * w.results }
func (w *windowTile) lines() int   { return w.images * w.rows }
func (w *windowTile) high() int    { return w.window(0, w.rows) }

// chunks is in how many pieces the rows of an image are computed.
func (w *windowTile) chunks() int { return ceil(w.y[2], w.rows) }

// window is how many rows or columns of an image so many windows reach over.
func (w *windowTile) window(axis, n int) int {
	return (n-1)*w.Stride[axis] + (w.kernel[axis]-1)*w.Dilation[axis] + 1
}

// copied is how many columns of an image are copied: those that windows read.
func (w *windowTile) copied() int {
	return max(0, min(w.x[3], w.window(1, w.y[3])-w.Pad.Left))
}

// size is the elements of shared memory for the images.
func (w *windowTile) size() int { return roundUp(w.images*w.channels*w.pitchC, 4) }

// fetched is how many elements of the images are copied.
func (w *windowTile) fetched() int { return w.images * w.channels * w.high() * w.copied() }

// narrow sets the least pitches.
func (w *windowTile) narrow() {
	w.pitchX = w.window(1, w.runs*w.run)
	w.pitchC = w.high() * w.pitchX
	w.conflicts = 1
}

// at is where in shared memory the first window of a run begins.
func (w *windowTile) at(channel, line, run int) int {
	return (line/w.rows*w.channels+channel)*w.pitchC + line%w.rows*w.Stride[0]*w.pitchX + run*w.run*w.Stride[1]
}

// vector is how many of a thread's channels of the result are read at once.
func (w *windowTile) vector() int {
	if w.results%4 == 0 {
		return 4
	}
	return 1
}

// spread enlarges a pitch by up to 32 elements, in steps, so that the first warp's threads, which
// read from a place each, read the same bank as rarely as can be. It returns how often they do.
func spread(pitch *int, step, threads int, place func(t int) int) int {
	least, best := 33, *pitch
	for from := *pitch; *pitch < from+32 && least > 1; *pitch += step {
		var banks [32][]int
		most := 1
		for t := range min(32, threads) {
			at := place(t)
			b := at / step % (32 / step)
			same := false
			for _, other := range banks[b] {
				same = same || other == at
			}
			if !same {
				banks[b] = append(banks[b], at)
				most = max(most, len(banks[b]))
			}
		}
		if most < least {
			least, best = most, *pitch
		}
	}
	*pitch = best
	return least
}

// windowTiles calls try with all ways to divide the windows. bound is the most results of a
// thread, given the windows of a run; it may be 0.
func windowTiles(w windowTile, bound func(run int) int, threads func(*windowTile) int, try func(windowTile)) {
	if w.ChannelGroups() > 1 || w.taps() < minTaps || w.Pad.Top < 0 || w.Pad.Left < 0 || w.copied() == 0 {
		return
	}
	for _, longest := range []int{4, 8, 16} {
		w.runs = ceil(w.y[3], longest)
		w.run = ceil(w.y[3], w.runs)
		for _, w.results = range []int{1, 2, 3, 4, 8, 16} {
			if w.results > w.y[1] || w.results > bound(w.run) {
				break
			}
			for _, w.groups = range []int{1, 2, 4, 8} {
				if w.groups > 1 && w.outputs() >= 2*w.y[1] {
					break
				}
				for _, w.channels = range []int{1, 2, 3, 4, 8, 16, 32} {
					if w.channels >= 2*w.x[1] {
						break
					}
					last := 0
					for k := 1; k <= w.y[2]; k++ {
						if w.rows = ceil(w.y[2], k); w.rows == last {
							continue
						}
						last = w.rows
						for w.images = 1; w.images <= 32 && threads(&w) <= mostThreads && (w.images == 1 || k == 1); w.images *= 2 {
							w.narrow()
							try(w)
						}
					}
				}
			}
		}
	}
}

// fit is how many blocks a multiprocessor runs at once.
func fit(threads, perThread, bytes int) int {
	warps := ceil(threads, 32)
	return max(1, min(16, 2048/(32*warps), registers/(32*warps*perThread), sharedBytes/bytes))
}

// writeMargins writes zeros where windows read beyond the images' columns, in buffers that are so
// many elements apart. Nothing is copied there later.
func (w *windowTile) writeMargins(p *part, threads, buffers, apart int) {
	wide := w.window(1, w.runs*w.run) - w.copied()
	if wide == 0 {
		return
	}
	p.open("for (int e = t; e < %d; e += %d)", buffers*w.images*w.channels*w.high()*wide, threads)
	p.line("const int i = e %% %d, r = e / %d %% %d, plane = e / %d %% %d, buffer = e / %d;", wide, wide, w.high(), wide*w.high(), w.images*w.channels, wide*w.high()*w.images*w.channels)
	p.line("memory[buffer * %d + plane * %d + r * %d + (i < %d ? i : i + %d)] = 0;", apart, w.pitchC, w.pitchX, w.Pad.Left, w.copied())
	p.close()
}

// writeCopy writes the copy of the images' rows to shared memory, at to: those from top down, for
// the channels from firstChannel on of the images from image on.
func (w *windowTile) writeCopy(p *part, threads int, from array) {
	p.line("const int first = top * %d - %d;", w.Stride[0], w.Pad.Top)
	w.copyRows(p, threads, rowsToCopy{w.x, w.channels, w.copied(), w.high(), "firstChannel", "first", fmt.Sprint(w.pitchX)}, from,
		fmt.Sprintf("to + (b * %d + i) * %d + column + %d", w.channels, w.pitchC, w.Pad.Left))
}

// rowsToCopy are rows of some planes of an array.
type rowsToCopy struct {
	of            lower.Shape
	planes        int // of each image
	columns, high int
	first, row    string // the first plane and the first row, in C
	pitch         string // from row to row in shared memory
}

// copyRows divides the columns of all planes among the threads; each copies its rows. The column
// of plane i of image b goes to at.
func (w *windowTile) copyRows(p *part, threads int, r rowsToCopy, from array, at string) {
	n := w.images * r.planes * r.columns
	p.line("#pragma unroll 4")
	p.open("for (int turn = 0; turn < %d; turn++)", ceil(n, threads))
	p.line("const unsigned e = t + turn * %d;", threads)
	if n%threads > 0 {
		p.line("if (e >= %d) break;", n)
	}
	p.line("const int column = e %% %d, i = e / %d %% %d, b = e / %d;", r.columns, r.columns, r.planes, r.columns*r.planes)
	p.line("real* at = %s;", at)
	p.line("const real* from = %s + ((image + b) * %d + (%s + i) * %d + %s * %d + column * %d);", p.read(from.ref), from.strides[0], r.first, from.strides[1], r.row, from.strides[2], from.strides[3])
	var inside []string
	if r.of[0]%w.images > 0 {
		inside = append(inside, fmt.Sprintf("image + b < %d", r.of[0]))
	}
	if r.of[1]%r.planes > 0 {
		inside = append(inside, fmt.Sprintf("%s + i < %d", r.first, r.of[1]))
	}
	inside = append(inside, fmt.Sprintf("unsigned(%s + r) < %du", r.row, r.of[2]))
	p.line("#pragma unroll")
	p.line("for (int r = 0; r < %d; r++) copyAsync(at + r * %s, from + r * %d, %s);", r.high, r.pitch, from.strides[2], strings.Join(inside, " && "))
	p.close()
}
