package cpu

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// regionBuilder turns the steps of a region into ops on groups of images.
type regionBuilder struct {
	*regionStep
	isa     kernel.ISA
	body    *lower.Func
	layouts []plan.Layout
	made    map[lower.Value]int   // the step that makes a value
	readers map[lower.Value][]int // the steps that read it; -1 for a result
	buffers map[lower.Value]*imageBuffer
	pools   map[pooling]*maxPoolOp
	now     lower.Step
	done    []bool // steps that another one's op does
	ops     []*regionNode
	scratch int
	chains  int
	placed  []*imageBuffer    // that have memory of their own
	alikes  [][2]*imageBuffer // that have to have the same halo
	asWide  [][2]*imageBuffer // whose rows are to be as far apart, in pixels
	vector  *kernel.Vector[float32]
}

// pooling tells poolings apart.
type pooling struct {
	x lower.Value
	w lower.Window
}

// regionNode is an op, and what it takes to put it in its place.
type regionNode struct {
	regionOp
	reads  []regionRead
	writes []*imageBuffer
	number int          // in the profile
	rows   int          // into how many it can be cut; 0 for none
	plan   func() error // once the halos are known
}

// regionRead is images that an op reads: for its rows up to (not including)
// to, those up to rows(to).
type regionRead struct {
	from *imageBuffer
	rows func(to int) int
}

// newRegionStep plans a region for so many workers.
func newRegionStep(p plan.Region, isa kernel.ISA, workers int, work *workspace) (*regionStep, error) {
	b := &regionBuilder{
		regionStep: &regionStep{images: p.Batch, work: work},
		isa:        isa,
		body:       p.Body,
		layouts:    plan.Layouts(p.Body),
		made:       map[lower.Value]int{},
		readers:    map[lower.Value][]int{},
		buffers:    map[lower.Value]*imageBuffer{},
		pools:      map[pooling]*maxPoolOp{},
		done:       make([]bool, len(p.Body.Steps())),
		vector:     kernel.VectorFor(isa),
	}
	b.parts = b.groups()
	for i, s := range p.Body.Steps() {
		for _, v := range s.Out {
			b.made[v] = i
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
			b.now = s
			if err := b.step(s); err != nil {
				return nil, fmt.Errorf("%v: %w", s.Prim, err)
			}
		}
	}
	b.stores()
	b.sameHalos()
	for _, n := range b.ops {
		if n.plan != nil {
			if err := n.plan(); err != nil {
				return nil, err
			}
		}
	}
	if len(b.sums) > 0 {
		b.parts = partsOf(b.groups())
	}
	b.schedule()
	work.reserve(b.arena + b.scratch)
	return b.regionStep, nil
}

// stores brings the images that others read to the region's results.
func (b *regionBuilder) stores() {
	for i, v := range b.body.Results() {
		if x := b.buffers[v]; x != nil {
			b.add(&regionNode{regionOp: &storeOp{x, i}, reads: []regionRead{whole(x)}})
		}
	}
}

// alike says that a kernel walks two buffers in the same steps.
func (b *regionBuilder) alike(x, y *imageBuffer) { b.alikes = append(b.alikes, [2]*imageBuffer{x, y}) }

// sameHalos makes halos larger where others are.
func (b *regionBuilder) sameHalos() {
	for again := true; again; {
		again = false
		for _, p := range b.alikes {
			x, y := p[0].root(), p[1].root()
			again = again || x.Halo != y.Halo
			x.need(y.Halo)
			y.need(x.Halo)
		}
		for _, p := range b.asWide {
			x, y := p[0].root(), p[1].root()
			more := x.Left + x.W + x.Right - (y.Left + y.W + y.Right)
			again = again || more != 0
			y.Right += max(more, 0)
			x.Right += max(-more, 0)
		}
	}
	for _, n := range b.ops {
		for _, x := range n.writes {
			x.Halo = x.root().Halo
		}
	}
}

// add adds an op of the step at hand.
func (b *regionBuilder) add(n *regionNode) {
	n.number = len(b.profiled)
	switch o := n.regionOp.(type) {
	case *loadOp:
		b.profiled = append(b.profiled, movement("load", o.y))
	case *storeOp:
		b.profiled = append(b.profiled, movement("store", o.x))
	default:
		b.profiled = append(b.profiled, profileOf(b.body, b.now, 4))
	}
	b.ops = append(b.ops, n)
}

