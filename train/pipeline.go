package train

import "errors"

// pipeline runs steps one after the other and has one under way where the
// machine allows it.
type pipeline struct {
	under Starter // whose run is under way; nil if there is none
	n     int     // samples of that run
}

// scalars is given the scalars of a run over n samples, or why there are none.
type scalars func(s Runner, n int, values []float64, err error) error

// run starts a run, and hands over the scalars of the one before: of this one,
// too, if it cannot be under way.
func (p *pipeline) run(s Runner, n int, x []float32, epoch, first int, done scalars) error {
	starter, ok := s.(Starter)
	if !ok || starter.Most() < 2 {
		if err := p.finish(done); err != nil {
			return err
		}
		values, err := s.Run(x, epoch, first)
		return done(s, n, values, err)
	}
	err := starter.Start(x, epoch, first)
	before := p.finish(done)
	if err != nil {
		return errors.Join(before, done(s, n, nil, err))
	}
	p.under, p.n = starter, n
	return before
}

// finish hands over the scalars of the run under way.
func (p *pipeline) finish(done scalars) error {
	s := p.under
	if s == nil {
		return nil
	}
	p.under = nil
	values, err := s.Finish()
	return done(s, p.n, values, err)
}
