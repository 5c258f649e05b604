package tape

import (
	"errors"
	"fmt"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/vm"
)

// The profile, report, memory and verification of a machine. Gorgonia's machine
// counts as one step.

// stopwatch adds up the time of runs while it is on.
type stopwatch struct {
	on   bool
	took time.Duration
}

func (w *stopwatch) start() (stop func()) {
	start := time.Now()
	return func() {
		if w.on {
			w.took += time.Since(start)
		}
	}
}

// Profile returns the time of the whole run as one step.
func (m *program) Profile(run func() error) ([]vm.StepProfile, error) {
	if run == nil {
		return nil, errors.New("tape: profile: no function that runs the machine")
	}
	if err := m.exclusively(func() error { m.watch = stopwatch{on: true}; return nil }); err != nil {
		return nil, err
	}
	failed := run()
	var took time.Duration
	err := m.exclusively(func() error { took, m.watch = m.watch.took, stopwatch{}; return nil })
	if err := errors.Join(failed, err); err != nil {
		return nil, err
	}
	return []vm.StepProfile{{Step: "TapeMachine", Took: took}}, nil
}

// order returns all nodes that the program needs, operands first; nil for a closed
// machine.
func (m *program) order() []exprgraph.Ordered {
	if m.tape == nil {
		return nil
	}
	var targets []*graph.Node
	for _, out := range m.of.Outputs() {
		targets = append(targets, out.Node)
	}
	for _, u := range m.of.Updates() {
		targets = append(targets, u.Next)
	}
	order, err := exprgraph.Order(m.of.Graph(), targets...)
	if err != nil {
		return nil
	}
	return order
}

// Report lists every node as one that Gorgonia's machine computes by its Do.
func (m *program) Report() vm.Report {
	var r vm.Report
	for i, o := range m.order() {
		n := vm.NodeReport{Node: o.Node, Step: -1, Place: "input"}
		if o.Node.Op() != nil {
			n.Layer, n.Op, n.Step, n.Place = m.of.LayerOf(o.Node), fmt.Sprint(o.Node.Op()), i, "own memory"
			n.Host = "Gorgonia's machine has no other way"
		}
		r = append(r, n)
	}
	return r
}

// Memory counts every computed node. It is an upper bound, because Gorgonia may reuse
// memory.
func (m *program) Memory() vm.Memory {
	var bytes int64
	for _, o := range m.order() {
		if o.Node.Op() != nil {
			bytes += int64(graph.Shape(o.Node.Shape()).Size()) * int64(o.Node.Dtype().Size())
		}
	}
	return vm.Memory{Arena: bytes, Least: bytes}
}

// String lists the nodes.
func (m *program) String() string {
	if m.tape == nil {
		return "tape: the machine is closed"
	}
	return m.Report().String()
}

// Verify runs the program on a TapeMachine that keeps every node's value, and
// compares each value with the node's definition in float64.
func (m *program) Verify() error {
	return m.exclusively(func() error {
		lock := m.of.Params().Running()
		lock.Lock()
		defer lock.Unlock()
		all, err := newTape(m.of, gorgonia.TraceExec())
		if err != nil {
			return err
		}
		defer all.vm.Close()
		for i, in := range m.tape.program.Inputs() {
			if err := gorgonia.UnsafeLet(all.program.Inputs()[i].Node, in.Node.Value()); err != nil {
				return fmt.Errorf("input %q: %w", in.Name, err)
			}
		}
		if err := m.of.Params().Sync(); err != nil {
			return err
		}
		if err := all.vm.RunAll(); err != nil {
			return err
		}
		return compiled.VerifyValues(all.program)
	})
}
