package code

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// filterSource is the template Filter, which adds up the taps of a convolution's kernels.
//
//go:embed filter.cuh
var filterSource string

// The gradient of a convolution's kernels as a product reads each pixel once for each tap,
// and finds its place each time. If a few rows of the images fit in shared memory, a block
// copies them there once, without index arithmetic for the taps, and each thread has all taps
// of one channel and of several results in registers.

const (
	minTaps     = 4  // of a kernel: with fewer, a product does as well
	maxSums     = 80 // words for the sums of a thread
	filterOther = 40 // registers of a thread for all else
	leastWarps  = 12 // of a multiprocessor, that keep it busy
)

// filterTile is how the gradient of a convolution's kernels is computed: what a block has, and
// how its threads share it.
type filterTile struct {
	lower.ConvFilter
	x, dy             lower.Shape
	channels          int // of a block
	groups, results   int // results of a block, in groups; of a thread
	images, rows      int // of a stage: images, and rows of each one's result
	runs, run         int // runs of windows along a row, and the windows of one
	splits, share     int // parts of the stages, and stages of each
	pitchX, pitchC    int // elements of shared memory from row to row and from channel to channel of an image
	pitchLine, pitchY int // from line to line and from window to window of the result's gradient
	// How many threads of a warp read the same bank.
	conflictsX, conflictsY int
}

func (f *filterTile) taps() int    { return f.Kernel[0] * f.Kernel[1] }
func (f *filterTile) pairs() int   { return f.channels * f.groups }
func (f *filterTile) threads() int { return f.pairs() * f.runs * f.images * f.rows }
func (f *filterTile) outputs() int { return f.groups * f.results }

// chunks is how many stages an image has.
func (f *filterTile) chunks() int { return ceil(f.dy[2], f.rows) }
func (f *filterTile) stages() int { return ceil(f.x[0], f.images) * f.chunks() }

// blocks is how many blocks a part of the stages has.
func (f *filterTile) blocks() int { return ceil(f.x[1], f.channels) * ceil(f.dy[1], f.outputs()) }

// window is how many rows or columns of an image so many windows reach over.
func (f *filterTile) window(axis, n int) int {
	return (n-1)*f.Stride[axis] + (f.Kernel[axis]-1)*f.Dilation[axis] + 1
}

// copied is how many columns of an image are copied: those that windows read.
func (f *filterTile) copied() int {
	return max(0, min(f.x[3], f.window(1, f.dy[3])-f.Pad.Left))
}

// sizes are the elements of shared memory of a stage: for the images, and for all.
func (f *filterTile) sizes() (images, all int) {
	images = roundUp(f.images*f.channels*f.pitchC, 4)
	return images, images + roundUp(f.images*f.rows*f.pitchLine, 4)
}

// memory is the elements of shared memory.
func (f *filterTile) memory() int {
	_, stage := f.sizes()
	return max(2*stage, f.taps()*(f.threads()+1))
}

// lay sets the pitches so that few threads of a warp read the same bank of shared memory: of
// those with the fewest, the least.
func (f *filterTile) lay() {
	f.pitchX = f.window(1, f.runs*f.run)
	f.pitchC = f.window(0, f.rows) * f.pitchX
	f.pitchY = roundUp(f.outputs(), f.vector())
	f.pitchLine = f.runs * f.run * f.pitchY
	image := func(t int) int {
		c, run, line := t%f.channels, t/f.pairs()%f.runs, t/f.pairs()/f.runs
		return (line/f.rows*f.channels+c)*f.pitchC + line%f.rows*f.Stride[0]*f.pitchX + run*f.run*f.Stride[1]
	}
	gradient := func(t int) int {
		group, run, line := t/f.channels%f.groups, t/f.pairs()%f.runs, t/f.pairs()/f.runs
		return line*f.pitchLine + run*f.run*f.pitchY + group*f.results
	}
	f.conflictsX = f.spread(&f.pitchC, 1, image)
	f.conflictsY = f.spread(&f.pitchLine, f.vector(), gradient)
}

