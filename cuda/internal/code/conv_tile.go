package code

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// minChannels is the least of an image for which a convolution is computed from shared memory: with
// fewer, it is bound by what it writes.
const minChannels = 2

// convTile is how a convolution, or with stride 1 the gradient of its images, is computed: what a
// block has, and how its threads share it. A block has some lines of the result and goes over the
// images' channels in stages. A thread has one run of windows and a group of channels.
type convTile struct {
	windowTile
	weights array // along the result's channels, the images' channels, and the kernel
	pitchW  int   // elements of shared memory from tap to tap
}

func (w *windowTile) convThreads() int { return w.lines() * w.runs * w.groups }

func (c *convTile) threads() int { return c.convThreads() }
func (c *convTile) stages() int  { return ceil(c.x[1], c.channels) }
func (c *convTile) down() int    { return ceil(c.y[1], c.outputs()) }
func (c *convTile) across() int  { return ceil(c.y[0], c.images) * c.chunks() }

// stage is the elements of shared memory of a stage.
func (c *convTile) stage() int { return c.size() + roundUp(c.channels*c.taps()*c.pitchW, 4) }

// spots is how many elements of a channel a block has.
func (c *convTile) spots() int { return c.lines() * c.y[3] }

// memory is the elements of shared memory: of the stages and, later, of the results and of
// sums over them.
func (c *convTile) memory() int {
	return max(min(2, c.stages())*c.stage(), c.outputs()*max(c.spots(), c.threads()), c.threads())
}

// convTileOf is a convolution with its operands; ok is false for other primitives. The
// gradient of the images, with stride 1, is a convolution with the kernels turned around, of which
// result and images have changed places.
func convTileOf(of lower.Prim, a, b plan.Layout, shape lower.Shape) (c convTile, ok bool) {
	c.weights = arrayOf(b)
	c.x, c.y, c.kernel = a.Shape, shape, [2]int(b.Shape[2:])
	switch of := of.(type) {
	case lower.Conv:
		c.Geometry = of.Geometry
		return c, true
	case lower.ConvData:
		if of.Stride != [2]int{1, 1} {
			return c, false
		}
		c.Geometry = of.Geometry
		c.Pad.Top = (c.kernel[0]-1)*c.Dilation[0] - c.Pad.Top
		c.Pad.Left = (c.kernel[1]-1)*c.Dilation[1] - c.Pad.Left
		s := slices.Clone(b.Strides)
		c.weights.ref = c.weights.ref.plus((c.kernel[0]-1)*s[2] + (c.kernel[1]-1)*s[3])
		c.weights.strides = []int{s[1], s[0], -s[2], -s[3]}
		return c, true
	}
	return c, false
}

// productCycles is the time that a convolution is expected to take as a product.
func (m *maker) productCycles(e extent) float64 {
	tiles := m.tiles(m.step)
	if len(tiles) == 0 {
		return math.Inf(1)
	}
	return indexing * choose(tiles, e).cycles(e)
}

// byWindows returns how a step convolves, if that is expected to take less time than the product.
func (m *maker) byWindows(of lower.Prim, p *placed, a, b plan.Layout, l loopOver) (best convTile, ok bool) {
	if len(a.Shape) != 4 || len(b.Shape) != 4 {
		return best, false
	}
	c, ok := convTileOf(of, a, b, p.shape)
	sums, direct := l.blockSums(&p.extents, p.place)
	if !ok || c.x[1] < minChannels || !direct || slices.ContainsFunc(sums, func(s *blockSum) bool { return !s.columns }) {
		return best, false
	}
	ok = false
	e := m.extent(&p.product, maxSplits)
	least := m.productCycles(e)
	words := e.bytes() / 4
	windowTiles(c.windowTile, func(run int) int { return maxSums / words / run }, (*windowTile).convThreads, func(w windowTile) {
		c.windowTile = w
		if cycles, fits := c.cycles(words, least); fits {
			best, least, ok = c, cycles, true
		}
	})
	return best, ok
}

// cycles sets the pitches, and returns the time that the convolution is expected to take; ok is
// false if that is not less than a bound, or if shared memory is too small.
func (c *convTile) cycles(words int, bound float64) (cycles float64, ok bool) {
	c.pitchW = roundUp(c.outputs(), c.vector())
	if c.threads() < 32 || c.memory()*4*words > staticBytes || c.time(words) >= bound {
		return 0, false
	}
	spots := c.lines() * c.runs
	c.conflicts = spread(&c.pitchX, 1, c.threads(), func(t int) int {
		c.pitchC = c.high() * c.pitchX
		return c.at(0, t%spots/c.runs, t%spots%c.runs)
	})
	c.pitchC = c.high() * c.pitchX
	cycles = c.time(words)
	return cycles, cycles < bound && c.memory()*4*words <= staticBytes
}

