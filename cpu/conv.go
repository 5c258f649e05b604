package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// convKind is which of the three convolutions a step is.
type convKind uint8

const (
	convForward convKind = iota
	convData
	convFilter
)

// filterSums is into how many sums the groups of a batch are gathered, in
// order, before these are added, in order: the bits of a filter gradient depend
// on the batch alone.
const filterSums = 4

// convStep runs a float32 convolution on groups of images with the batch
// innermost.
type convStep struct {
	kind   convKind
	conv   *kernel.Conv
	isa    kernel.ISA
	work   *workspace
	batch  int
	packed []float32
	sums   [][]float32 // of a filter gradient
	x, y   []float32   // of the run under way: images and results, or their gradients
	w      []float32
}

// newConvStep plans a convolution of images [N,C,H,W] with kernels [O,C,KH,KW]
// to [N,O,P,Q].
func newConvStep(kind convKind, g lower.Geometry, images, kernels, results lower.Shape, isa kernel.ISA, work *workspace) (*convStep, error) {
	geometry := kernel.ConvGeometry{
		In:     kernel.Image{H: images[2], W: images[3], C: images[1]},
		Out:    kernel.Image{H: results[2], W: results[3], C: results[1]},
		Kernel: [2]int{kernels[2], kernels[3]}, Stride: g.Stride, Dilation: g.Dilation,
		Pad: [2]int{g.Pad.Top, g.Pad.Left},
	}
	in, out := geometry.Halos()
	geometry.In.Halo = in
	if kind == convData {
		geometry.Out.Halo = out
	}
	c, err := kernel.PlanConv(isa, geometry)
	if err != nil {
		return nil, err
	}
	s := &convStep{kind: kind, conv: c, isa: isa, work: work, batch: images[0]}
	if kind == convFilter {
		for range min(filterSums, s.groups()) {
			s.sums = append(s.sums, make([]float32, c.FilterSums()))
		}
	} else {
		s.packed = make([]float32, c.Weights())
	}
	work.reserve(c.In.Len() + c.Out.Len() + c.Scratch())
	return s, nil
}

func (s *convStep) groups() int { return (s.batch + kernel.Group - 1) / kernel.Group }

func (s *convStep) run(t *team.Team, in, out []lower.Array[float32]) error {
	switch s.kind {
	case convForward:
		s.x, s.w, s.y = in[0].Elements(), in[1].Elements(), out[0].Elements()
		s.conv.PackForward(s.packed, s.w)
		t.Run(s, s.groups())
	case convData:
		s.y, s.w, s.x = in[0].Elements(), in[1].Elements(), out[0].Elements()
		s.conv.PackData(s.packed, s.w)
		t.Run(s, s.groups())
	case convFilter:
		s.x, s.y, s.w = in[0].Elements(), in[1].Elements(), out[0].Elements()
		clear(s.w)
		t.Run(s, len(s.sums))
		for _, sum := range s.sums {
			s.conv.FinishFilter(s.w, sum)
		}
	}
	return nil
}

// Do runs one group of images or, of a filter gradient, one of the sums.
func (s *convStep) Do(part, worker int) {
	m := carve(s.work.worker[worker], s.conv.In.Len(), s.conv.Out.Len(), s.conv.Scratch())
	in, out, scratch := m[0], m[1], m[2]
	s.conv.In.ClearHalo(in)
	s.conv.Out.ClearHalo(out)
	switch s.kind {
	case convForward:
		first, n := s.group(part)
		s.conv.In.FromNCHW(s.isa, in, s.images(first, n), n)
		s.conv.RunForward(out, in, s.packed, nil, false, scratch)
		s.conv.Out.ToNCHW(s.isa, s.results(first, n), out, n)
	case convData:
		first, n := s.group(part)
		s.conv.Out.FromNCHW(s.isa, out, s.results(first, n), n)
		s.conv.RunData(in, out, s.packed, nil, false, scratch)
		s.conv.In.ToNCHW(s.isa, s.images(first, n), in, n)
	case convFilter:
		clear(s.sums[part])
		groups := s.groups()
		for g := groups * part / len(s.sums); g < groups*(part+1)/len(s.sums); g++ {
			first, n := s.group(g)
			s.conv.In.FromNCHW(s.isa, in, s.images(first, n), n)
			s.conv.Out.FromNCHW(s.isa, out, s.results(first, n), n)
			s.conv.RunFilter(s.sums[part], in, out, scratch)
		}
	}
}

// group returns the first image of a group and how many it has.
func (s *convStep) group(g int) (first, n int) {
	first = g * kernel.Group
	return first, min(kernel.Group, s.batch-first)
}

func (s *convStep) images(first, n int) []float32 {
	size := s.conv.In.C * s.conv.In.H * s.conv.In.W
	return s.x[first*size : (first+n)*size]
}

func (s *convStep) results(first, n int) []float32 {
	size := s.conv.Out.C * s.conv.Out.H * s.conv.Out.W
	return s.y[first*size : (first+n)*size]
}
