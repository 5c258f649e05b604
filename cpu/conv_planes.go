package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// Depthwise convolutions outside regions with one kernel per channel. They work on the
// planes where they lie.

// depthwiseGeometry is the convolution of a plane of images x by kernels w to y.
func depthwiseGeometry(g lower.Geometry, x, w, y lower.Shape) kernel.DepthwiseGeometry {
	return kernel.DepthwiseGeometry{
		In: [2]int(x[2:]), Out: [2]int(y[2:]), Kernel: [2]int(w[2:]), Stride: g.Stride, Dilation: g.Dilation, Pad: [2]int{g.Pad.Top, g.Pad.Left},
	}
}

// depthwiseRuns reports whether there are kernels for a convolution and its gradients.
func depthwiseRuns(g lower.Geometry, x, w, y lower.Shape) bool {
	return g.Groups == x[1] && g.Groups == y[1] && depthwiseGeometry(g, x, w, y).Runs()
}

// depthwiseLeast is the least elements of a plane of the result for which whole planes
// are faster than interleaved images, where there are both kinds of kernels.
const depthwiseLeast = 144

// depthwise returns the step of such a convolution, or nil for any other step.
func (m *maker[T]) depthwise(s plan.Step) step[T] {
	shape := func(v lower.Value) lower.Shape { return m.plan.Func.Shape(v) }
	suits := func(g lower.Geometry, x, w, y lower.Shape, filter bool) bool {
		if g.Groups < 2 || !depthwiseRuns(g, x, w, y) {
			return false
		}
		_, single := any(m.work).(*workspace[float32])
		interleaved := single && x[0] >= minImages && (y[2:].Size() < depthwiseLeast || filter && !depthwiseGeometry(g, x, w, y).Square())
		return !interleaved
	}
	switch p := s.Prim.(type) {
	case lower.Conv:
		if x, w, y := shape(s.In[0]), shape(s.In[1]), shape(s.Out[0]); suits(p.Geometry, x, w, y, false) {
			return newDepthwiseConv(p.Geometry, x, w, y, false, m.isa, m.work)
		}
	case lower.ConvData:
		if x, w, y := shape(s.Out[0]), shape(s.In[1]), shape(s.In[0]); suits(p.Geometry, x, w, y, false) {
			return newDepthwiseConv(p.Geometry, x, w, y, true, m.isa, m.work)
		}
	case lower.ConvFilter:
		if x, w, y := shape(s.In[0]), shape(s.Out[0]), shape(s.In[1]); suits(p.Geometry, x, w, y, true) {
			return newDepthwiseFilter(p.Geometry, x, w, y, m.isa, m.work, m.vector)
		}
	}
	return nil
}

// depthwisePlanes is what the three kinds of convolution have in common.
type depthwisePlanes[T lower.Float] struct {
	conv         *kernel.Depthwise[T]
	images       int
	channels     int
	taps         int
	large, small int     // elements of a plane of the images, and of the result
	scratch      span[T] // in a worker's memory
	work         *workspace[T]
}

// newDepthwise plans the convolution of images x by kernels w to y, or a gradient.
func newDepthwise[T lower.Float](g lower.Geometry, x, w, y lower.Shape, isa kernel.ISA, work *workspace[T]) depthwisePlanes[T] {
	s := depthwisePlanes[T]{
		conv: kernel.PlanDepthwise[T](isa, depthwiseGeometry(g, x, w, y)), images: x[0], channels: x[1],
		taps: w[2] * w[3], large: x[2] * x[3], small: y[2] * y[3], work: work,
	}
	var memory scratchLayout[T]
	s.scratch = memory.take(s.conv.Scratch())
	work.reserve(int(memory))
	return s
}

// depthwiseGrain is the approximate number of elements of images that a part computes.
const depthwiseGrain = 1 << 15

// depthwiseConvStep is lower.Conv or, if transposed, lower.ConvData. A part computes some
// planes.
type depthwiseConvStep[T lower.Float] struct {
	depthwisePlanes[T]
	transposed bool
	planes     int // of a part
	packed     []T // the weights, if transposed
	x, w, y    []T
}

