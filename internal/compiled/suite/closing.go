package suite

import (
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
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
func (c closer) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) VM {
	m := c.Maker.New(g, opts...)
	c.t.Cleanup(func() { _ = m.Close() })
	return m
}

// Build makes a machine of a builder.
func (c closer) Build(b *graph.Builder) (VM, error) {
	m, err := c.Maker.Build(b)
	if err == nil {
		c.t.Cleanup(func() { _ = m.Close() })
	}
	return m, err
}

// CompileGraph makes a machine of a builder, as training asks for it.
func (c closer) CompileGraph(b *graph.Builder) (graph.VM, error) {
	m, err := c.Maker.CompileGraph(b)
	if err == nil {
		c.t.Cleanup(func() { _ = m.Close() })
	}
	return m, err
}
