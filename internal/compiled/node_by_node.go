package compiled

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// nodeByNode is a machine that computes every node separately, without fusion.
type nodeByNode struct {
	*Machine
	nodes []plan.Definition // the nodes with a value, operands first

	runs          uint32
	alone         map[*graph.Node]gorgonia.Value // the computed values
	roundingError map[*graph.Node]float64        // of each node's value; nil until it is needed
}

func (m *Machine) newNodeByNode() (*nodeByNode, error) {
	nodes, err := m.source.Everything()
	if err != nil {
		return nil, err
	}
	all, err := m.withOutputs(nodes)
	if err != nil {
		return nil, err
	}
	definitions, err := plan.Definitions(all.source)
	if err != nil {
		return nil, err
	}
	return &nodeByNode{Machine: all, nodes: definitions}, nil
}

// withOutputs returns another machine, which computes these nodes and applies no updates.
func (m *Machine) withOutputs(nodes []*graph.Node) (*Machine, error) {
	plain := m.backend
	plain.Strict, plain.Watch = false, false
	of := m.source
	of.Keep, of.Unpublished, of.Updates = nodes, false, nil
	return plain.build(of, m.origin)
}

// values computes the kept nodes and returns their values and those of the inputs.
func (e *nodeByNode) values(runs uint32) (map[*graph.Node]gorgonia.Value, error) {
	values, err := e.peek(runs)
	e.runs, e.alone, e.roundingError = runs, values, nil
	for _, d := range e.nodes {
		if d.Node.Op() != nil {
			continue
		}
		if p := e.param(d.Node); p != nil && err == nil {
			err = p.Sync() // a device may have newer elements
		}
		values[d.Node] = e.source.ValueOf(d.Node)
	}
	return values, err
}

// param returns the parameter that a node reads, or nil.
func (m *Machine) param(n *graph.Node) *graph.Param {
	if m.source.ParamOf == nil {
		return nil
	}
	return m.source.ParamOf(n)
}

// peek computes the kept nodes with the clock at runs, and publishes nothing.
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
