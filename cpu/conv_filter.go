package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// convFilterStep runs lower.ConvFilter as implicit products: one row per weight of an
// input channel, read in place from the images, and one column per channel of the
// gradients. Each run of units has its own sums, which are added up at the end.
//
// If the stride is 1 and the gradients have few channels, fewer than the images, the
// two operands are swapped: the images become the columns.
//
// Groups of channels are products of their own.
type convFilterStep[T lower.Float] struct {
	windows *convWindows
	swapped bool // the images are the columns
	gemm    kernel.ImplicitGemm[T]
	pack    [2]kernel.Gemm[T] // for the columns of a full unit, and of the last unit
	runs    int               // of units, each with its own sums
	groups  int               // of channels, with weights of their own
	splits  int               // of the channels of a group; a part computes one for one run
	columns int               // of a group
	put     func(dst []T, dstStep int, src []T, srcStep, rows, cols int)
	add     func(dst, x, y []T)
	image   span[T] // in a worker's memory: the padded copy of a unit
	packed  span[T] // in a worker's memory: the columns of a unit
	work    *workspace[T]
	sums    []T     // by run and group: the panels of the product
	x, dy   []T     // the operand that is read in place, and the columns
	dw      []T     // [O, C, KH, KW]
	errs    []error // by part
}

const (
	// convRuns is the maximum number of runs. convSums limits the elements of all
	// their sums together, except that four runs are always allowed.
	convRuns = 16
	convSums = 1 << 17
)

func newConvFilterStep[T lower.Float](g lower.Geometry, x, dy, dw lower.Shape, isa kernel.ISA, work *workspace[T], v *kernel.Vector[T]) (*convFilterStep[T], error) {
	s := &convFilterStep[T]{
		groups: g.ChannelGroups(), swapped: g.Groups <= 1 && g.Stride == [2]int{1, 1} && dy[1] < min(x[1], fewChannels),
		put: kernel.Transpose[T](isa), add: v.Binary[kernel.OpAdd], work: work,
	}
	if s.swapped {
		x, dy = dy, x
	}
	s.columns = dy[1] / s.groups
	s.gemm = kernel.NewImplicitGemm[T](isa, s.columns)
	var err error
	if s.windows, err = newConvWindows(g, x, [2]int(dw[2:]), [2]int(dy[2:]), s.swapped); err != nil {
		return nil, err
	}
	w := s.windows
	units := w.units()
	for i, u := range [2]convUnit{w.unit(0), w.unit(units - 1)} {
		shape := kernel.GemmShape{
			M: 1, N: s.columns, K: u.windows(),
			A: kernel.Strides{Row: u.windows(), Col: 1}, B: kernel.Strides{Row: 1, Col: w.oh * w.ow}, LDC: s.columns,
		}
		if s.pack[i], err = kernel.PlanGemm[T](isa, shape); err != nil {
			return nil, err
		}
	}
	s.runs = min(units, convRuns, max(4, convSums/(s.groups*s.size())))
	s.splits = min(w.c, (unitParts+s.runs*s.groups-1)/(s.runs*s.groups))
	s.sums = make([]T, s.runs*s.groups*s.size())
	s.errs = make([]error, s.runs*s.groups*s.splits)
	var memory scratchLayout[T]
	s.image = memory.take(w.scratchSize())
	s.packed = memory.take(s.pack[0].PackedB())
	work.reserve(int(memory))
	return s, nil
}

// weights is the number of rows of the product, panel the elements of one panel, and
// size the elements of all panels of a group.
func (s *convFilterStep[T]) weights() int { return s.windows.c * s.windows.taps }
func (s *convFilterStep[T]) panel() int   { return s.weights() * s.gemm.Width() }
func (s *convFilterStep[T]) size() int    { return s.panel() * s.gemm.Panels() }

func (s *convFilterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.x, s.dy, s.dw = in[0].Elements(), in[1].Elements(), out[0].Elements()
	if s.swapped {
		s.x, s.dy = s.dy, s.x
	}
	t.Run(s, len(s.errs))
	t.Run((*convFilterSum[T])(s), s.groups*s.gemm.Panels())
	return firstError(s.errs)
}

// Do adds up one run of units for some channels of one group.
func (s *convFilterStep[T]) Do(part, worker int) {
	w, memory := s.windows, s.work.worker[worker]
	split, group, run, units := part%s.splits, part/s.splits%s.groups, part/s.splits/s.groups, w.units()
	c0, c1 := w.c*split/s.splits, w.c*(split+1)/s.splits
	all := s.sums[(run*s.groups+group)*s.size():]
	first := units * run / s.runs
	for i := first; i < units*(run+1)/s.runs; i++ {
		u := w.unit(i)
		packed, err := s.columnsOf(u, group, s.packed.of(memory))
		if err != nil {
			s.errs[part] = err
			return
		}
		image := unitOf(w, u, s.x, group*w.c+c0, group*w.c+c1, s.image.of(memory))
		for p := range s.gemm.Panels() {
			sums := all[p*s.panel()+c0*w.taps*s.gemm.Width():]
			x := kernel.ImplicitArgs[T]{
				A: image, Rows: w.steps.Cut(0, (c1-c0)*w.taps), Steps: w.offsets(u),
				B: packed[p*u.windows()*s.gemm.Width():], C: sums, Accumulate: i > first,
			}
			if err := s.gemm.Run(p, x); err != nil {
				s.errs[part] = err
				return
			}
		}
	}
}

// columnsOf packs the columns of a unit for a group.
func (s *convFilterStep[T]) columnsOf(u convUnit, group int, packed []T) ([]T, error) {
	pack, size := &s.pack[0], s.windows.oh*s.windows.ow
	if u.windows() != s.windows.all.Len() {
		pack = &s.pack[1]
	}
	for n := u.n0; n < u.n1; n++ {
		from := (n*s.groups+group)*s.columns*size + u.r0*u.ow
		if err := pack.PackBRows(packed, s.dy[from:], (n-u.n0)*u.ofImage(), u.ofImage()); err != nil {
			return nil, err
		}
	}
	return packed, nil
}

// convFilterSum adds up the sums of the runs, in order.
type convFilterSum[T lower.Float] convFilterStep[T]

// Do computes the weights of one panel of columns of a group.
func (s *convFilterSum[T]) Do(part, _ int) {
	f := (*convFilterStep[T])(s)
	group, p := part/s.gemm.Panels(), part%s.gemm.Panels()
	size, panel, width, taps := f.size(), f.panel(), s.gemm.Width(), s.windows.taps
	of := func(run int) []T { return s.sums[(run*s.groups+group)*size+p*panel:][:panel] }
	sum := of(0)
	for run := 1; run < s.runs; run++ {
		s.add(sum, sum, of(run))
	}
	columns := s.gemm.Columns(p)
	if !s.swapped {
		weights := f.weights()
		s.put(s.dw[(group*s.columns+p*width)*weights:], weights, sum, width, columns, weights)
		return
	}
	for o := range s.windows.c { // from rows [O, KH, KW] and columns C
		s.put(s.dw[(o*s.columns+p*width)*taps:], taps, sum[o*taps*width:], width, columns, taps)
	}
}