// movement describes the bringing of images from or to the outside.
func movement(name string, x *imageBuffer) StepProfile {
	return StepProfile{Step: fmt.Sprintf("%s [%d %d %d]", name, x.C, x.H, x.W), Bytes: int64(2 * 4 * x.C * x.H * x.W)}
}

// whole reads all images before anything else is done.
func whole(x *imageBuffer) regionRead { return regionRead{x, func(int) int { return x.H }} }

// same reads the rows that are computed.
func same(x *imageBuffer) regionRead { return regionRead{x, func(to int) int { return to }} }

// images returns the buffer of images, which are brought from outside if they
// are not of the region.
func (b *regionBuilder) images(v lower.Value) *imageBuffer {
	if x := b.buffers[v]; x != nil {
		return x
	}
	x := b.buffer(v)
	b.add(&regionNode{regionOp: &loadOp{b.outside(v), x}, writes: []*imageBuffer{x}})
	return x
}

// buffer makes a buffer for a value [N, C, H, W].
func (b *regionBuilder) buffer(v lower.Value) *imageBuffer {
	x := &imageBuffer{Image: b.image(v)}
	b.buffers[v] = x
	return x
}

// image is what a value [N, C, H, W] is as a group of images without a halo.
func (b *regionBuilder) image(v lower.Value) kernel.Image {
	s := b.body.Shape(v)
	return kernel.Image{H: s[2], W: s[3], C: s[1], Alone: b.lanes() == 1}
}

func (b *regionBuilder) outside(v lower.Value) outside {
	return outside{int(b.layouts[v].Root), b.layouts[v]}
}

// channels returns an operand that has one number for each channel, or nil if
// it is something else.
func (b *regionBuilder) channels(v lower.Value) *channels {
	l := b.layouts[v]
	if b.buffers[v] != nil || int(l.Root) >= b.body.Inputs() || l.Strides[0] != 0 || l.Strides[2] != 0 || l.Strides[3] != 0 {
		return nil
	}
	c := &channels{from: b.outside(v), pixel: b.image(v), one: make([]float32, l.Shape[1])}
	b.prepares = append(b.prepares, c)
	return c
}

// only returns the one step that reads a value, if that is an elementwise one
// and the value is no result.
func (b *regionBuilder) only(v lower.Value) (step int, m lower.Map, ok bool) {
	if r := b.readers[v]; len(r) == 1 && r[0] >= 0 {
		m, ok = b.body.Steps()[r[0]].Prim.(lower.Map)
		return r[0], m, ok
	}
	return 0, m, false
}

// result returns the index of a result.
func (b *regionBuilder) result(v lower.Value) int { return slices.Index(b.body.Results(), v) }

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
		b.sumPool(p.Window, p.Share, s.In[0], out)
	case lower.PoolSpread:
		b.spread(p.Window, p.Share, s.In[0], out)
	case lower.Reduce:
		b.reduce(s.In[0], out)
	case lower.Map:
		b.elements(p, s.In, out)
	default:
		return fmt.Errorf("is not known to regions")
	}
	return nil
}

// conv adds a convolution of x by w or, turned, the data gradient, and what
// follows it if that is a bias or a ReLU.
func (b *regionBuilder) conv(turned bool, g lower.Geometry, in []lower.Value, out lower.Value) {
	kernels := [2]int(b.body.Shape(in[1])[2:])
	o := &convOp{turned: turned, x: b.images(in[0]), weights: b.outside(in[1])}
	o.bias, o.relu, out = b.biasAndReLU(out)
	o.y = b.buffer(out)
	small, large := o.y, o.x
	rows := func(to int) int { return (to-1)*g.Stride[0] + (kernels[0]-1)*g.Dilation[0] - g.Pad.Top + 1 }
	if turned {
		small, large = o.x, o.y
		rows = func(to int) int { return (to-1+g.Pad.Top)/g.Stride[0] + 1 }
	}
	in0, out0 := geometry(g, kernels, large, small).Halos()
	if turned {
		o.x.pad(out0)
		o.y.need(in0) // what the kernel would read going forward
	} else {
		o.x.pad(in0)
	}
	cut := o.y.H
	if o.y.Alone && turned {
		cut = 0
	} else if o.y.Alone && g.Stride == [2]int{1, 1} {
		b.asWide = append(b.asWide, [2]*imageBuffer{o.x, o.y})
	}
	b.prepares = append(b.prepares, o)
	b.add(&regionNode{
		regionOp: o, rows: cut, writes: []*imageBuffer{o.y},
		reads: []regionRead{{o.x, func(to int) int { return min(max(rows(to), 0), o.x.H) }}},
		plan: func() (err error) {
			o.conv, err = planConv(b.isa, geometry(g, kernels, large, small))
			if err == nil {
				o.packed = make([]float32, o.conv.Weights())
				b.scratch = max(b.scratch, o.conv.Scratch())
			}
			return err
		},
	})
}

