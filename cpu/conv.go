package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// Convolutions outside regions, such as all those in float64, run as implicit matrix
// products: one row per window, read in place from the image, and one column per
// channel of the result.

// fewChannels is the number of output channels below which most lanes of a vector
// would be idle.
const fewChannels = 8

// newConv plans lower.Conv. If the stride is 1 and many input channels become few
// output channels, it multiplies kernels and images and folds the products into the
// result.
func newConv[T lower.Float](g lower.Geometry, x, w, y lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (step[T], error) {
	if g.Stride == [2]int{1, 1} && y[1] < fewChannels && x[1] > 3*y[1] {
		tiles := interp.NewConvTiles(g, x, w, y)
		return newConvFoldStep(tiles.Flip(), tiles, y[1:].Size(), isa, workers, work)
	}
	return newConvStep(g, x, w, y, false, isa, work)
}

// newConvData plans lower.ConvData. If the stride is 1, it is itself a convolution,
// with flipped kernels. In float32, most of those with a stride run as an
// interleavedConvStep instead.
func newConvData[T lower.Float](g lower.Geometry, dy, w, dx lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (step[T], error) {
	if g.Stride == [2]int{1, 1} {
		return newConvStep(g, dy, w, dx, true, isa, work)
	}
	return newConvFoldStep(interp.NewConvTiles(g, dx, w, dy), nil, dx[1:].Size(), isa, workers, work)
}

// convStep is a convolution. A part computes some panels of output channels for one
// unit of images.
type convStep[T lower.Float] struct {
	windows *convWindows
	gemm    kernel.ImplicitGemm[T]
	packing convPacking[T]
	groups  int // of panels; a part computes one group for one unit
	put     func(dst []T, dstStep int, src []T, srcStep, rows, cols int)
	image   span[T] // in a worker's memory: the padded copy of a unit
	panel   span[T] // in a worker's memory: one panel of the result
	work    *workspace[T]
	x, y    []T
	errs    []error // by part
}

func newConvStep[T lower.Float](g lower.Geometry, x, w, y lower.Shape, flipped bool, isa kernel.ISA, work *workspace[T]) (*convStep[T], error) {
	s := &convStep[T]{gemm: kernel.NewImplicitGemm[T](isa, y[1]), put: kernel.Transpose[T](isa), work: work}
	var err error
	if s.windows, err = newConvWindows(g, x, [2]int(w[2:]), [2]int(y[2:]), flipped); err != nil {
		return nil, err
	}
	if s.packing, err = newConvPacking(w, flipped, isa, work); err != nil {
		return nil, err
	}
	s.groups = min(s.gemm.Panels(), (unitParts+s.windows.units()-1)/s.windows.units())
	s.errs = make([]error, s.windows.units()*s.groups)
	var memory scratchLayout[T]
	s.image = memory.take(s.windows.scratchSize())
	s.panel = memory.take(s.windows.all.Len() * s.gemm.Width())
	work.reserve(int(memory))
	return s, nil
}

func (s *convStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	if err := s.packing.run(t, in[1].Elements()); err != nil {
		return err
	}
	s.x, s.y = in[0].Elements(), out[0].Elements()
	t.Run(s, len(s.errs))
	return firstError(s.errs)
}

// Do computes one part.
func (s *convStep[T]) Do(part, worker int) {
	memory, v := s.work.worker[worker], s.windows
	u, group := v.unit(part/s.groups), part%s.groups
	image := unitOf(v, u, s.x, 0, v.c, s.image.of(memory))
	panels, panel := s.gemm.Panels(), s.panel.of(memory)
	size, width := v.oh*v.ow, s.gemm.Width()
	for p := panels * group / s.groups; p < panels*(group+1)/s.groups; p++ {
		x := kernel.ImplicitArgs[T]{A: image, Rows: v.offsets(u), Steps: v.steps, B: s.work.shared[p*s.packing.panel:], C: panel}
		if err := s.gemm.Run(p, x); err != nil {
			s.errs[part] = err
			return
		}
		for n := u.n0; n < u.n1; n++ {
			to := (n*s.packing.columns+p*width)*size + u.r0*v.ow
			s.put(s.y[to:], size, panel[(n-u.n0)*u.ofImage()*width:], width, s.gemm.Columns(p), u.ofImage())
		}
	}
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// convPacking packs the weights of a convolution into the memory that the workers
// share, one column per channel of the result.
type convPacking[T lower.Float] struct {
	gemm               kernel.Gemm[T]
	rows, columns      int
	panel              int // elements of one panel
	piece, pieceStride int // rows of a contiguous piece, and the elements from one piece to the next
	grain              int // pieces per part
	work               *workspace[T]
	w                  []T
	errs               []error // by part
}

// packedRows is the approximate number of weight rows that a part packs.
const packedRows = 64

// newConvPacking plans the packing of weights w [O, C, KH, KW]: rows [C, KH, KW] and
// columns O or, if flipped, rows [O, KH, KW] and columns C.
func newConvPacking[T lower.Float](w lower.Shape, flipped bool, isa kernel.ISA, work *workspace[T]) (p convPacking[T], err error) {
	taps := w[2] * w[3]
	p = convPacking[T]{rows: w[1] * taps, columns: w[0], piece: packedRows, pieceStride: packedRows, grain: 1, work: work}
	b := kernel.Strides{Row: 1, Col: p.rows}
	if flipped {
		p = convPacking[T]{rows: w[0] * taps, columns: w[1], piece: taps, pieceStride: w[1] * taps, grain: max(1, packedRows/taps), work: work}
		b = kernel.Strides{Row: 1, Col: taps}
	}
	shape := kernel.GemmShape{M: 1, N: p.columns, K: p.rows, A: kernel.Strides{Row: p.rows, Col: 1}, B: b, LDC: p.columns}
	if p.gemm, err = kernel.PlanGemm[T](isa, shape); err != nil {
		return p, err
	}
	p.panel = p.gemm.PackedWidth() * p.rows
	p.errs = make([]error, (p.pieces()+p.grain-1)/p.grain)
	work.share(p.gemm.PackedB())
	return p, nil
}

func (p *convPacking[T]) pieces() int { return (p.rows + p.piece - 1) / p.piece }

func (p *convPacking[T]) run(t *team.Team, w []T) error {
	p.w = w
	t.Run(p, len(p.errs))
	return firstError(p.errs)
}

// Do packs the pieces of one part.
func (p *convPacking[T]) Do(part, _ int) {
	for i := part * p.grain; i < min((part+1)*p.grain, p.pieces()); i++ {
		row := i * p.piece
		if err := p.gemm.PackBRows(p.work.shared, p.w[i*p.pieceStride:], row, min(p.piece, p.rows-row)); err != nil {
			p.errs[part] = err
		}
	}
}
