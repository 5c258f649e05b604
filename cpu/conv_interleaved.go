package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// Convolutions outside regions with the kernels of regions, in float32: those within
// groups of channels, except for filter gradients of large groups, and data gradients with
// a stride. A worker interleaves a block of
// channels of sixteen images, so few that they stay in the cache, and puts the result
// back into row-major order.

// interleavedImage is the most elements of an image of a data gradient with a stride:
// sixteen of them take 16 MiB of each worker's memory.
const interleavedImage = 1 << 18

// manyOutputs is the number of a group's output channels from which the filter gradient
// is faster as implicit products, one for each group.
const manyOutputs = 16

// interleaved returns the step of such a convolution, or nil for any other step.
func (m *maker[T]) interleaved(s plan.Step) (step[T], error) {
	work, single := any(m.work).(*workspace[float32])
	if !single {
		return nil, nil
	}
	shape := func(v lower.Value) lower.Shape { return m.plan.Func.Shape(v) }
	var k step[float32]
	var err error
	switch p := s.Prim.(type) {
	case lower.Conv:
		if p.Groups > 1 {
			k, err = newInterleavedConv(p.Geometry, shape(s.In[0]), shape(s.In[1]), shape(s.Out[0]), false, m.isa, work)
		}
	case lower.ConvData:
		images := shape(s.Out[0])
		strided := p.Stride != [2]int{1, 1} && images[0] >= minImages && images[1:].Size() <= interleavedImage
		if p.Groups > 1 || strided {
			k, err = newInterleavedConv(p.Geometry, shape(s.Out[0]), shape(s.In[1]), shape(s.In[0]), true, m.isa, work)
		}
	case lower.ConvFilter:
		if p.Groups > 1 && shape(s.In[1])[1]/p.Groups < manyOutputs {
			k, err = newInterleavedFilter(p.Geometry, shape(s.In[0]), shape(s.Out[0]), shape(s.In[1]), m.isa, m.workers, any(m.vector).(*kernel.Vector[float32]), work)
		}
	}
	if k == nil || err != nil {
		return nil, err
	}
	return any(k).(step[T]), nil
}

// interleavedBlock is the most bytes of a block of channels, unless one group has more.
const interleavedBlock = 128 << 10

// interleavedImages is what the three kinds of convolution have in common. conv is the plan
// of one block of channels.
type interleavedImages struct {
	isa         kernel.ISA
	conv        *kernel.Conv
	large       kernel.Image // a block of the images
	small       kernel.Image // a block of the result, or of its gradient
	images      int
	blocks      int
	largeImage  int // elements of an image, with all channels
	smallImage  int
	largeBuffer span[float32] // in a worker's memory
	smallBuffer span[float32]
	scratch     span[float32]
	work        *workspace[float32]
}

// newInterleaved plans the convolution of images x by kernels w to y, or a gradient.
func newInterleaved(g lower.Geometry, x, w, y lower.Shape, isa kernel.ISA, work *workspace[float32]) (interleavedImages, error) {
	s := interleavedImages{
		isa: isa, images: x[0], largeImage: x[1:].Size(), smallImage: y[1:].Size(), work: work,
		large: kernel.Image{H: x[2], W: x[3]}, small: kernel.Image{H: y[2], W: y[3]},
	}
	p := kernel.ConvGeometry{
		In: s.large, Out: s.small, Kernel: [2]int(w[2:]), Stride: g.Stride, Dilation: g.Dilation, Pad: [2]int{g.Pad.Top, g.Pad.Left},
	}
	s.large.Halo, s.small.Halo = p.Halos()
	groups := g.ChannelGroups()
	together := groups // groups of channels in a block
	for ; together > 1; together-- {
		if groups%together != 0 {
			continue
		}
		s.large.C, s.small.C = x[1]/groups*together, y[1]/groups*together
		if 4*max(s.large.Len(), s.small.Len()) <= interleavedBlock {
			break
		}
	}
	s.blocks = groups / together
	s.large.C, s.small.C = x[1]/s.blocks, y[1]/s.blocks
	p.In, p.Out, p.Groups = s.large, s.small, together
	var err error
	if s.conv, err = kernel.PlanConv(isa, p); err != nil {
		return s, err
	}
	var memory scratchLayout[float32]
	s.largeBuffer = memory.take(s.large.Len())
	s.smallBuffer = memory.take(s.small.Len())
	s.scratch = memory.take(s.conv.Scratch())
	work.reserve(int(memory))
	return s, nil
}

// groups is the number of groups of images.
func (s *interleavedImages) groups() int { return (s.images + kernel.Group - 1) / kernel.Group }

// at returns where a block of the images of a group begins, and their number.
func (s *interleavedImages) at(m kernel.Image, image, block, group int) (from, n int) {
	first := group * kernel.Group
	return first*image + block*m.C*m.H*m.W, min(kernel.Group, s.images-first)
}