// spread enlarges a pitch by up to 32 elements, in steps, so that the first warp's threads, which
// read from a place each, read the same bank as rarely as can be. It returns how often they do.
func (f *filterTile) spread(pitch *int, step int, place func(t int) int) int {
	least, best := 33, *pitch
	for from := *pitch; *pitch < from+32 && least > 1; *pitch += step {
		var banks [32]map[int]bool
		most := 1
		for t := range min(32, f.threads()) {
			at := place(t)
			b := at / step % (32 / step)
			if banks[b] == nil {
				banks[b] = map[int]bool{}
			}
			banks[b][at] = true
			most = max(most, len(banks[b]))
		}
		if most < least {
			least, best = most, *pitch
		}
	}
	*pitch = best
	return least
}

// vector is how many results of a window are read at once.
func (f *filterTile) vector() int {
	if f.results%4 == 0 {
		return 4
	}
	return 1
}

// byTaps returns how a step adds up the taps of a convolution's kernels, if that is expected
// to take less time than the product.
func (m *maker) byTaps(of lower.Prim, p *product, x, dy plan.Layout) (f filterTile, ok bool) {
	c, ok := of.(lower.ConvFilter)
	if !ok {
		return f, false
	}
	f, cycles, ok := m.filterTile(c, x.Shape, dy.Shape)
	if !ok {
		return f, false
	}
	e := m.extent(p, maxSplits)
	product := choose(m.tiles(m.step), e)
	return f, product.splits == 0 || cycles < product.cycles(e)
}

// filterTile returns the tile that is expected to take the least time, and that time in
// cycles; ok is false if there is none.
func (m *maker) filterTile(p lower.ConvFilter, x, dy lower.Shape) (best filterTile, least float64, ok bool) {
	words := 1
	if m.double {
		words = 2
	}
	if p.ChannelGroups() > 1 || p.Kernel[0]*p.Kernel[1] < minTaps {
		return best, 0, false
	}
	f := filterTile{ConvFilter: p, x: x, dy: dy}
	for _, f.results = range []int{1, 2, 3, 4, 8, 16} {
		if f.results > dy[1] || f.results*f.taps()*words > maxSums {
			break
		}
		for _, f.groups = range []int{1, 2, 4} {
			for _, f.channels = range []int{1, 2, 3, 4, 8, 16, 32} {
				for _, longest := range []int{4, 8, 16} {
					f.runs = ceil(dy[3], longest)
					f.run = ceil(dy[3], f.runs)
					for k := 1; k <= dy[2]; k++ {
						f.rows = ceil(dy[2], k)
						for f.images = 1; f.images <= 16; f.images *= 2 {
							if t := f.threads(); t > 256 || f.images > 1 && k > 1 {
								break
							}
							if cycles, fits := f.cycles(words); fits && (!ok || cycles < least) {
								best, least, ok = f, cycles, true
							}
						}
					}
				}
			}
		}
	}
	return best, least, ok
}

// cycles sets the parts and the pitches, and returns the time that the gradient is expected to
// take; fits is false if shared memory is too small.
func (f *filterTile) cycles(words int) (cycles float64, fits bool) {
	if f.copied() == 0 {
		return 0, false
	}
	f.lay()
	if f.memory()*4*words > staticBytes {
		return 0, false
	}
	threads := f.threads()
	warps := ceil(threads, 32)
	perThread := words*(f.results*f.taps()+f.results+f.taps()) + filterOther
	fit := max(1, min(16, 2048/(32*warps), registers/(32*warps*perThread), sharedBytes/(f.memory()*4*words)))
	f.splits = max(1, min(f.stages(), maxSplits, fit*processors/f.blocks()))
	f.share = ceil(f.stages(), f.splits)
	f.splits = ceil(f.stages(), f.share)

	fresh := f.Kernel[0] * f.Kernel[1]
	if f.Dilation[1] == 1 {
		fresh = f.Kernel[0] * min(f.Kernel[1], f.Stride[1])
	}
	images := f.images * f.channels * f.window(0, f.rows) * f.copied()
	gradients := f.images * f.rows * f.dy[3] * f.outputs()
	copies := float64(images+gradients) / 32
	reads := float64(warps * (f.run*(fresh*f.conflictsX+f.results/f.vector()*f.conflictsY) + f.taps() - fresh))
	multiply := float64(words * warps * f.run * f.results * f.taps())
	stage := max((multiply+reads+4*copies)/4+100, reads*float64(words)+2*copies)
	each := ceil(f.blocks()*f.splits, processors)
	idle := max(1, leastWarps/float64(min(each, fit)*warps))
	cycles = float64(each)*float64(f.share)*stage*idle + blockCycles + launchCycles
	size := float64(4 * words * f.x[1] * f.dy[1] * f.taps())
	traffic := float64(f.blocks()*f.stages()*(images+gradients)*4*words) / cacheBytes
	return max(cycles, traffic) + min(cycles, traffic)/8 + 2*float64(f.splits)*size/mainBytes, true
}