// time is the expected time.
func (c *convTile) time(words int) float64 {
	warps := ceil(c.threads(), 32)
	wide := min(c.window(1, c.run), c.run*c.kernel[1])
	fit := fit(c.threads(), words*(c.results*c.run+wide+c.results)+windowsRegs, c.memory()*4*words)
	elements := c.fetched() + c.channels*c.taps()*c.outputs()
	copies := float64(elements) / 32
	reads := float64(warps * c.channels * c.kernel[0] * (wide*c.conflicts + c.kernel[1]*c.results/c.vector()))
	multiply := float64(words * warps * c.channels * c.taps() * c.results * c.run)
	stage := max((multiply+reads+4*copies)/4+100, reads*float64(words)+2*copies)
	blocks := c.down() * c.across()
	each := ceil(blocks, processors)
	together := float64(min(each, fit))
	idle := max(1, leastWarps/(together*float64(warps)))
	end := float64(c.outputs()*c.spots())/3 + memoryLatency/together
	cycles := float64(each)*(float64(c.stages())*stage*idle+end) + blockCycles
	traffic := float64(blocks*c.stages()*elements*4*words) / cacheBytes
	return max(cycles, traffic) + min(cycles, traffic)/8
}

// convolve computes a convolution and its loop.
func (m *maker) convolve(c convTile, p placed, x plan.Layout, l loopOver) error {
	sums, _ := l.blockSums(&p.extents, p.place)
	return m.direct(p, c.down(), c.across(), l, sums, func(of *product) error {
		part := newPart("conv", c.down()*c.across())
		part.threads = c.threads()
		m.kernels.define(tileSource)
		m.kernels.define(windowsSource)
		c.write(part, arrayOf(x))
		if err := m.writeConvEnd(part, &c, of); err != nil {
			return err
		}
		m.launch(part)
		return nil
	})
}

// write writes the convolution.
func (c *convTile) write(p *part, x array) {
	threads, stage, stages, chunks := c.threads(), c.stage(), c.stages(), c.chunks()
	spots := c.lines() * c.runs
	p.line("// [%d,%d,%d,%d] from [%d,%d,%d,%d]", c.y[0], c.y[1], c.y[2], c.y[3], c.x[0], c.x[1], c.x[2], c.x[3])
	p.line("typedef Convolution<%d, %d, %d, %d, %d, %d, %d, %d> convolution;", c.results, c.run, c.kernel[0], c.kernel[1], c.Stride[1], c.Dilation[0], c.Dilation[1], c.channels)
	p.line("alignas(16) __shared__ real memory[%d];", c.memory())
	p.line("const int t = threadIdx.x, tileRow = int(block) %% %d, tileColumn = int(block) / %d, firstResult = tileRow * %d;", c.down(), c.down(), c.outputs())
	p.line("const int image = tileColumn / %d * %d, top = tileColumn %% %d * %d;", chunks, c.images, chunks, c.rows)
	p.open("auto copy = [&](int stage, real* to)")
	p.line("const int firstChannel = stage * %d;", c.channels)
	c.writeCopy(p, threads, x)
	n := c.channels * c.taps() * c.outputs()
	p.open("for (int e = t; e < %d; e += %d)", n, threads)
	p.line("const int tap = e %% %d, c = e / %d %% %d, o = e / %d;", c.taps(), c.taps(), c.channels, c.taps()*c.channels)
	inside := ""
	if c.x[1]%c.channels > 0 {
		inside = fmt.Sprintf("firstChannel + c < %d", c.x[1])
	}
	if c.y[1]%c.outputs() > 0 {
		inside = and(inside, fmt.Sprintf("firstResult + o < %d", c.y[1]))
	}
	if inside == "" {
		inside = "true"
	}
	s := c.weights.strides
	p.line("copyAsync(to + %d + (c * %d + tap) * %d + o, %s + ((firstResult + o) * %d + (firstChannel + c) * %d + tap / %d * %d + tap %% %d * %d), %s);",
		c.size(), c.taps(), c.pitchW, p.read(c.weights.ref), s[0], s[1], c.kernel[1], s[2], c.kernel[1], s[3], inside)
	p.close()
	p.closeWith("};")
	c.writeMargins(p, threads, min(2, stages), stage)
	p.line("copy(0, memory);")
	p.line("const int group = t / %d, line = t %% %d / %d, run = t %% %d %% %d;", spots, spots, c.runs, spots, c.runs)
	p.line("const real* x = memory + line / %d * %d + line %% %d * %d + run * %d;", c.rows, c.channels*c.pitchC, c.rows, c.Stride[0]*c.pitchX, c.run*c.Stride[1])
	p.line("const real* w = memory + %d + group * %d;", c.size(), c.results)
	p.line("real sums[%d][%d] = {};", c.results, c.run)
	p.open("for (int stage = 0, at = 0; stage < %d; stage++)", stages)
	p.line("copied();")
	p.line("__syncthreads();")
	if stages > 1 {
		p.line("if (stage + 1 < %d) copy(stage + 1, memory + %d - at);", stages, stage)
	}
	p.line("convolution::add(sums, x + at, %d, %d, w + at, %d);", c.pitchX, c.pitchC, c.pitchW)
	p.line("at = %d - at;", stage)
	p.close()
	p.line("__syncthreads();")
	p.line("#pragma unroll")
	p.open("for (int o = 0; o < %d; o++)", c.results)
	p.line("#pragma unroll")
	p.open("for (int q = 0; q < %d; q++)", c.run)
	within := ""
	if c.runs*c.run > c.y[3] {
		within = fmt.Sprintf("if (run * %d + q < %d) ", c.run, c.y[3])
	}
	p.line("%smemory[(group * %d + o) * %d + line * %d + run * %d + q] = sums[o][q];", within, c.results, c.spots(), c.y[3], c.run)
	p.close()
	p.close()
	p.line("__syncthreads();")
}

