package compiled

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// Verify checks the machine on the values that are bound to its inputs now, and
// returns a *vm.Difference that names the first node whose value is wrong. It
// changes no parameter and no value.
//
// Every node is computed by this machine, kept apart from all others, and again
// in float64 from the operands that the machine had: by the interpreter of
// package lower for the ops of package graph and Gorgonia's, by Define or Do for
// any other op that has a lowering. A float32 may be off by 1e-5 of the largest
// magnitude of the node's value, a float64 by 1e-10, and by 8 times what the
// type may lose: what the interpreter loses in it, or what roundings of the
// operands come to, or those all the way from the inputs, which are all that there
// is of a gradient that is zero by mathematics. Then the kept nodes and the
// updates, as the machine's plan computes them, must be what the nodes alone lead
// to: within 1e-3 or 1e-8 of the largest magnitude, for roundings add up, and 8
// times what they come to. A node that runs on the host by its own Do has nothing
// to be compared with.
func (m *Machine) Verify() error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	return m.backend.named(m.verify())
}

func (m *Machine) verify() error {
	if err := m.refresh(); err != nil {
		return err
	}
	runs := *m.engine.Clock()
	all, err := m.newEverything()
	if err != nil {
		return err
	}
	defer all.Close()
	if _, err := all.values(runs); err != nil {
		return err
	}
	for _, d := range all.nodes {
		if d.Func == nil {
			continue
		}
		if err := all.verifyNode(d); err != nil {
			return err
		}
	}
	return m.verifyPlan(all)
}

// everything is a machine that computes every node, and each for itself.
type everything struct {
	*Machine
	nodes []plan.Definition // those with a value, operands before what reads them

	runs  uint32
	alone map[*graph.Node]gorgonia.Value // what it computed
	moves map[*graph.Node]float64        // how far roundings move each, once it is asked for
}

func (m *Machine) newEverything() (*everything, error) {
	nodes, err := m.source.Everything()
	if err != nil {
		return nil, err
	}
	all, err := m.keeping(nodes)
	if err != nil {
		return nil, err
	}
	definitions, err := plan.Definitions(all.source)
	if err != nil {
		return nil, err
	}
	return &everything{Machine: all, nodes: definitions}, nil
}

// keeping is another machine, which computes these nodes and updates nothing.
func (m *Machine) keeping(nodes []*graph.Node) (*Machine, error) {
	plain := m.backend
	plain.Strict, plain.Watch = false, false
	of := m.source
	of.Keep, of.Quiet, of.Updates = nodes, 0, nil
	return plain.build(of, m.origin)
}

// values computes the kept nodes, and returns them and the inputs.
func (e *everything) values(runs uint32) (map[*graph.Node]gorgonia.Value, error) {
	values, err := e.peek(runs)
	e.runs, e.alone, e.moves = runs, values, nil
	for _, d := range e.nodes {
		if d.Node.Op() != nil {
			continue
		}
		if p := e.param(d.Node); p != nil && err == nil {
			err = p.Sync() // a device may have a newer value than the node's
		}
		values[d.Node] = d.Node.Value()
	}
	return values, err
}

// param is the parameter that a node reads, nil of any other.
func (m *Machine) param(n *graph.Node) *graph.Param {
	if m.source.ParamOf == nil {
		return nil
	}
	return m.source.ParamOf(n)
}

func (m *Machine) peek(runs uint32) (map[*graph.Node]gorgonia.Value, error) {
	*m.engine.Clock() = runs
	values, err := m.engine.Peek()
	out := map[*graph.Node]gorgonia.Value{}
	if err != nil {
		return out, err
	}
	for i, n := range m.plan.Kept {
		out[n] = values[i]
	}
	return out, nil
}

// verifyNode checks one node by what it was computed from.
func (e *everything) verifyNode(d plan.Definition) error {
	got, err := Floats(e.alone[d.Node])
	if err != nil {
		return fmt.Errorf("node %s: %w", d.Node.Name(), err)
	}
	in, err := operands(d, e.alone, e.runs)
	if err != nil {
		return fmt.Errorf("node %s: %w", d.Node.Name(), err)
	}
	want, noise, err := expect(d, in)
	if err != nil {
		return fmt.Errorf("node %s: %w", d.Node.Name(), err)
	}
	if len(want) != len(got) {
		return fmt.Errorf("node %s has %d elements, by its definition %d", d.Node.Name(), len(got), len(want))
	}
	near := 1e-5
	if e.plan.Dtype == graph.Float64 {
		near, noise = 1e-10, noise*0x1p-29
	}
	i, tol, err := e.off(d.Node, got, want, near, 8*noise)
	if err != nil {
		return err
	}
	if i >= 0 && !d.Written {
		return &vm.Difference{Spot: e.spot(d.Node, d.From, i), Got: got[i], Want: want[i], Tolerance: tol}
	}
	return nil
}