// filter computes the gradient of a convolution's kernels, and its loop.
func (m *maker) filter(f filterTile, x, dy plan.Layout, shape lower.Shape, l loopOver) error {
	parts := m.allocScratch(f.splits * shape.Size())
	p := newPart("filter", f.splits*f.blocks())
	p.threads = f.threads()
	m.kernels.define(filterSource)
	m.writeFilter(p, &f, x, dy, parts)
	m.launch(p)
	return m.follow(l, parts, f.splits)
}

// writeFilter writes the kernel.
func (m *maker) writeFilter(p *part, f *filterTile, x, dy plan.Layout, to Ref) {
	threads, chunks := f.threads(), f.chunks()
	images, stage := f.sizes()
	p.line("// [%d,%d,%d,%d] of %d x [%d,%d,%d]", f.dy[1], f.x[1], f.Kernel[0], f.Kernel[1], f.x[0], f.dy[1], f.dy[2], f.dy[3])
	p.line("typedef Filter<%d, %d, %d, %d, %d, %d, %d, %d, %d, %d> filter;", f.channels, f.groups, f.results, f.run, f.dy[3]-(f.runs-1)*f.run,
		f.Kernel[0], f.Kernel[1], f.Stride[1], f.Dilation[0], f.Dilation[1])
	p.line("alignas(16) __shared__ real memory[%d];", f.memory())
	across := ceil(f.dy[1], f.outputs())
	p.line("const int t = threadIdx.x, split = int(block) / %d;", f.blocks())
	p.line("const int firstResult = int(block) %% %d * %d, firstChannel = int(block) %% %d / %d * %d;", across, f.outputs(), f.blocks(), across, f.channels)
	p.line("const int begin = split * %d, end = min(begin + %d, %d);", f.share, f.share, f.stages())

	p.open("auto copy = [&](int stage, real* to)")
	p.line("const int image = stage / %d * %d, top = stage %% %d * %d;", chunks, f.images, chunks, f.rows)
	copied, high := f.copied(), f.window(0, f.rows)
	// The columns of all planes are divided among the threads. Each copies its rows.
	each := func(n int) {
		p.line("#pragma unroll 4")
		p.open("for (int turn = 0; turn < %d; turn++)", ceil(n, threads))
		p.line("const unsigned e = t + turn * %d;", threads)
		if n%threads > 0 {
			p.line("if (e >= %d) break;", n)
		}
	}
	plane := func(of lower.Shape, first string, planes, columns int) string {
		p.line("const int column = e %% %d, i = e / %d %% %d, b = e / %d;", columns, columns, planes, columns*planes)
		var inside []string
		if f.x[0]%f.images > 0 {
			inside = append(inside, fmt.Sprintf("image + b < %d", f.x[0]))
		}
		if of[1]%planes > 0 {
			inside = append(inside, fmt.Sprintf("%s + i < %d", first, of[1]))
		}
		return strings.Join(inside, " && ")
	}
	rows := func(high int, row, pitch string, bound int, within string, stride int) {
		p.line("#pragma unroll")
		p.open("for (int r = 0; r < %d; r++)", high)
		p.line("copyAsync(at + r * %s, from + r * %d, %s);", pitch, stride, and(within, fmt.Sprintf("unsigned(%s + r) < %du", row, bound)))
		p.close()
	}
	p.line("const int first = top * %d - %d;", f.Stride[0], f.Pad.Top)
	each(f.images * f.channels * copied)
	within := plane(f.x, "firstChannel", f.channels, copied)
	p.line("real* at = to + (b * %d + i) * %d + column + %d;", f.channels, f.pitchC, f.Pad.Left)
	p.line("const real* from = %s + ((image + b) * %d + (firstChannel + i) * %d + first * %d + column * %d);", p.read(RefOf(x)), x.Strides[0], x.Strides[1], x.Strides[2], x.Strides[3])
	rows(high, "first", fmt.Sprint(f.pitchX), f.x[2], within, x.Strides[2])
	p.close()
	each(f.images * f.outputs() * f.dy[3])
	within = plane(f.dy, "firstResult", f.outputs(), f.dy[3])
	p.line("real* at = to + %d + b * %d + column * %d + i;", images, f.rows*f.pitchLine, f.pitchY)
	p.line("const real* from = %s + ((image + b) * %d + (firstResult + i) * %d + top * %d + column * %d);", p.read(RefOf(dy)), dy.Strides[0], dy.Strides[1], dy.Strides[2], dy.Strides[3])
	rows(f.rows, "top", fmt.Sprint(f.pitchLine), f.dy[2], within, dy.Strides[2])
	p.close()
	p.closeWith("};")

	// The margins of the images and of the last run stay zero.
	p.line("for (int e = t; e < %d; e += %d) memory[e] = 0;", 2*stage, threads)
	p.line("__syncthreads();")
	p.line("copy(begin, memory);")
	p.line("const int c = t %% %d, group = t / %d %% %d, run = t / %d %% %d, line = t / %d;", f.channels, f.channels, f.groups, f.pairs(), f.runs, f.pairs()*f.runs)
	p.line("const real* x = memory + (line / %d * %d + c) * %d + line %% %d * %d + run * %d;", f.rows, f.channels, f.pitchC, f.rows, f.Stride[0]*f.pitchX, f.run*f.Stride[1])
	p.line("const real* dy = memory + %d + line * %d + run * %d + group * %d;", images, f.pitchLine, f.run*f.pitchY, f.results)
	p.line("real sums[%d][%d][%d] = {};", f.results, f.Kernel[0], f.Kernel[1])
	p.open("for (int stage = begin, at = 0; stage < end; stage++)")
	p.line("copied();")
	p.line("__syncthreads();")
	p.line("if (stage + 1 < end) copy(stage + 1, memory + %d - at);", stage)
	exists := ""
	if f.dy[2]%f.rows > 0 {
		exists = fmt.Sprintf("if (stage %% %d * %d + line %% %d < %d) ", chunks, f.rows, f.rows, f.dy[2])
	}
	p.line("%sfilter::add(sums, x + at, %d, dy + at, %d, run == %d);", exists, f.pitchX, f.pitchY, f.runs-1)
	p.line("at = %d - at;", stage)
	p.close()
	p.open("filter::sum<%d>(sums, memory, [&](int channel, int result, int tap, real sum)", threads)
	p.line("const int c = firstChannel + channel, o = firstResult + result;")
	inside := ""
	if f.x[1]%f.channels > 0 {
		inside = fmt.Sprintf("c < %d", f.x[1])
	}
	if f.dy[1]%f.outputs() > 0 {
		inside = and(inside, fmt.Sprintf("o < %d", f.dy[1]))
	}
	if inside != "" {
		inside = "if (" + inside + ") "
	}
	p.line("%s%s[((split * %d + o) * %d + c) * %d + tap] = sum;", inside, p.write(to), f.dy[1], f.x[1], f.taps())
	p.closeWith("});")
}
