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

// regionStep runs a region of the plan: a worker takes a group of images, with
// the batch innermost, through all of it in memory of its own, then the next.
type regionStep struct {
	images int                 // in the batch
	parts  int                 // runs of groups, each with sums of its own
	moves  []move              // what is done for a group
	arena  int                 // elements that a group needs
	least  int                 // of them, needed at one time
	work   *workspace[float32] // of the workers

	prologues    []prologue
	accumulators []accumulator
	worker       []*regionWorker

	profiled []vm.StepProfile // the ops, of which a move has the number
	timed    bool
}

// regionWorker is what a worker has at hand while it runs a group.
type regionWorker struct {
	isa      kernel.ISA
	id       int
	arena    []float32
	scratch  []float32
	in, out  []lower.Array[float32] // of the region
	part     int                    // whose sums are added to
	first, n int                    // the images of the group
	took     []time.Duration        // by op, while profiled
}

// move is rows from to to-1 of an op.
type move struct {
	op       regionOp
	from, to int
	number   int // of the op in a profile
}

// regionOp computes something for a group of images, row by row.
type regionOp interface {
	// run computes rows from to to-1 of what the op is to compute.
	run(w *regionWorker, from, to int)
}

// prologue makes something ready that all groups read, such as packed weights.
type prologue interface {
	prepare(in []lower.Array[float32])
}

// accumulator adds up over the batch what is one of the region's results: a worker
// has sums of its own while it is at a part, and leaves the part's when it ends.
type accumulator interface {
	// begin makes the worker's sums zero.
	begin(w *regionWorker)
	// end makes the part's sums of the worker's.
	end(w *regionWorker)
	// finish adds the sums of all parts, in order.
	finish(out []lower.Array[float32])
}

// maxParts is into how many runs the groups of a batch are cut, at the most,
// whose sums are kept apart and then added in order: the bits of a sum depend on
// the batch alone. More parts keep more processors busy, and take more adding.
const maxParts = 16

// leastImages is how many images a region is worth: fewer would leave most lanes
// of a group idle, and are faster as whole steps.
const leastImages = 9

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
		for i := range s.moves {
			m := &s.moves[i]
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

// profile starts or stops adding up what the ops take.
func (s *regionStep) profile(on bool) {
	if s.timed = on; !on {
		return
	}
	for _, w := range s.worker {
		w.took = make([]time.Duration, len(s.profiled))
	}
}

// inner returns what each op took on a worker, on average.
func (s *regionStep) inner() []vm.StepProfile {
	out := slices.Clone(s.profiled)
	for i := range out {
		for _, w := range s.worker {
			out[i].Took += w.took[i] / time.Duration(len(s.worker))
		}
	}
	return out
}

// regionPrologue and regionFinish are what goes before the groups and after.
type (
	regionPrologue regionStep
	regionFinish   regionStep
)

// Do runs one of the prologues.
func (s *regionPrologue) Do(part, _ int) { s.prologues[part].prepare(s.worker[0].in) }

// Do finishes one of the sums.
func (s *regionFinish) Do(part, _ int) { s.accumulators[part].finish(s.worker[0].out) }

// imageBuffer is a group of images in the arena of a worker.
type imageBuffer struct {
	kernel.Image
	base        int
	first, last int          // chains of ops from that which writes it to the last that reads it
	alias       *imageBuffer // whose memory it is, if that is another's
	zeros       bool         // the halo is read
}

// root is the buffer whose memory it is.
func (b *imageBuffer) root() *imageBuffer {
	for b.alias != nil {
		b = b.alias
	}
	return b
}

// need makes the halo large enough.
func (b *imageBuffer) need(h kernel.Halo) {
	r := b.root()
	r.Halo = r.Halo.Max(h)
}

// pad makes the halo large enough for a reader, who wants zeros there.
func (b *imageBuffer) pad(h kernel.Halo) {
	b.need(h)
	b.root().zeros = b.root().zeros || h != kernel.Halo{}
}

// at returns the buffer's memory.
func (w *regionWorker) at(b *imageBuffer) []float32 {
	return w.arena[b.base : b.base+b.Len() : b.base+b.Len()]
}

// row returns row y of the images without the halo.
func (w *regionWorker) row(b *imageBuffer, y int) []float32 {
	from := b.base + b.Origin() + y*b.Row()
	return w.arena[from : from+b.W*b.Pixel()]
}

// clearEmpty writes zeros into the lanes of rows that have no image, where
// something else may have been computed from zeros.
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

// externalOperand is an array that the region reads whole, as its body has it.
type externalOperand struct {
	input  int
	layout plan.Layout
}

// array returns the array.
func (o externalOperand) array(in []lower.Array[float32]) lower.Array[float32] {
	a := in[o.input]
	return lower.Array[float32]{Shape: o.layout.Shape, Strides: o.layout.Strides, Off: a.Off + o.layout.Off, Data: a.Data}
}
