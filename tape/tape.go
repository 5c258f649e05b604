// Package tape runs graphs on Gorgonia's own TapeMachine, behind the interface
// that training asks of every machine. It is the oracle in tests and the
// baseline in benchmarks.
package tape

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Machine is a TapeMachine that carries out the graph's updates after a run.
// It is a gorgonia.VM.
type Machine struct {
	vm      gorgonia.VM
	params  *graph.Params
	updates []graph.Update
	ran     bool
}

// New compiles the graph of a finished builder.
func New(b *graph.Builder) (m *Machine, err error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("tape: gorgonia cannot compile the graph: %v", r)
		}
	}()
	m = &Machine{params: b.Params(), updates: b.Updates()}
	exprgraph.Exclusive(func() { m.vm = gorgonia.NewTapeMachine(b.Graph()) })
	return m, nil
}

// Compile is New as a graph.Compiler.
func Compile(b *graph.Builder) (graph.VM, error) {
	m, err := New(b)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// RunAll runs every node, then carries out the updates. A second call without
// Reset between does nothing.
func (m *Machine) RunAll() error {
	if m.vm == nil {
		return fmt.Errorf("tape: the machine is closed")
	}
	if m.ran {
		return nil
	}
	if err := m.params.Sync(); err != nil {
		return fmt.Errorf("tape: %w", err)
	}
	if err := m.vm.RunAll(); err != nil {
		return fmt.Errorf("tape: %w", err)
	}
	m.ran = true
	return graph.Land(m.updates)
}

// Reset makes the machine ready for the next run.
func (m *Machine) Reset() {
	if m.vm != nil {
		m.vm.Reset()
		m.ran = false
	}
}

// Close frees the machine; a closed machine cannot run.
func (m *Machine) Close() error {
	if m.vm == nil {
		return nil
	}
	err := m.vm.Close()
	m.vm = nil
	return err
}
