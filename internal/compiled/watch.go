package compiled

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/vm"
)

// location describes element i, in row-major order, of a node's value.
func (m *Machine) location(n *graph.Node, from []*graph.Node, i int) vm.Location {
	s := vm.Location{Node: n, Layer: m.origin.layer(n), Of: m.role(n), Shape: graph.Shape(n.Shape())}
	if n.Op() != nil {
		s.Op = fmt.Sprint(n.Op())
	}
	for _, x := range from {
		s.In = append(s.In, graph.Shape(x.Shape()))
	}
	s.Index = make([]int, len(s.Shape))
	for a := len(s.Shape) - 1; a >= 0; a-- {
		s.Index[a], i = i%s.Shape[a], i/s.Shape[a]
	}
	return s
}

// role returns a node's role in the program: the next value of a parameter, a
// gradient, or "".
func (m *Machine) role(n *graph.Node) string {
	for _, u := range m.source.Updates {
		if u.Next == n {
			return "the next value of " + u.Param.Name()
		}
	}
	if of := m.origin.gradientOf(n); of != nil {
		return "the gradient of " + of.Name()
	}
	return ""
}

// watch looks for values that are not finite.
type watch struct {
	runs  uint32
	state []*tensor.Dense // the parameters and states that a run changes
	saved []any           // their elements before the run
	all   *nodeByNode     // nil until it is needed
}

func newWatch(p *plan.Plan) *watch {
	w := &watch{}
	for _, u := range p.Updates {
		w.state = append(w.state, u.Param.Value())
	}
	w.state = append(w.state, p.Next...)
	for _, t := range w.state {
		switch x := t.Data().(type) {
		case []float32:
			w.saved = append(w.saved, make([]float32, len(x)))
		case []float64:
			w.saved = append(w.saved, make([]float64, len(x)))
		}
	}
	return w
}

func (w *watch) close() error {
	if w.all == nil {
		return nil
	}
	return w.all.Close()
}

// save copies the parameters and states that the run will change.
func (w *watch) save(m *Machine) error {
	w.runs = *m.engine.Clock()
	for _, u := range m.plan.Updates {
		if err := u.Param.Sync(); err != nil {
			return err
		}
	}
	for i, t := range w.state {
		copyState(w.saved[i], t.Data())
	}
	return nil
}

// restore rolls back the run's changes.
func (w *watch) restore(m *Machine) {
	for i, t := range w.state {
		copyState(t.Data(), w.saved[i])
	}
	for _, u := range m.plan.Updates {
		u.Param.Storage(storage.Access{}).MarkHostChanged()
	}
	*m.engine.Clock() = w.runs
}

func copyState(to, from any) {
	switch to := to.(type) {
	case []float32:
		copy(to, from.([]float32))
	case []float64:
		copy(to, from.([]float64))
	}
}

// check returns an error if the run computed a value that is not finite. It then rolls
// back the run and computes every node separately, to name the first such node.
func (w *watch) check(m *Machine) error {
	var found *vm.NonFinite
	for k, n := range m.plan.Kept {
		i, v := firstNonFinite(n.Value())
		if m.plan.Unpublished {
			x := make([]float64, graph.Shape(n.Shape()).Size())
			if err := m.engine.Floats(k, 0, x); err != nil {
				return err
			}
			i, v = nonFinite(x)
		}
		if i >= 0 && found == nil {
			found = &vm.NonFinite{Location: m.location(n, nil, i), Value: v, FromFusion: true}
		}
	}
	for _, u := range m.plan.Updates {
		if i, v := firstNonFinite(u.Param.Value()); i >= 0 && found == nil {
			found = &vm.NonFinite{Location: m.location(u.Next, nil, i), Value: v, FromFusion: true}
		}
	}
	if found == nil {
		return nil
	}
	w.restore(m)
	if w.all == nil {
		all, err := m.newNodeByNode()
		if err != nil {
			return fmt.Errorf("%w (and finding the node that caused it failed: %w)", found, err)
		}
		w.all = all
	}
	values, err := w.all.values(w.runs)
	if err != nil {
		return fmt.Errorf("%w (and finding the node that caused it failed: %w)", found, err)
	}
	for _, d := range w.all.nodes {
		if i, v := firstNonFinite(values[d.Node]); i >= 0 {
			return &vm.NonFinite{Location: m.location(d.Node, d.From, i), Value: v}
		}
	}
	return found
}

// firstNonFinite returns the index and value of the first element that is not finite;
// -1 if all are.
func firstNonFinite(v gorgonia.Value) (int, float64) {
	if v == nil {
		return -1, 0
	}
	switch x := v.Data().(type) {
	case float32:
		return nonFinite([]float32{x})
	case float64:
		return nonFinite([]float64{x})
	case []float32:
		return nonFinite(x)
	case []float64:
		return nonFinite(x)
	}
	return -1, 0
}

func nonFinite[T float32 | float64](x []T) (int, float64) {
	for i, v := range x {
		if v-v != 0 {
			return i, float64(v)
		}
	}
	return -1, 0
}
