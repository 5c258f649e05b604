package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// filterTile is how the gradient of a convolution's kernels is computed: what a block has, and
// how its threads share it. A thread has all taps of one channel and of a group of results.
type filterTile struct {
	windowTile
	splits, share     int // parts of the stages, and stages of each
	pitchLine, pitchY int // elements from line to line and from window to window of the result's gradient
}

func (f *filterTile) pairs() int { return f.channels * f.groups }

func (w *windowTile) filterThreads() int { return w.channels * w.groups * w.runs * w.lines() }

func (f *filterTile) threads() int { return f.filterThreads() }

func (f *filterTile) stages() int { return ceil(f.x[0], f.images) * f.chunks() }

// blocks is how many blocks a part of the stages has.
func (f *filterTile) blocks() int { return ceil(f.x[1], f.channels) * ceil(f.y[1], f.outputs()) }

// stage is the elements of shared memory of a stage.
func (f *filterTile) stage() int { return f.size() + roundUp(f.lines()*f.pitchLine, 4) }

// memory is the elements of shared memory.
func (f *filterTile) memory() int { return max(2*f.stage(), f.taps()*(f.threads()+1)) }

// lay sets the pitches so that few threads of a warp read the same bank of shared memory. It
// returns how often they do of the result's gradient.
func (f *filterTile) lay() int {
	f.conflicts = spread(&f.pitchC, 1, f.threads(), func(t int) int {
		return f.at(t%f.channels, t/f.pairs()/f.runs, t/f.pairs()%f.runs)
	})
	return spread(&f.pitchLine, f.vector(), f.threads(), func(t int) int {
		return t/f.pairs()/f.runs*f.pitchLine + t/f.pairs()%f.runs*f.run*f.pitchY + t/f.channels%f.groups*f.results
	})
}

// byTaps returns how a step adds up the taps of a convolution's kernels, if that is expected
// to take less time than the product.
func (m *maker) byTaps(of lower.Prim, p *product, x, dy plan.Layout) (best filterTile, ok bool) {
	c, ok := of.(lower.ConvFilter)
	if !ok {
		return best, false
	}
	e := m.extent(p, maxSplits)
	least := m.productCycles(e)
	ok = false
	words := e.bytes() / 4
	w := windowTile{Geometry: c.Geometry, kernel: c.Kernel, x: x.Shape, y: dy.Shape}
	windowTiles(w, func(int) int { return maxSums / words / w.taps() }, (*windowTile).filterThreads, func(w windowTile) {
		f := filterTile{windowTile: w}
		if cycles, fits := f.cycles(words, least); fits {
			best, least, ok = f, cycles, true
		}
	})
	return best, ok
}

// cycles sets the parts and the pitches, and returns the time that the gradient is expected to
// take; ok is false if that is not less than a bound, or if shared memory is too small.
func (f *filterTile) cycles(words int, bound float64) (cycles float64, ok bool) {
	f.pitchY = roundUp(f.outputs(), f.vector())
	f.pitchLine = f.runs * f.run * f.pitchY
	if f.memory()*4*words > staticBytes || f.time(words, 1) >= bound {
		return 0, false
	}
	conflicts := f.lay()
	cycles = f.time(words, conflicts)
	return cycles, cycles < bound && f.memory()*4*words <= staticBytes
}

// time sets the parts and returns the expected time. conflicts are those of the result's gradient.
func (f *filterTile) time(words, conflicts int) float64 {
	warps := ceil(f.threads(), 32)
	fit := fit(f.threads(), words*(f.results*f.taps()+f.results+f.taps())+windowsRegs, f.memory()*4*words)
	f.splits = max(1, min(f.stages(), maxSplits, fit*processors/f.blocks()))
	f.share = ceil(f.stages(), f.splits)
	f.splits = ceil(f.stages(), f.share)

	fresh := f.taps()
	if f.Dilation[1] == 1 {
		fresh = f.kernel[0] * min(f.kernel[1], f.Stride[1])
	}
	elements := f.fetched() + f.lines()*f.y[3]*f.outputs()
	copies := float64(elements) / 32
	reads := float64(warps * (f.run*(fresh*f.conflicts+f.results/f.vector()*conflicts) + f.taps() - fresh))
	multiply := float64(words * warps * f.run * f.results * f.taps())
	stage := max((multiply+reads+4*copies)/4+100, reads*float64(words)+2*copies)
	each := ceil(f.blocks()*f.splits, processors)
	idle := max(1, leastWarps/float64(min(each, fit)*warps))
	cycles := float64(each)*float64(f.share)*stage*idle + blockCycles + launchCycles
	size := float64(4 * words * f.x[1] * f.y[1] * f.taps())
	traffic := float64(f.blocks()*f.stages()*elements*4*words) / cacheBytes
	return max(cycles, traffic) + min(cycles, traffic)/8 + 2*float64(f.splits)*size/mainBytes
}

