package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// kink is an activation that lies so near to a kink, where a derivative jumps,
// that rounding decides its side: the gradient of its sample has two values,
// and both are right.
type kink struct {
	sample int
	where  string // the layer, the op and the index
	// exact is the distance from the kink in float64 at the TapeMachine's
	// weights; tape and machine are what the two machines make of it at their own.
	exact, tape, machine float64
	rounding             float64 // how far rounding moves such an activation
}

// parts tells whether the two machines take different sides.
func (k kink) parts() bool { return (k.tape > 0) != (k.machine > 0) }

func (k kink) String() string {
	return fmt.Sprintf("%s is %.1e from its kink, %.1e on the TapeMachine, %.1e on the compiled machine, and rounding moves it by %.1e",
		k.where, k.exact, k.tape, k.machine, k.rounding)
}

// kinkFinder finds kinks by a net's forward pass in float64 and on both machines.
type kinkFinder struct {
	exact, tape, machine *forward
}

func newKinkFinder(c comparison) (*kinkFinder, error) {
	f := &kinkFinder{}
	for _, m := range []struct {
		at    **forward
		dtype graph.Dtype
		on    vm.Backend
	}{
		{&f.exact, graph.Float64, cpu.Config{}},
		{&f.tape, c.p.dtype, c.tape},
		{&f.machine, c.p.dtype, c.machine},
	} {
		var err error
		if *m.at, err = newForward(c.net, c.seed, m.dtype, m.on); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	return f, nil
}

func (f *kinkFinder) close() error {
	var errs []error
	for _, m := range []*forward{f.exact, f.tape, f.machine} {
		if m != nil {
			errs = append(errs, m.machine.Close())
		}
	}
	return errors.Join(errs...)
}

// forward is a net's forward pass on a machine that keeps what lies at kinks.
type forward struct {
	params  *graph.Params
	b       *graph.Builder
	machine vm.Machine
	batch   int
	sites   []kinkSite
}

// kinkSite is a node whose elements are gaps, or images from which a pool takes
// the greatest of each window.
type kinkSite struct {
	where string
	node  *graph.Node
	pool  *lower.Window
}

func newForward(n net, seed uint64, dtype graph.Dtype, on vm.Backend) (*forward, error) {
	f := &forward{params: graph.NewParams(dtype, seed), batch: n.batch}
	f.b = graph.New(f.params, graph.Config{Training: true, Seed: seed})
	net := n.model.Build(f.b, n.batch)
	if err := f.b.Err(); err != nil {
		return nil, err
	}
	var losses []*graph.Node
	for _, task := range net.Tasks {
		losses = append(losses, task.Loss)
	}
	order, err := exprgraph.Order(f.b.Graph(), losses...)
	if err != nil {
		return nil, err
	}
	for _, o := range order {
		f.addSites(o)
	}
	for i, s := range f.sites {
		f.b.Output(site(i), s.node)
	}
	p, err := f.b.Program()
	if err != nil {
		return nil, err
	}
	f.machine, err = on.Compile(p)
	return f, err
}

// site is the name of the output of the i-th site.
func site(i int) string { return fmt.Sprint("site", i) }

// addSites adds the gaps of a node's kinks.
func (f *forward) addSites(o exprgraph.Ordered) {
	a, ours := op.At(o.Node)
	if !ours || len(o.Node.Shape()) == 0 || o.Node.Shape()[0] != f.batch {
		return
	}
	where := f.b.LayerOf(o.Node) + " " + a.Name()
	made := map[lower.Value]lower.Value{} // what an operand was broadcast to
	for _, s := range a.Lowered().Steps() {
		switch p := s.Prim.(type) {
		case lower.BroadcastTo:
			made[s.Out[0]] = s.In[0]
		case lower.Pool:
			f.sites = append(f.sites, kinkSite{where, o.Operands[0], &p.Window})
		case lower.Map:
			in := make([]*graph.Node, len(s.In))
			for i, v := range s.In {
				if of, ok := made[v]; ok {
					v = of
				}
				if int(v) >= len(o.Operands) {
					return // of a value within the op
				}
				in[i] = o.Operands[v]
			}
			for _, gap := range gaps(p.Expr) {
				f.sites = append(f.sites, kinkSite{where + " " + p.Expr.String(), f.b.Map(gap, in...), nil})
			}
		}
	}
}

// gaps returns what is 0 at the kinks of an expression.
func gaps(e lower.Expr) []lower.Expr {
	var out []lower.Expr
	of := e.Operands()
	switch e.Fn() {
	case lower.FnMax, lower.FnMin, lower.FnLess:
		out = append(out, of[0].Sub(of[1]))
	case lower.FnAbs:
		out = append(out, of[0])
	}
	for _, x := range of {
		out = append(out, gaps(x)...)
	}
	return out
}

// run computes the nodes of all sites at these weights.
func (f *forward) run(weights map[string][]float64, x []float32, first int) ([][]float64, error) {
	if err := load(f.params, weights); err != nil {
		return nil, err
	}
	if err := f.machine.Feed(graph.InputX, x); err != nil {
		return nil, err
	}
	if err := f.machine.SetClock(0, first); err != nil {
		return nil, err
	}
	if err := vm.Run(f.machine); err != nil {
		return nil, err
	}
	var out [][]float64
	for i := range f.sites {
		v, err := f.machine.Floats(site(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// find returns the activations of the last step whose side rounding decides: in
// float64 they are nearer to the kink than eight times what moving every weight
// by ulp of it moves any activation of the node, or than the compiled machine's
// other weights move them. What is on the kink exactly, such as a ReLU of
// zeros, is so on every machine.
func (f *kinkFinder) find(tape, machine *trainee, x []float32, ulp float64) ([]kink, error) {
	var at [5][][]float64
	for i, r := range []struct {
		on      *forward
		weights map[string][]float64
	}{
		{f.exact, tape.before},
		{f.exact, machine.before},
		{f.exact, jitter(tape.before, ulp)},
		{f.tape, tape.before},
		{f.machine, machine.before},
	} {
		var err error
		if at[i], err = r.on.run(r.weights, x, (tape.taken-1)*tape.batch); err != nil {
			return nil, err
		}
	}
	var found []kink
	for i, s := range f.exact.sites {
		var gap [5][]float64
		for k := range gap {
			gap[k] = s.gaps(at[0][i], at[k][i])
		}
		exact, others, moved := gap[0], gap[1], gap[2]
		rounding := 0.0
		for k, g := range exact {
			rounding = math.Max(rounding, 8*math.Abs(moved[k]-g))
		}
		for k, g := range exact {
			if g != 0 && math.Abs(g) <= math.Max(rounding, math.Abs(others[k]-g)) {
				found = append(found, kink{
					sample: k / (len(exact) / tape.batch), where: fmt.Sprintf("%s %v", s.where, s.index(k)),
					exact: g, tape: gap[3][k], machine: gap[4][k], rounding: rounding,
				})
			}
		}
	}
	return found, nil
}

// jitter moves every number up or down by ulp of it.
func jitter(weights map[string][]float64, ulp float64) map[string][]float64 {
	r := rand.New(rand.NewPCG(1, 1))
	moved := map[string][]float64{}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		w := slices.Clone(weights[name])
		for i := range w {
			w[i] *= 1 + float64(2*r.IntN(2)-1)*ulp
		}
		moved[name] = w
	}
	return moved
}

// gaps returns the gaps in the node's value x; of a pool, by how much the cell
// that is the greatest of its window in at is greater in x than all others.
func (s kinkSite) gaps(at, x []float64) []float64 {
	if s.pool == nil {
		return x
	}
	var out []float64
	s.windows(func(cells []int) {
		best, gap := cells[0], math.Inf(1)
		for _, c := range cells {
			if at[c] > at[best] {
				best = c
			}
		}
		for _, c := range cells {
			if c != best {
				gap = math.Min(gap, x[best]-x[c])
			}
		}
		out = append(out, gap)
	})
	return out
}

// windows calls see with the places of the cells of every window, in order.
func (s kinkSite) windows(see func(cells []int)) {
	shape, w := s.node.Shape(), s.pool
	count, _ := w.Windows([2]int{shape[2], shape[3]})
	var cells []int
	for image := range shape[0] * shape[1] {
		for p := range count[0] {
			for q := range count[1] {
				cells = cells[:0]
				for r := max(0, p*w.Stride[0]-w.Pad.Top); r < min(shape[2], p*w.Stride[0]-w.Pad.Top+w.Size[0]); r++ {
					for c := max(0, q*w.Stride[1]-w.Pad.Left); c < min(shape[3], q*w.Stride[1]-w.Pad.Left+w.Size[1]); c++ {
						cells = append(cells, (image*shape[2]+r)*shape[3]+c)
					}
				}
				see(cells)
			}
		}
	}
}

// index is where the k-th gap is.
func (s kinkSite) index(k int) []int {
	shape := slices.Clone([]int(s.node.Shape()))
	if s.pool != nil {
		count, _ := s.pool.Windows([2]int{shape[2], shape[3]})
		shape[2], shape[3] = count[0], count[1]
	}
	at := make([]int, len(shape))
	for a := len(shape) - 1; a >= 0; a-- {
		at[a], k = k%shape[a], k/shape[a]
	}
	return at
}

// dim takes 1/4096 off every value of the samples that have a kink, twice as
// much with each further try, and so moves their activations off it.
func dim(x []float32, batch int, kinks []kink, try int) []float32 {
	x = slices.Clone(x)
	size := len(x) / batch
	done := map[int]bool{}
	for _, k := range kinks {
		if done[k.sample] {
			continue
		}
		done[k.sample] = true
		for i := range size {
			x[k.sample*size+i] *= 1 - float32(int(1)<<try)*0x1p-12
		}
	}
	return x
}
