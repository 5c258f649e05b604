package suite

import (
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// closing returns the same kind of machine, but closes each machine at the end of the
// test, so that a test need not.
func (on Machine) closing(t *testing.T) Machine {
	with := on.With
	on.With = func(s Settings) Maker { return closer{with(s), t} }
	return on
}

// closer creates machines that are closed at the end of a test.
type closer struct {
	Maker
	t *testing.T
}

// New returns a machine for a graph.
func (c closer) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	m := c.Maker.New(g, opts...)
	c.t.Cleanup(func() { _ = m.Close() })
	return m
}

// Compile returns a machine for a program.
func (c closer) Compile(p *graph.Program) (vm.Machine, error) {
	m, err := c.Maker.Compile(p)
	if err == nil {
		c.t.Cleanup(func() { _ = m.Close() })
	}
	return m, err
}
