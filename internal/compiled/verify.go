package compiled

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

// Verify checks the machine on the current values of its inputs. It returns a
// *vm.Difference that names the first node whose value is wrong. It changes no
// parameter and no value.
//
// The machine computes every node separately, without fusion. Each node is then
// computed again in float64 from the same operands: by the interpreter for ops of
// package graph and of Gorgonia, by Define or Do for any other op with a lowering. The
// results may differ by 1e-5 (float32) or 1e-10 (float64) of the largest magnitude of
// the node's value, plus 8 times the rounding error of the type. The rounding error is
// the interpreter's, or the effect of rounding the operands. If that is not enough, it
// is the error that adds up from the inputs on, which is all that a mathematically
// zero gradient consists of.
//
// Then the kept nodes and the updates, as the machine's plan computes them, must agree
// with the nodes computed separately: within 1e-3 or 1e-8 of the largest magnitude,
// because rounding errors add up, plus 8 times the rounding error. A node that runs on
// the host by its own Do is not checked.
func (m *Machine) Verify() error {
	if err := m.acquire(); err != nil {
		return err
	}
	defer m.release()
	return m.backend.named(m.verify())
}

func (m *Machine) verify() error {
	if err := m.refresh(); err != nil {
		return err
	}
	runs := *m.engine.Clock()
	all, err := m.newNodeByNode()
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

// verifyNode checks one node against its definition on the same operands.
func (e *nodeByNode) verifyNode(d plan.Definition) error {
	got, err := value.Floats(e.alone[d.Node])
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
		return fmt.Errorf("node %s has %d elements, its definition gives %d", d.Node.Name(), len(got), len(want))
	}
	near := 1e-5
	if e.plan.Dtype == graph.Float64 {
		near, noise = 1e-10, noise*0x1p-29
	}
	i, tol, err := e.firstDifference(d.Node, got, want, near, 8*noise)
	if err != nil {
		return err
	}
	if i >= 0 && !d.Written {
		return &vm.Difference{Location: e.location(d.Node, d.From, i), Got: got[i], Want: want[i], Tolerance: tol}
	}
	return nil
}

// verifyPlan checks the machine's plan against the nodes computed separately. The plan
// keeps the next values of parameters and does not apply them.
func (m *Machine) verifyPlan(all *nodeByNode) error {
	nodes := slices.Clone(m.source.Keep)
	for _, u := range m.source.Updates {
		nodes = append(nodes, u.Next)
	}
	joined, err := m.withOutputs(nodes)
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
		got, err := value.Floats(values[n])
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name(), err)
		}
		want, err := value.Floats(all.alone[n])
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name(), err)
		}
		i, tol, err := all.firstDifference(n, got, want, near, 0)
		if err != nil {
			return err
		}
		if i >= 0 {
			d := &vm.Difference{Location: m.location(n, nil, i), Got: got[i], Want: want[i], Tolerance: tol}
			for _, f := range joined.plan.Summaries() {
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

// VerifyValues checks the current value of each node of a program against its
// definition in float64.
func VerifyValues(p *graph.Program) error {
	source := plan.SourceOf(p)
	source.Bound, source.Rows = nil, nil
	nodes, err := source.Everything()
	if err != nil {
		return err
	}
	source.Keep, source.Unpublished, source.Updates = nodes, false, nil
	definitions, err := plan.Definitions(source)
	if err != nil {
		return err
	}
	all := &nodeByNode{
		Machine: &Machine{source: source, origin: origin{p.LayerOf, p.GradientOf}, plan: &plan.Plan{Dtype: p.Dtype()}},
		nodes:   definitions,
		alone:   map[*graph.Node]gorgonia.Value{},
	}
	for _, d := range definitions {
		all.alone[d.Node] = d.Node.Value()
	}
	for _, d := range definitions {
		if d.Func == nil {
			continue
		}
		if err := all.verifyNode(d); err != nil {
			return err
		}
	}
	return nil
}
