package programs

import (
	"errors"
	"fmt"

	G "gorgonia.org/gorgonia"
)

// loop is the loop of most programs: feed, run, look, learn, reset.
type loop struct {
	vm     G.VM
	feed   func(i int) error
	reads  []reading
	learn  G.Nodes
	solver G.Solver // nil for inference only
}

// train returns the loop that minimizes a cost of the sheet.
func (s *sheet) train(cost *G.Node, solver G.Solver, machine Machine, feed func(i int) error) (*loop, error) {
	if _, err := G.Grad(cost, s.learn...); err != nil {
		return nil, err
	}
	return &loop{machine(s.g, G.BindDualValues(s.learn...)), feed, s.reads, s.learn, solver}, nil
}

func (l *loop) Step(i int, see See) error {
	if err := l.feed(i); err != nil {
		return err
	}
	if err := l.vm.RunAll(); err != nil {
		return err
	}
	show(l.reads, see)
	if l.solver != nil {
		if err := learn(l.solver, l.learn, see); err != nil {
			return err
		}
	}
	l.vm.Reset()
	return nil
}

func (l *loop) Close() error { return l.vm.Close() }

func show(reads []reading, see See) {
	for _, r := range reads {
		see(r.what, *r.to)
	}
}

// learn shows the gradients, steps the solver, and shows the weights.
func learn(solver G.Solver, nodes G.Nodes, see See) error {
	for _, w := range nodes {
		d, err := w.Grad()
		if err != nil {
			return fmt.Errorf("gradient of %s: %w", w.Name(), err)
		}
		see("gradient of "+w.Name(), d)
	}
	if err := solver.Step(G.NodesToValueGrads(nodes)); err != nil {
		return err
	}
	for _, w := range nodes {
		see(w.Name(), w.Value())
	}
	return nil
}

// closeAll closes machines.
func closeAll(vms ...G.VM) error {
	var errs []error
	for _, vm := range vms {
		errs = append(errs, vm.Close())
	}
	return errors.Join(errs...)
}
