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

// nonsmoothPoint is an activation so close to a kink, where a derivative jumps, that
// rounding decides its side. The gradient of its sample then has two values, and both
// are right.
type nonsmoothPoint struct {
	sample int
	where  string // the layer, the op and the index
	// exact is the distance from the kink in float64 with the TapeMachine's weights.
	// tape and machine are the distances on the two machines with their own weights.
	exact, tape, machine float64
	rounding             float64 // how far rounding moves such an activation
}

// differs reports whether the activation is on different sides on the two machines.
func (k nonsmoothPoint) differs() bool { return (k.tape > 0) != (k.machine > 0) }

func (k nonsmoothPoint) String() string {
	return fmt.Sprintf("%s is %.1e from its kink, %.1e on the TapeMachine, %.1e on the compiled machine, and rounding moves it by %.1e",
		k.where, k.exact, k.tape, k.machine, k.rounding)
}

// nonsmoothFinder finds activations at kinks with forward passes in float64 and on
// both machines.
type nonsmoothFinder struct {
	exact, tape, machine *forward
}

func newNonsmoothFinder(c comparison) (*nonsmoothFinder, error) {
	f := &nonsmoothFinder{}
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

func (f *nonsmoothFinder) close() error {
	var errs []error
	for _, m := range []*forward{f.exact, f.tape, f.machine} {
		if m != nil {
			errs = append(errs, m.machine.Close())
		}
	}
	return errors.Join(errs...)
}

// forward is a net's forward pass on a machine whose outputs are the nodes at kinks.
type forward struct {
	params  *graph.Params
	b       *graph.Builder
	machine vm.Machine
	batch   int
	sites   []nonsmoothSite
}

// nonsmoothSite is a node whose elements are distances from kinks, or images of which
// a pool takes the maximum of each window.
type nonsmoothSite struct {
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
		f.b.Output(siteName(i), s.node)
	}
	p, err := f.b.Program()
	if err != nil {
		return nil, err
	}
	f.machine, err = on.Compile(p)
	return f, err
}

// siteName is the output name of site i.
func siteName(i int) string { return fmt.Sprint("site", i) }

// addSites adds the sites of a node.
func (f *forward) addSites(o exprgraph.Ordered) {
	a, ours := op.At(o.Node)
	if !ours || len(o.Node.Shape()) == 0 || o.Node.Shape()[0] != f.batch {
		return
	}
	where := f.b.LayerOf(o.Node) + " " + a.Name()
	operandOf := map[lower.Value]lower.Value{} // by broadcast value: its operand
	for _, s := range a.Lowered().Steps() {
		switch p := s.Prim.(type) {
		case lower.BroadcastTo:
			operandOf[s.Out[0]] = s.In[0]
		case lower.Pool:
			f.sites = append(f.sites, nonsmoothSite{where, o.Operands[0], &p.Window})
		case lower.Map:
			in := make([]*graph.Node, len(s.In))
			for i, v := range s.In {
				if of, ok := operandOf[v]; ok {
					v = of
				}
				if int(v) >= len(o.Operands) {
					return // the operand is computed within the op
				}
				in[i] = o.Operands[v]
			}
			for _, gap := range gaps(p.Expr) {
				f.sites = append(f.sites, nonsmoothSite{where + " " + p.Expr.String(), f.b.Map(gap, in...), nil})
			}
		}
	}
}

// gaps returns expressions that are 0 at the kinks of an expression.
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

// run computes the nodes of all sites with the given weights.
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
		v, err := f.machine.Floats(siteName(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// find returns the activations of the last step whose side is decided by rounding. In
// float64, their distance from the kink is below one of two thresholds. The first is
// eight times the largest change in any activation of the node when every weight
// changes by ulp. The second is the change due to the compiled machine's weights. An
// activation exactly on the kink, such as a ReLU of zero, is there on every machine.
func (f *nonsmoothFinder) find(tape, machine *trainee, x []float32, ulp float64) ([]nonsmoothPoint, error) {
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
	var found []nonsmoothPoint
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
				found = append(found, nonsmoothPoint{
					sample: k / (len(exact) / tape.batch), where: fmt.Sprintf("%s %v", s.where, s.index(k)),
					exact: g, tape: gap[3][k], machine: gap[4][k], rounding: rounding,
				})
			}
		}
	}
	return found, nil
}

// jitter changes every number up or down by a share of ulp.
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

// gaps returns the distances in the node's value x. For a pool, it is how much the
// element that is the maximum of its window in at exceeds all others in x.
func (s nonsmoothSite) gaps(at, x []float64) []float64 {
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

// windows calls see with the indices of each window's elements, in order.
func (s nonsmoothSite) windows(visit func(cells []int)) {
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
				visit(cells)
			}
		}
	}
}

// index is the position of gap k.
func (s nonsmoothSite) index(k int) []int {
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

// nudgeOff reduces every value of the samples with an activation at a kink by 1/4096,
// and doubles that with each further try. This moves the activations off their kinks.
func nudgeOff(x []float32, batch int, kinks []nonsmoothPoint, try int) []float32 {
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