// writeConvEnd writes what becomes of the block's elements, which are in shared memory: neighbouring
// threads have neighbouring columns.
func (m *maker) writeConvEnd(p *part, c *convTile, of *product) error {
	items := of.extents
	joinAxes(&items, of.epilogue.forms())
	threads, spots := c.threads(), c.spots()
	sums := of.epilogue.sums()
	for i, s := range sums {
		s.name = fmt.Sprintf("s%d", i)
		if s.rows {
			p.line("real %s = %s;", s.name, s.zero())
			continue
		}
		p.line("real %s[%d];", s.name, c.outputs())
		p.line("for (int o = 0; o < %d; o++) %s[o] = %s;", c.outputs(), s.name, s.zero())
		s.name += "[o]"
	}
	items.splitIndex(&p.text, batch)
	p.line("#pragma unroll")
	p.open("for (int o = 0; o < %d; o++)", c.outputs())
	p.line("const int m = firstResult + o;")
	if c.y[1]%c.outputs() > 0 {
		p.line("if (m >= %d) break;", c.y[1])
	}
	items.splitIndex(&p.text, rows)
	p.open("for (int e = t; e < %d; e += %d)", spots, threads)
	p.line("const int line = e / %d, b = image + line / %d, r = top + line %% %d;", c.y[3], c.rows, c.rows)
	if c.y[0]%c.images > 0 {
		p.line("if (b >= %d) break;", c.y[0])
	}
	if c.y[2]%c.rows > 0 {
		p.line("if (r >= %d) continue;", c.y[2])
	}
	p.line("const int n = (b * %d + r) * %d + e %% %d;", c.y[2], c.y[3], c.y[3])
	items.splitIndex(&p.text, columns)
	p.line("const real c0 = memory[o * %d + e];", spots)
	if err := of.epilogue.item(m, p, &items, []string{"c0"}); err != nil {
		return err
	}
	p.close()
	p.close()
	for _, s := range sums {
		p.line("__syncthreads();")
		if s.rows {
			p.line("%s = fold<%d, 1, %v>(%s, memory, t);", s.name, threads, s.kind == lower.ReduceMax, s.name)
			p.line("if (t == 0) %s[tileRow * %d + tileColumn] = %s;", p.write(s.to), c.across(), s.name)
			continue
		}
		p.line("#pragma unroll")
		p.line("for (int o = 0; o < %d; o++) memory[o * %d + t] = %s;", c.outputs(), threads, s.name)
		p.line("__syncthreads();")
		p.open("for (int o = t / 32; t < %d && o < %d && firstResult + o < %d; o += %d)", threads/32*32, c.outputs(), c.y[1], threads/32)
		p.line("const real sum = warpFold<%d, %v>(memory + o * %d);", threads, s.kind == lower.ReduceMax, threads)
		p.line("if (t %% 32 == 0) %s[tileColumn * %d + firstResult + o] = sum;", p.write(s.to), c.y[1])
		p.close()
	}
	return nil
}
