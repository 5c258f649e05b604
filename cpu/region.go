package cpu

import (
	"slices"
	"time"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// regionStep runs a region of the plan. A worker takes one group of images after
// another through all ops, with the batch innermost, in its own memory.
type regionStep struct {
	images  int                 // in the batch
	parts   int                 // runs of groups, each with its own sums
	stripes []stripe            // what runs for each group
	arena   int                 // elements that a group needs
	least   int                 // elements that are alive at one time
	work    *workspace[float32] // of the workers

	prologues    []prologue
	accumulators []accumulator
	worker       []*regionWorker

	profiled []vm.StepProfile // by op; a stripe has the index
	timed    bool
}

// regionWorker is the state of a worker while it runs a group.
type regionWorker struct {
	isa      kernel.ISA
	id       int
	arena    []float32
	scratch  []float32
	in, out  []lower.Array[float32] // of the region
	part     int                    // whose sums the worker adds to
	first, n int                    // the images of the group
	took     []time.Duration        // by op, while profiled
}

// stripe computes rows from to to-1 of an op.
type stripe struct {
	op       regionOp
	from, to int
	number   int // of the op in the profile
}

// regionOp computes something for a group of images, row by row.
type regionOp interface {
	// run computes rows from to to-1 of the op's result.
	run(w *regionWorker, from, to int)
}

// prologue prepares something that all groups read, such as packed weights.
type prologue interface {
	prepare(in []lower.Array[float32])
}

// accumulator sums over the batch into a result of the region. A worker has its own
// sums during a part, and stores them as the part's sums at the end.
type accumulator interface {
	// begin zeroes the worker's sums.
	begin(w *regionWorker)
	// end stores the worker's sums as those of the part.
	end(w *regionWorker)
	// finish adds the sums of all parts, in order.
	finish(out []lower.Array[float32])
}

// maxParts is the maximum number of parts into which the groups of a batch are cut if
// there are sums. Each part has its own sums, which are then added in order: the bits
// of a sum depend on the batch size only. More parts keep more processors busy, but
// take longer to add up.
const maxParts = 16

// minImages is the smallest batch that runs as a region. Fewer images would leave
// most lanes of a group idle, and are faster as whole steps.
const minImages = 9

func (s *regionStep) groups() int { return (s.images + kernel.Group - 1) / kernel.Group }

func (s *regionStep) run(t *team.Team, in, out []lower.Array[float32]) error {
	for i, w := range s.worker {
		memory := s.work.worker[i]
		w.arena, w.scratch, w.in, w.out = memory[:s.arena], memory[s.arena:], in, out
	}
	t.Run((*regionPrologue)(s), len(s.prologues))
	t.Run(s, s.parts)
	t.Run((*regionFinish)(s), len(s.accumulators))
	return nil
}

// Do runs the groups of one part.
func (s *regionStep) Do(part, worker int) {
	w := s.worker[worker]
	w.part = part
	for _, o := range s.accumulators {
		o.begin(w)
	}
	groups := s.groups()
	for g := groups * part / s.parts; g < groups*(part+1)/s.parts; g++ {
		w.first = g * kernel.Group
		w.n = min(kernel.Group, s.images-w.first)
		for i := range s.stripes {
			m := &s.stripes[i]
			if s.timed {
				start := time.Now()
				m.op.run(w, m.from, m.to)
				w.took[m.number] += time.Since(start)
				continue
			}
			m.op.run(w, m.from, m.to)
		}
	}
	for _, o := range s.accumulators {
		o.end(w)
	}
}

// profile starts or stops timing the ops.
func (s *regionStep) profile(on bool) {
	if s.timed = on; !on {
		return
	}
	for _, w := range s.worker {
		w.took = make([]time.Duration, len(s.profiled))
	}
}

// inner returns the time of each op, averaged over the workers.
func (s *regionStep) inner() []vm.StepProfile {
	out := slices.Clone(s.profiled)
	for i := range out {
		for _, w := range s.worker {
			out[i].Took += w.took[i] / time.Duration(len(s.worker))
		}
	}
	return out
}

// regionPrologue and regionFinish run before and after the groups.
type (
	regionPrologue regionStep
	regionFinish   regionStep
)

// Do runs one prologue.
func (s *regionPrologue) Do(part, _ int) { s.prologues[part].prepare(s.worker[0].in) }

// Do finishes one accumulator.
func (s *regionFinish) Do(part, _ int) { s.accumulators[part].finish(s.worker[0].out) }

// imageBuffer is a group of images in a worker's arena.
type imageBuffer struct {
	kernel.Image
	base        int
	first, last int          // the chain that writes it, and the last chain that reads it
	alias       *imageBuffer // the buffer whose memory it uses; nil for its own
	zeros       bool         // the halo must be zero
}

// root is the buffer that owns the memory.
func (b *imageBuffer) root() *imageBuffer {
	for b.alias != nil {
		b = b.alias
	}
	return b
}

// need makes the halo at least as large as h.
func (b *imageBuffer) need(h kernel.Halo) {
	r := b.root()
	r.Halo = r.Halo.Max(h)
}

// pad is need for a reader that needs zeros in the halo.
func (b *imageBuffer) pad(h kernel.Halo) {
	b.need(h)
	b.root().zeros = b.root().zeros || h != kernel.Halo{}
}

// at returns the buffer's memory.
func (w *regionWorker) at(b *imageBuffer) []float32 {
	return w.arena[b.base : b.base+b.Len() : b.base+b.Len()]
}

// row returns row y of the images, without the halo.
func (w *regionWorker) row(b *imageBuffer, y int) []float32 {
	from := b.base + b.Origin() + y*b.Row()
	return w.arena[from : from+b.W*b.Pixel()]
}

// clearEmpty zeroes the lanes that have no image. A bias, for example, makes them
// nonzero.
func (w *regionWorker) clearEmpty(b *imageBuffer, from, to int) {
	if w.n == kernel.Group {
		return
	}
	for y := from; y < to; y++ {
		row := w.row(b, y)
		for i := 0; i < len(row); i += kernel.Group {
			clear(row[i+w.n : i+kernel.Group])
		}
	}
}

// externalOperand is an array that the region reads from outside, with its layout in
// the region's body.
type externalOperand struct {
	input  int
	layout plan.Layout
}

// array returns the array, given the inputs of the region.
func (o externalOperand) array(in []lower.Array[float32]) lower.Array[float32] {
	a := in[o.input]
	return lower.Array[float32]{Shape: o.layout.Shape, Strides: o.layout.Strides, Off: a.Off + o.layout.Off, Data: a.Data}
}