// operands are what the node's function reads, in float64.
func operands(d plan.Definition, values map[*graph.Node]gorgonia.Value, runs uint32) ([]graph.Array, error) {
	var in []graph.Array
	add := func(v gorgonia.Value) error {
		x, err := Floats(v)
		if err != nil {
			return err
		}
		shape := d.Func.Shape(lower.Value(len(in)))
		if len(x) != shape.Size() {
			return fmt.Errorf("operand %d has %d elements, want %v", len(in), len(x), shape)
		}
		in = append(in, lower.ArrayOf(x, shape))
		return nil
	}
	for _, x := range d.From {
		if err := add(values[x]); err != nil {
			return nil, err
		}
	}
	for _, s := range d.State {
		v := s.Value
		words, made, err := s.Words(runs)
		if err != nil {
			return nil, err
		}
		if made {
			v = graph.NewValue(words[:], graph.Shape{4})
		}
		if s.Indices != nil {
			rows := make([]float64, d.Func.Shape(lower.Value(len(in))).Size())
			if err := plan.ReadIndices(s.Indices, rows); err != nil {
				return nil, err
			}
			v = graph.NewValue(rows, graph.Shape{len(rows)})
		}
		if err := add(v); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// expect computes a node in float64, and what float32 may lose of it: what the
// interpreter loses, and what becomes of roundings of the operands.
func expect(d plan.Definition, in []graph.Array) (want []float64, noise float64, err error) {
	wide, err := lower.Run(d.Func, in...)
	if err != nil {
		return nil, 0, err
	}
	want = wide[0].Elements()
	narrow := narrowed(in)
	plain, err := lower.Run(d.Func, narrow...)
	if err != nil {
		return nil, 0, err
	}
	noise = furthest(want, plain[0].Elements())
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 0))
		moved := make([]graph.Array, len(in))
		for i, x := range in {
			moved[i] = lower.NewArray[float64](x.Shape)
			for k, v := range x.Data {
				moved[i].Data[k] = v * (1 + float64(2*r.IntN(2)-1)*0x1p-23)
			}
		}
		near, err := lower.Run(d.Func, moved...)
		if err != nil {
			break // a counter that is no whole number
		}
		noise = max(noise, furthest(want, near[0].Elements()))
	}
	if _, own := d.Node.Op().(graph.Lowerer); own {
		want, err = byDo(d.Node, narrow, in)
		return want, noise, err
	}
	if a, ours := graph.AppliedAt(d.Node); ours && !slices.ContainsFunc(graph.Ops(), func(o graph.Info) bool { return o.Name == a.Info().Name }) {
		want = nil
		for _, out := range a.Define(in) {
			want = append(want, out.Elements()...)
		}
	}
	return want, noise, nil
}

// byDo computes a node by its own Do, in the node's type.
func byDo(n *graph.Node, narrow []lower.Array[float32], wide []graph.Array) (want []float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Do panicked: %v", r)
		}
	}()
	values := make([]gorgonia.Value, len(wide))
	for i := range values {
		if n.Dtype() == graph.Float64 {
			values[i] = graph.NewValue(slices.Clone(wide[i].Elements()), wide[i].Shape)
		} else {
			values[i] = graph.NewValue(narrow[i].Elements(), narrow[i].Shape)
		}
	}
	v, err := n.Op().Do(values...)
	if err != nil {
		return nil, err
	}
	return Floats(v)
}

// furthest returns the greatest finite distance of two elements.
func furthest[T lower.Float](want []float64, got []T) (most float64) {
	for i, v := range got {
		if off := math.Abs(float64(v) - want[i]); off < math.Inf(1) {
			most = max(most, off)
		}
	}
	return most
}

// differs returns the first element at which two arrays differ by more than
// near times the largest magnitude wanted, plus noise; -1 if there is none.
func differs(got, want []float64, near, noise float64) (at int, tolerance float64) {
	largest := 0.0
	for _, v := range want {
		if a := math.Abs(v); a < math.Inf(1) {
			largest = max(largest, a)
		}
	}
	tolerance = near*largest + noise
	for i, w := range want {
		if w == got[i] || math.IsNaN(w) && math.IsNaN(got[i]) {
			continue
		}
		if !(math.Abs(w-got[i]) <= tolerance) {
			return i, tolerance
		}
	}
	return -1, tolerance
}

// verifyPlan checks the plan as it is, but that the updates are kept only,
// against the values of nodes that were computed alone.
func (m *Machine) verifyPlan(all *everything) error {
	nodes := slices.Clone(m.source.Keep)
	for _, u := range m.source.Updates {
		nodes = append(nodes, u.Next)
	}
	joined, err := m.keeping(nodes)
	if err != nil {
		return err
	}
	defer joined.Close()
	values, err := joined.peek(all.runs)
	if err != nil {
		return err
	}
	near := 1e-3
	if m.plan.Dtype == graph.Float64 {
		near = 1e-8
	}
	for _, n := range nodes {
		if n.Op() == nil || n.Dtype() != m.plan.Dtype {
			continue
		}
		got, err := Floats(values[n])
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name(), err)
		}
		want, err := Floats(all.alone[n])
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name(), err)
		}
		i, tol, err := all.off(n, got, want, near, 0)
		if err != nil {
			return err
		}
		if i >= 0 {
			d := &vm.Difference{Spot: m.spot(n, nil, i), Got: got[i], Want: want[i], Tolerance: tol}
			for _, f := range joined.plan.Fates() {
				if f.Node == n && f.Step >= 0 {
					what, _, _ := strings.Cut(joined.plan.Steps[f.Step].Prim.String(), "\n")
					d.Step = fmt.Sprintf("step %d, %s", f.Step, what)
				}
			}
			return d
		}
	}
	return nil
}

// Floats returns a value's elements in float64.
func Floats(v gorgonia.Value) ([]float64, error) {
	if x, err := graph.Elements[float64](v); err == nil {
		return x, nil
	}
	x, err := graph.Elements[float32](v)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out, nil
}
