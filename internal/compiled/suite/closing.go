package suite

import (
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// closing is the kind of machine of which a test leaves none: those that it does
// not close, as few programs do, are closed at its end.
func (on Machine) closing(t *testing.T) Machine {
	with := on.With
	on.With = func(s Settings) Maker { return closer{with(s), t} }
	return on
}

// closer makes machines that are closed at the end of a test.
type closer struct {
	Maker
	t *testing.T
}

// New makes a machine of a graph.
func (c closer) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	m := c.Maker.New(g, opts...)
	c.t.Cleanup(func() { _ = m.Close() })
	return m
}

// Compile makes a machine of a program.
func (c closer) Compile(p *graph.Program) (vm.Machine, error) {
	m, err := c.Maker.Compile(p)
	if err == nil {
		c.t.Cleanup(func() { _ = m.Close() })
	}
	return m, err
}