// load interleaves a block of a group of images. An image has that many elements in src,
// with all channels.
func (s *interleavedImages) load(m kernel.Image, buffer, src []float32, image, block, group int) {
	from, n := s.at(m, image, block, group)
	m.FromNCHW(s.isa, buffer, src[from:], n, image)
}

// store is the reverse of load.
func (s *interleavedImages) store(m kernel.Image, dst, buffer []float32, image, block, group int) {
	from, n := s.at(m, image, block, group)
	m.ToNCHW(s.isa, dst[from:], buffer, n, image)
}

// interleavedConvStep is lower.Conv or, if transposed, lower.ConvData.
type interleavedConvStep struct {
	interleavedImages
	transposed bool
	packed     []float32 // by block
	x, y       []float32
}

func newInterleavedConv(g lower.Geometry, x, w, y lower.Shape, transposed bool, isa kernel.ISA, work *workspace[float32]) (*interleavedConvStep, error) {
	s, err := newInterleaved(g, x, w, y, isa, work)
	if err != nil {
		return nil, err
	}
	return &interleavedConvStep{interleavedImages: s, transposed: transposed, packed: make([]float32, w.Size())}, nil
}

func (s *interleavedConvStep) run(t *team.Team, in, out []lower.Array[float32]) error {
	s.x, s.y = in[0].Elements(), out[0].Elements()
	w, size := in[1].Elements(), s.conv.Weights()
	pack := s.conv.PackForward
	if s.transposed {
		pack = s.conv.PackData
	}
	for at := 0; at < len(w); at += size {
		pack(s.packed[at:at+size], w[at:at+size])
	}
	t.Run(s, s.blocks*s.groups())
	return nil
}

// Do computes a block of channels for a group of images.
func (s *interleavedConvStep) Do(part, worker int) {
	memory, size := s.work.worker[worker], s.conv.Weights()
	group, block := part/s.blocks, part%s.blocks
	packed := s.packed[block*size:][:size]
	large, small, scratch := s.largeBuffer.of(memory), s.smallBuffer.of(memory), s.scratch.of(memory)
	if s.transposed {
		s.small.ClearHalo(small)
		s.load(s.small, small, s.x, s.smallImage, block, group)
		s.conv.RunData(large, small, packed, kernel.Epilogue{}, scratch, 0, s.large.H)
		s.store(s.large, s.y, large, s.largeImage, block, group)
		return
	}
	s.large.ClearHalo(large)
	s.load(s.large, large, s.x, s.largeImage, block, group)
	s.conv.RunForward(small, large, packed, kernel.Epilogue{}, scratch, 0, s.small.H)
	s.store(s.small, s.y, small, s.smallImage, block, group)
}

// interleavedFilterStep is lower.ConvFilter. Each run of groups of images has its own
// sums, which are added up at the end.
type interleavedFilterStep struct {
	interleavedImages
	add    func(dst, x, y []float32)
	runs   int
	sums   [][]float32 // by worker
	folded [][]float32 // by block and run
	x, dy  []float32
	dw     []float32
}

func newInterleavedFilter(g lower.Geometry, x, w, y lower.Shape, isa kernel.ISA, workers int, v *kernel.Vector[float32], work *workspace[float32]) (*interleavedFilterStep, error) {
	of, err := newInterleaved(g, x, w, y, isa, work)
	if err != nil {
		return nil, err
	}
	s := &interleavedFilterStep{interleavedImages: of, add: v.Binary[kernel.OpAdd], runs: min(of.groups(), convRuns)}
	s.sums = arrays(workers, s.conv.FilterSums())
	s.folded = arrays(s.blocks*s.runs, s.conv.FoldedSums())
	return s, nil
}

func (s *interleavedFilterStep) run(t *team.Team, in, out []lower.Array[float32]) error {
	s.x, s.dy, s.dw = in[0].Elements(), in[1].Elements(), out[0].Elements()
	t.Run(s, len(s.folded))
	clear(s.dw)
	for block := range s.blocks {
		parts := s.folded[block*s.runs:][:s.runs]
		for _, p := range parts[1:] {
			s.add(parts[0], parts[0], p)
		}
		size := s.conv.Weights()
		s.conv.FinishFilter(s.dw[block*size:][:size], parts[0])
	}
	return nil
}

// Do adds up a run of groups of images for a block of channels.
func (s *interleavedFilterStep) Do(part, worker int) {
	memory, sums := s.work.worker[worker], s.sums[worker]
	block, run, groups := part/s.runs, part%s.runs, s.groups()
	large, small := s.largeBuffer.of(memory), s.smallBuffer.of(memory)
	clear(sums)
	s.large.ClearHalo(large)
	for g := groups * run / s.runs; g < groups*(run+1)/s.runs; g++ {
		s.load(s.large, large, s.x, s.largeImage, block, g)
		s.load(s.small, small, s.dy, s.smallImage, block, g)
		s.conv.RunFilter(sums, large, small, s.scratch.of(memory))
	}
	clear(s.folded[part])
	s.conv.FoldFilter(s.folded[part], sums)
}