func newDepthwiseConv[T lower.Float](g lower.Geometry, x, w, y lower.Shape, transposed bool, isa kernel.ISA, work *workspace[T]) *depthwiseConvStep[T] {
	p := newDepthwise(g, x, w, y, isa, work)
	s := &depthwiseConvStep[T]{depthwisePlanes: p, transposed: transposed, planes: max(1, depthwiseGrain/p.large)}
	if transposed {
		s.packed = make([]T, w.Size())
	}
	return s
}

func (s *depthwiseConvStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.x, s.w, s.y = in[0].Elements(), in[1].Elements(), out[0].Elements()
	if s.transposed {
		s.conv.PackData(s.packed, s.w)
	}
	t.Run(s, (s.images*s.channels+s.planes-1)/s.planes)
	return nil
}

// Do computes the planes of one part.
func (s *depthwiseConvStep[T]) Do(part, worker int) {
	scratch := s.scratch.of(s.work.worker[worker])
	s.conv.Begin(scratch)
	for i := part * s.planes; i < min((part+1)*s.planes, s.images*s.channels); i++ {
		at := i % s.channels * s.taps
		if s.transposed {
			s.conv.Data(s.y[i*s.large:][:s.large], s.x[i*s.small:][:s.small], s.packed[at:at+s.taps], scratch)
		} else {
			s.conv.Forward(s.y[i*s.small:][:s.small], s.x[i*s.large:][:s.large], s.w[at:at+s.taps], scratch)
		}
	}
}

// depthwiseFilterStep is lower.ConvFilter. A part adds up a run of images for a block of
// channels. The sums of the runs are added up at the end, in order.
type depthwiseFilterStep[T lower.Float] struct {
	depthwisePlanes[T]
	add    func(dst, x, y []T)
	runs   int
	block  int     // channels of a part
	blocks int     // of channels
	sums   span[T] // in a worker's memory, by channel
	folded []T     // by run: the gradient [C, 1, KH, KW]
	x, dy  []T
}

// depthwiseSums is the most elements of the sums of a block of channels, unless one
// channel has more.
const depthwiseSums = 1 << 12

func newDepthwiseFilter[T lower.Float](g lower.Geometry, x, w, y lower.Shape, isa kernel.ISA, work *workspace[T], v *kernel.Vector[T]) *depthwiseFilterStep[T] {
	p := newDepthwise(g, x, w, y, isa, work)
	s := &depthwiseFilterStep[T]{
		depthwisePlanes: p, add: v.Binary[kernel.OpAdd], runs: min(p.images, convRuns),
		block: min(p.channels, max(1, depthwiseSums/p.conv.FilterSums())),
	}
	s.blocks = (p.channels + s.block - 1) / s.block
	s.folded = make([]T, s.runs*w.Size())
	memory := scratchLayout[T](p.conv.Scratch())
	s.sums = memory.take(s.block * p.conv.FilterSums())
	work.reserve(int(memory))
	return s
}

func (s *depthwiseFilterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.x, s.dy = in[0].Elements(), in[1].Elements()
	t.Run(s, s.runs*s.blocks)
	dw := out[0].Elements()
	copy(dw, s.folded)
	for run := 1; run < s.runs; run++ {
		s.add(dw, dw, s.folded[run*len(dw):][:len(dw)])
	}
	return nil
}

// Do adds up one run of images for one block of channels.
func (s *depthwiseFilterStep[T]) Do(part, worker int) {
	memory, size := s.work.worker[worker], s.conv.FilterSums()
	scratch, sums := s.scratch.of(memory), s.sums.of(memory)
	run, block := part/s.blocks, part%s.blocks
	first, end := block*s.block, min((block+1)*s.block, s.channels)
	s.conv.Begin(scratch)
	clear(sums)
	for n := s.images * run / s.runs; n < s.images*(run+1)/s.runs; n++ {
		for c := first; c < end; c++ {
			i := n*s.channels + c
			s.conv.Filter(sums[(c-first)*size:][:size], s.x[i*s.large:][:s.large], s.dy[i*s.small:][:s.small], scratch)
		}
	}
	dw := s.folded[run*s.channels*s.taps:][first*s.taps : end*s.taps]
	clear(dw)
	for c := range end - first {
		s.conv.FoldFilter(dw[c*s.taps:][:s.taps], sums[c*size:][:size])
	}
}
