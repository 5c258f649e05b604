package train

import (
	"cmp"
	"fmt"
	"slices"
)

// ReduceOnPlateau is a callback that lowers the learning rate, or another scalar input,
// when a number has not improved for some epochs. The factor multiplies what the
// schedule of the input gives, and applies to all steps that follow.
type ReduceOnPlateau struct {
	Base
	// Scalar is the input, by its full name or its last element, as in
	// Options.Schedules; "" means "rate".
	Scalar string
	// Metric is the number, of the validation if there is one, else of the training, or
	// one that Run.Record was given; "" means "loss".
	Metric string
	// Maximize waits for higher numbers instead of lower ones.
	Maximize bool
	// MinChange is the least change that counts as an improvement.
	MinChange float64
	// Factor multiplies the input, above 0 and below 1; 0 means 0.1.
	Factor float64
	// Patience is the number of epochs without an improvement after which the input is
	// multiplied; 0 means 5.
	Patience int
	// Cooldown is the number of epochs after that which do not count.
	Cooldown int
	// Min is a value that the input is not taken below.
	Min float64

	target target
	state  plateauState
}

// plateauState is what ReduceOnPlateau knows of the epochs so far.
type plateauState struct {
	Best  number `json:"best"`
	Known bool   `json:"known"` // there is a best number
	Wait  int    `json:"wait"`  // epochs since, without those of the cooldown
	Cool  int    `json:"cool"`  // epochs of the cooldown that are left
}

// State returns the state that checkpoints hold.
func (p *ReduceOnPlateau) State() any { return &p.state }

// Start checks the settings.
func (p *ReduceOnPlateau) Start(r *Run) (err error) {
	if r.Steps == 0 {
		p.state = plateauState{}
	}
	if p.target, err = newTarget(p.Metric, p.Maximize, p.MinChange); err != nil {
		return err
	}
	switch {
	case p.Patience < 0 || p.Cooldown < 0:
		return fmt.Errorf("a patience of %d epochs and a cooldown of %d: neither can be negative", p.Patience, p.Cooldown)
	case !(p.factor() > 0 && p.factor() < 1):
		return fmt.Errorf("a factor of %g: want one above 0 and below 1, or 0 for 0.1", p.Factor)
	case !slices.ContainsFunc(r.f.factors.inputs, p.scales):
		return fmt.Errorf("no scalar input is called %q: they are %s", p.scalar(), joined(r.f.factors.inputs))
	}
	return nil
}

func (p *ReduceOnPlateau) factor() float64          { return cmp.Or(p.Factor, 0.1) }
func (p *ReduceOnPlateau) scalar() string           { return cmp.Or(p.Scalar, "rate") }
func (p *ReduceOnPlateau) scales(input string) bool { return matches(p.scalar(), input) }

// Epoch compares the epoch with the best.
func (p *ReduceOnPlateau) Epoch(r *Run) error {
	v, err := p.target.of(r.Epoch)
	if err != nil {
		return err
	}
	s := &p.state
	better := !s.Known && v == v || s.Known && p.target.better(v, float64(s.Best))
	switch {
	case better:
		s.Best, s.Known, s.Wait = number(v), true, 0
	case s.Cool == 0:
		s.Wait++
	}
	s.Cool = max(0, s.Cool-1)
	if s.Wait < cmp.Or(p.Patience, 5) {
		return nil
	}
	s.Wait, s.Cool = 0, p.Cooldown
	return p.reduce(r)
}

// reduce multiplies the input.
func (p *ReduceOnPlateau) reduce(r *Run) error {
	factor := p.factor()
	for _, input := range r.Scalars() {
		if v, _ := r.Scalar(input); p.scales(input) && v*factor < p.Min {
			factor = max(factor, min(1, p.Min/v))
		}
	}
	if factor >= 1 {
		return nil
	}
	r.Warn("epoch %d: %s has not improved for %d epochs: %q is multiplied by %g", r.Epoch.Epoch, p.target.metric, cmp.Or(p.Patience, 5), p.scalar(), factor)
	return r.Scale(p.scalar(), factor)
}