// filter computes the gradient of a convolution's kernels, and its loop.
func (m *maker) filter(f filterTile, x, dy plan.Layout, shape lower.Shape, l loopOver) error {
	parts := m.allocScratch(f.splits * shape.Size())
	p := newPart("filter", f.splits*f.blocks())
	p.threads = f.threads()
	m.kernels.define(windowsSource)
	m.writeFilter(p, &f, x, dy, parts)
	m.launch(p)
	return m.follow(l, parts, f.splits)
}

// writeFilter writes the kernel.
func (m *maker) writeFilter(p *part, f *filterTile, x, dy plan.Layout, to Ref) {
	threads, chunks := f.threads(), f.chunks()
	images, stage := f.size(), f.stage()
	p.line("// [%d,%d,%d,%d] of %d x [%d,%d,%d]", f.y[1], f.x[1], f.kernel[0], f.kernel[1], f.x[0], f.y[1], f.y[2], f.y[3])
	p.line("typedef Filter<%d, %d, %d, %d, %d, %d, %d, %d, %d, %d> filter;", f.channels, f.groups, f.results, f.run, f.y[3]-(f.runs-1)*f.run,
		f.kernel[0], f.kernel[1], f.Stride[1], f.Dilation[0], f.Dilation[1])
	p.line("alignas(16) __shared__ real memory[%d];", f.memory())
	across := ceil(f.y[1], f.outputs())
	p.line("const int t = threadIdx.x, split = int(block) / %d;", f.blocks())
	p.line("const int firstResult = int(block) %% %d * %d, firstChannel = int(block) %% %d / %d * %d;", across, f.outputs(), f.blocks(), across, f.channels)
	p.line("const int begin = split * %d, end = min(begin + %d, %d);", f.share, f.share, f.stages())

	p.open("auto copy = [&](int stage, real* to)")
	p.line("const int image = stage / %d * %d, top = stage %% %d * %d;", chunks, f.images, chunks, f.rows)
	f.writeCopy(p, threads, arrayOf(x))
	f.copyRows(p, threads, rowsToCopy{f.y, f.outputs(), f.y[3], f.rows, "firstResult", "top", fmt.Sprint(f.pitchLine)}, arrayOf(dy),
		fmt.Sprintf("to + %d + b * %d + column * %d + i", images, f.rows*f.pitchLine, f.pitchY))
	p.closeWith("};")

	f.writeMargins(p, threads, 2, stage)
	p.line("copy(begin, memory);")
	p.line("const int c = t %% %d, group = t / %d %% %d, run = t / %d %% %d, line = t / %d;", f.channels, f.channels, f.groups, f.pairs(), f.runs, f.pairs()*f.runs)
	p.line("const real* x = memory + (line / %d * %d + c) * %d + line %% %d * %d + run * %d;", f.rows, f.channels, f.pitchC, f.rows, f.Stride[0]*f.pitchX, f.run*f.Stride[1])
	p.line("const real* dy = memory + %d + line * %d + run * %d + group * %d;", images, f.pitchLine, f.run*f.pitchY, f.results)
	p.line("real sums[%d][%d][%d] = {};", f.results, f.kernel[0], f.kernel[1])
	p.open("for (int stage = begin, at = 0; stage < end; stage++)")
	p.line("copied();")
	p.line("__syncthreads();")
	p.line("if (stage + 1 < end) copy(stage + 1, memory + %d - at);", stage)
	exists := ""
	if f.y[2]%f.rows > 0 {
		exists = fmt.Sprintf("if (stage %% %d * %d + line %% %d < %d) ", chunks, f.rows, f.rows, f.y[2])
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
	if f.y[1]%f.outputs() > 0 {
		inside = and(inside, fmt.Sprintf("o < %d", f.y[1]))
	}
	if inside != "" {
		inside = "if (" + inside + ") "
	}
	p.line("%s%s[((split * %d + o) * %d + c) * %d + tap] = sum;", inside, p.write(to), f.y[1], f.x[1], f.taps())
	p.closeWith("});")
}
