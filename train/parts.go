package train

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// share is the last element of the name of the scalar input that weights the gradients
// of a piece of a batch; see optim.Accumulate.
const share = "share"

// parts run a batch in pieces, one after the other: for each turn those whose gradients
// are added up, then the one that updates the weights.
type parts struct {
	runs  []part
	held  []heldInput
	means []float64 // the numbers of the latest step
}

// part is a run on a piece of the batch.
type part struct {
	machine vm.Machine
	turn    int
	first   int // its first sample
	samples int
}

// heldInput is an input for the whole batch.
type heldInput struct {
	name string
	x    []float32
}

// split plans the runs if the batch is run in pieces.
func (s *Step) split(pieces []piece) error {
	if !slices.ContainsFunc(pieces, func(p piece) bool { return !p.last }) {
		return nil
	}
	s.max, s.parts = 1, &parts{means: make([]float64, len(s.scalars))}
	first := 0
	for i, p := range pieces {
		m := s.machines[i]
		if err := setShare(m, s.share(p.samples)); err != nil {
			return err
		}
		s.parts.hold(m.Program())
		for end := s.batch; !p.last && first+p.samples < end || p.last && first < end; first += p.samples {
			s.parts.runs = append(s.parts.runs, part{m, p.turn, first, p.samples})
		}
		if p.last {
			first = 0
		}
	}
	return nil
}

// isShare reports whether an input is the weight of a piece's gradients.
func isShare(in graph.Input) bool { return path.Base(in.Name) == share && in.Optional }

// share is the part that a piece is of the batch.
func (s *Step) share(samples int) float64 { return float64(samples) / float64(s.batch) }

// setShare sets the weight of a piece's gradients.
func setShare(m vm.Machine, v float64) error {
	for _, in := range m.Program().Inputs() {
		if isShare(in) {
			if err := m.Set(in.Name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold makes room for the inputs that a program takes for each piece.
func (p *parts) hold(of *graph.Program) {
	for _, in := range of.Inputs() {
		if len(in.Shape) > 0 && !in.Optional && !slices.ContainsFunc(p.held, func(h heldInput) bool { return h.name == in.Name }) {
			p.held = append(p.held, heldInput{name: in.Name})
		}
	}
}

// feed keeps an input of the whole batch for the runs that follow. It reports whether
// there is such an input.
func (p *parts) feed(input string, x []float32) bool {
	for i := range p.held {
		if p.held[i].name == input {
			p.held[i].x = x
			return true
		}
	}
	return false
}

// runParts runs all pieces of a batch. If one fails, the sums of gradients are zero
// again, and the weights are those before it.
func (s *Step) runParts(epoch, first int) error {
	clear(s.parts.means)
	for _, r := range s.parts.runs {
		err := s.runPart(r, epoch, first)
		if err != nil {
			return errors.Join(err, s.clearSums())
		}
	}
	return nil
}

// runMachine feeds a piece to its machine and runs it.
func (s *Step) runMachine(r part, epoch, first int) error {
	from, samples := 0, s.batch
	if s.spread != nil {
		from, samples = s.spread.first, s.spread.samples
	}
	for _, h := range s.parts.held {
		in, has := r.machine.Program().Input(h.name)
		if !has || h.x == nil {
			continue // the machine names an input that was not fed
		}
		size := in.Shape[1:].Size()
		if len(h.x) != samples*size {
			return fmt.Errorf("the input %q has %d elements, want %d for %d samples", h.name, len(h.x), samples*size, samples)
		}
		if err := r.machine.Feed(h.name, h.x[(r.first-from)*size:(r.first-from+r.samples)*size]); err != nil {
			return err
		}
	}
	if err := r.machine.SetClock(epoch, first+r.first); err != nil {
		return err
	}
	return vm.Run(r.machine)
}

func (s *Step) runPart(r part, epoch, first int) error {
	if err := s.runMachine(r, epoch, first); err != nil {
		return err
	}
	return s.numbersOf(r, func(i int, x float64) { s.parts.means[i] += x })
}

// numbersOf calls take with the numbers that a run of a piece computed, by their places
// among the scalars of the step. Means over samples are weighted by the piece's share.
func (s *Step) numbersOf(r part, take func(i int, x float64)) error {
	for i, v := range s.scalars {
		if _, has := r.machine.Program().Output(v.name); !has || v.turn != r.turn {
			continue
		}
		x, err := r.machine.Number(v.name)
		if err != nil {
			return err
		}
		if !v.once {
			x *= s.share(r.samples)
		}
		take(i, x)
	}
	return nil
}

// clearSums sets the sums of gradients to zero.
func (s *Step) clearSums() error {
	var errs []error
	for _, m := range s.machines {
		for _, u := range m.Program().Updates() {
			isSum := slices.ContainsFunc(s.scalars, func(v scalar) bool { return v.loss && optim.IsSum(u.Param, v.name) })
			if isSum {
				errs = append(errs, u.Param.SetFloats(make([]float64, u.Param.Shape().Size())))
			}
		}
	}
	return errors.Join(errs...)
}