// geometry is that of a convolution of large images to small ones.
func geometry(g lower.Geometry, kernels [2]int, large, small *imageBuffer) kernel.ConvGeometry {
	return kernel.ConvGeometry{
		In: large.Image, Out: small.Image,
		Kernel: kernels, Stride: g.Stride, Dilation: g.Dilation, Pad: [2]int{g.Pad.Top, g.Pad.Left},
	}
}

// biasAndReLU returns the bias and whether there is a ReLU, if an elementwise
// step that adds nothing else is the only one to read the value; what that makes
// is then computed in its stead.
func (b *regionBuilder) biasAndReLU(v lower.Value) (bias *channels, relu bool, out lower.Value) {
	step, m, ok := b.only(v)
	if !ok {
		return nil, false, v
	}
	s := b.body.Steps()[step]
	e := m.Expr
	if relu = isReLU(e); relu {
		e = e.Operands()[0]
	}
	args := []lower.Expr{e}
	if e.Fn() == lower.FnAdd {
		args = e.Operands()
	}
	for _, a := range args {
		if a.Fn() != lower.FnArg {
			return nil, false, v
		}
		if operand := s.In[a.Index()]; operand != v {
			if bias != nil {
				return nil, false, v
			}
			if bias = b.channels(operand); bias == nil {
				return nil, false, v
			}
		}
	}
	if len(args) == 2 && bias == nil || len(args) == 1 && !relu {
		return nil, false, v
	}
	b.done[step] = true
	return bias, relu, s.Out[0]
}

// isReLU reports whether an expression is max(x, 0).
func isReLU(e lower.Expr) bool {
	return e.Fn() == lower.FnMax && e.Operands()[1].Fn() == lower.FnNum && e.Operands()[1].Value() == 0
}

// filter adds a filter gradient.
func (b *regionBuilder) filter(p lower.ConvFilter, in []lower.Value, out lower.Value) {
	o := &filterOp{x: b.images(in[0]), dy: b.images(in[1]), out: b.result(out)}
	need, _ := geometry(p.Geometry, p.Kernel, o.x, o.dy).Halos()
	o.x.pad(need)
	b.sums = append(b.sums, o)
	b.add(&regionNode{
		regionOp: o, reads: []regionRead{whole(o.x), whole(o.dy)},
		plan: func() (err error) {
			if o.conv, err = planConv(b.isa, geometry(p.Geometry, p.Kernel, o.x, o.dy)); err == nil {
				b.scratch = max(b.scratch, o.conv.Scratch())
				o.sums = b.partSums(o.conv.FilterSums())
			}
			return err
		},
	})
}

// partSums returns sums of n elements for each part.
func (b *regionBuilder) partSums(n int) [][]float32 {
	sums := make([][]float32, partsOf(b.groups()))
	for i := range sums {
		sums[i] = make([]float32, n)
	}
	return sums
}

// reduce adds a sum over everything or, where the result has several channels,
// over each.
func (b *regionBuilder) reduce(x, out lower.Value) {
	from := b.images(x)
	n := &regionNode{rows: from.H, reads: []regionRead{same(from)}}
	if c := b.body.Shape(out)[1]; c == from.C && c > 1 {
		o := &channelSumOp{isa: b.isa, x: from, out: b.result(out), sums: b.partSums(from.ChannelSums(b.isa))}
		n.regionOp, b.sums = o, append(b.sums, o)
	} else {
		o := &sumOp{sum: b.vector.Sum, x: from, out: b.result(out), sums: make([]float64, partsOf(b.groups()))}
		n.regionOp, b.sums = o, append(b.sums, o)
	}
	b.add(n)
}
