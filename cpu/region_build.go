package cpu

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// regionBuilder compiles the steps of a region to ops on groups of images.
type regionBuilder struct {
	*regionStep
	isa       kernel.ISA
	body      *lower.Func
	layouts   []plan.Layout
	producer  map[lower.Value]int   // the step that computes a value
	readers   map[lower.Value][]int // the steps that read a value; -1 for a result
	buffers   map[lower.Value]*imageBuffer
	pools     map[pooling]*maxPoolOp
	current   lower.Step
	done      []bool // steps that the op of another step computes
	ops       []*regionNode
	scratch   int
	chains    int
	placed    []*imageBuffer    // with memory of their own
	haloPairs [][2]*imageBuffer // that must have the same halo
	vector    *kernel.Vector[float32]
}

// regionNode is an op and what is needed to schedule it.
type regionNode struct {
	regionOp
	reads  []regionRead
	writes []*imageBuffer
	number int          // in the profile
	rows   int          // the rows it can be split into; 0 if it cannot be split
	plan   func() error // called once the halos are known
}

// regionRead is a buffer that an op reads. To compute the rows before to, the op
// reads the rows before rows(to).
type regionRead struct {
	from *imageBuffer
	rows func(to int) int
}

// newRegionStep plans a region for the given number of workers.
func newRegionStep(p plan.Region, isa kernel.ISA, workers int, work *workspace[float32]) (*regionStep, error) {
	b := &regionBuilder{
		regionStep: &regionStep{images: p.Batch, work: work},
		isa:        isa,
		body:       p.Body,
		layouts:    plan.Layouts(p.Body),
		producer:   map[lower.Value]int{},
		readers:    map[lower.Value][]int{},
		buffers:    map[lower.Value]*imageBuffer{},
		pools:      map[pooling]*maxPoolOp{},
		done:       make([]bool, len(p.Body.Steps())),
		vector:     kernel.VectorFor(isa),
	}
	b.parts = b.groups()
	if slices.ContainsFunc(p.Body.Steps(), func(s lower.Step) bool { return s.Prim.Facts().SumsBatch }) {
		b.parts = min(b.parts, maxParts)
	}
	for i, s := range p.Body.Steps() {
		for _, v := range s.Out {
			b.producer[v] = i
		}
		if !lower.IsView(s.Prim) {
			for _, v := range s.In {
				b.readers[v] = append(b.readers[v], i)
			}
		}
	}
	for _, v := range p.Body.Results() {
		b.readers[v] = append(b.readers[v], -1)
	}
	for range workers {
		b.worker = append(b.worker, &regionWorker{isa: isa, id: len(b.worker)})
	}
	for i, s := range p.Body.Steps() {
		if !b.done[i] && !lower.IsView(s.Prim) {
			b.current = s
			if err := b.step(s); err != nil {
				return nil, fmt.Errorf("%v: %w", s.Prim, err)
			}
		}
	}
	b.stores()
	b.matchHalos()
	for _, n := range b.ops {
		if n.plan != nil {
			if err := n.plan(); err != nil {
				return nil, err
			}
		}
	}
	b.schedule()
	work.reserve(b.arena + b.scratch)
	return b.regionStep, nil
}

// step adds the op of a step.
func (b *regionBuilder) step(s lower.Step) error {
	out := s.Out[0]
	switch p := s.Prim.(type) {
	case lower.Conv:
		b.conv(false, p.Geometry, s.In, out)
	case lower.ConvData:
		b.conv(true, p.Geometry, s.In, out)
	case lower.ConvFilter:
		b.filter(p, s.In, out)
	case lower.Pool:
		b.maxPool(p.Window, s.In[0], b.buffer(out))
	case lower.PoolGrad:
		b.maxPoolGrad(p.Window, s.In[0], s.In[1], out)
	case lower.PoolSum:
		b.sumPool(p.Window, p.Divisor, s.In[0], out)
	case lower.PoolSpread:
		b.spread(p.Window, p.Divisor, s.In[0], out)
	case lower.Reduce:
		b.reduce(s.In[0], out)
	case lower.Map:
		b.elements(p, s.In, out)
	default:
		return fmt.Errorf("regions do not support this primitive")
	}
	return nil
}

// add adds an op of the current step.
func (b *regionBuilder) add(n *regionNode) {
	n.number = len(b.profiled)
	var p vm.StepProfile
	switch o := n.regionOp.(type) {
	case *loadOp:
		p = movement("load", o.y, b.regionStep.images)
	case *storeOp:
		p = movement("store", o.x, b.regionStep.images)
	default:
		p = compiled.ProfileOf(b.body, b.current, 4)
	}
	atOnce := min(b.regionStep.images, kernel.Group*len(b.worker))
	p.AtOnce = p.Bytes * int64(atOnce) / int64(b.regionStep.images)
	b.profiled = append(b.profiled, p)
	b.ops = append(b.ops, n)
}

// allRows reads all rows before the op starts.
func allRows(x *imageBuffer) regionRead { return regionRead{x, func(int) int { return x.H }} }

// sameRows reads the rows that the op computes.
func sameRows(x *imageBuffer) regionRead { return regionRead{x, func(to int) int { return to }} }

// buffer creates the buffer of a value [N, C, H, W].
func (b *regionBuilder) buffer(v lower.Value) *imageBuffer {
	x := &imageBuffer{Image: b.image(v)}
	b.buffers[v] = x
	return x
}

// image describes a value [N, C, H, W] as a group of images without a halo.
func (b *regionBuilder) image(v lower.Value) kernel.Image {
	s := b.body.Shape(v)
	return kernel.Image{H: s[2], W: s[3], C: s[1]}
}

// soleReader returns the only step that reads a value, if it is elementwise and the
// value is not a result.
func (b *regionBuilder) soleReader(v lower.Value) (step int, m lower.Map, ok bool) {
	if r := b.readers[v]; len(r) == 1 && r[0] >= 0 {
		m, ok = b.body.Steps()[r[0]].Prim.(lower.Map)
		return r[0], m, ok
	}
	return 0, m, false
}

// result returns the index of a result.
func (b *regionBuilder) result(v lower.Value) int { return slices.Index(b.body.Results(), v) }
