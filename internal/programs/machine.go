package programs

import (
	"time"

	G "gorgonia.org/gorgonia"
)

// Machine creates a machine, as gorgonia.NewTapeMachine does.
type Machine func(g *G.ExprGraph, opts ...G.VMOpt) G.VM

// On returns a Machine that calls the constructor.
func On[M G.VM](constructor func(*G.ExprGraph, ...G.VMOpt) M) Machine {
	return func(g *G.ExprGraph, opts ...G.VMOpt) G.VM { return constructor(g, opts...) }
}

// TapeMachine is Gorgonia's own machine.
func TapeMachine(g *G.ExprGraph, opts ...G.VMOpt) G.VM { return G.NewTapeMachine(g, opts...) }

// Timed returns a Machine whose machines add the time of their RunAll to sum.
func (m Machine) Timed(sum *time.Duration) Machine {
	return func(g *G.ExprGraph, opts ...G.VMOpt) G.VM { return &timed{m(g, opts...).(vm), sum} }
}

// vm is what programs call on a machine: the methods of a gorgonia.VM, and the
// TapeMachine's own Let and Set.
type vm interface {
	G.VM
	Let(n *G.Node, value any) error
	Set(a, b *G.Node) error
}

type timed struct {
	vm
	sum *time.Duration
}

func (t *timed) RunAll() error {
	start := time.Now()
	err := t.vm.RunAll()
	*t.sum += time.Since(start)
	return err
}
