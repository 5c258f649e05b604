package train

import (
	"cmp"
	"fmt"
	"path"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// EarlyStopping is a callback that ends training when a number has not improved for
// some epochs, or has reached a goal. When training ends without an error, the weights are set to those of the
// best epoch, with the states that evaluation reads, such as running means, and the
// moving averages of an optim.MovingAverage. The optimiser's other states stay as they
// are.
//
// The best weights are states of the parameters, "train/best/...". So they are in
// checkpoints, and a training that is resumed ends with the same weights.
type EarlyStopping struct {
	Base
	// Metric is the number, of the validation if there is one, else of the training, or
	// one that Run.Record was given; "" means "loss".
	Metric string
	// Maximize waits for higher numbers instead of lower ones.
	Maximize bool
	// MinChange is the least change that counts as an improvement.
	MinChange float64
	// Patience is the number of epochs without an improvement after which training
	// ends; 0 means 10.
	Patience int
	// Goal, if not nil, ends training after the first epoch whose number is as good.
	Goal *float64
	// KeepLast keeps the last weights instead of the best.
	KeepLast bool

	target target
	state  stoppingState
	copies []weightCopy
}

// stoppingState is what EarlyStopping knows of the epochs so far.
type stoppingState struct {
	Best  number `json:"best"`
	Epoch int    `json:"epoch"` // of the best number, or 0
	Wait  int    `json:"wait"`  // epochs since
}

// weightCopy is a weight with its value in the best epoch.
type weightCopy struct{ weight, best *graph.Param }

// State returns the state that checkpoints hold.
func (s *EarlyStopping) State() any { return &s.state }

// Start makes room for the best weights.
func (s *EarlyStopping) Start(r *Run) (err error) {
	if r.Steps == 0 {
		s.state = stoppingState{}
	}
	if s.Patience < 0 {
		return fmt.Errorf("a patience of %d epochs: want at least 1, or 0 for 10", s.Patience)
	}
	if s.target, err = newTarget(s.Metric, s.Maximize, s.MinChange); err != nil || s.KeepLast {
		return err
	}
	s.copies, err = copiesOf(r)
	return err
}

// copiesOf returns the parameters that evaluation reads, with a state to copy each to.
func copiesOf(r *Run) ([]weightCopy, error) {
	read, err := r.f.o.readByEvaluation(r.Model())
	if err != nil {
		return nil, err
	}
	b := graph.New(r.Params(), graph.Config{})
	var out []weightCopy
	for _, q := range read {
		name := path.Join(bestState, q.Name())
		b.State(name, nil, q.Shape()...)
		if err := b.Err(); err != nil {
			return nil, err
		}
		out = append(out, weightCopy{q, r.Params().Get(name)})
	}
	return out, nil
}

// bestState is the prefix of the states that hold the best weights.
const bestState = "train/best"

// Epoch compares the epoch with the best.
func (s *EarlyStopping) Epoch(r *Run) error {
	v, err := s.target.of(r.Epoch)
	if err != nil {
		return err
	}
	if s.state.Epoch == 0 && v == v || s.target.better(v, float64(s.state.Best)) {
		s.state = stoppingState{Best: number(v), Epoch: r.Epoch.Epoch}
		if s.Goal != nil && !s.target.better(*s.Goal, v) {
			r.Stop(fmt.Sprintf("%s has reached %g", s.target.metric, v))
		}
		return s.copyAll(r, func(c weightCopy) { copyParam(c.best, c.weight) })
	}
	s.state.Wait++
	if patience := cmp.Or(s.Patience, 10); s.state.Wait >= patience {
		r.Stop(s.reason(patience))
	}
	return nil
}

func (s *EarlyStopping) reason(patience int) string {
	if s.state.Epoch == 0 {
		return fmt.Sprintf("%s was NaN for %d epochs", s.target.metric, patience)
	}
	return fmt.Sprintf("%s has not improved for %d epochs on the %g of epoch %d", s.target.metric, patience, float64(s.state.Best), s.state.Epoch)
}

// End restores the best weights. After an error it does not, so that training can be
// resumed.
func (s *EarlyStopping) End(r *Run, failed error) error {
	if failed != nil || s.state.Epoch == 0 {
		return nil
	}
	return s.copyAll(r, func(c weightCopy) { copyParam(c.weight, c.best) })
}

func (s *EarlyStopping) copyAll(r *Run, to func(weightCopy)) error {
	if err := r.Params().Sync(); err != nil {
		return err
	}
	for _, c := range s.copies {
		to(c)
	}
	return nil
}

// readByEvaluation returns the parameters that the evaluation of a model reads, and their
// moving averages.
func (o Options) readByEvaluation(m Model) ([]*graph.Param, error) {
	b, _, tasks, err := o.build(m, o.EvalBatch, false)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		t.addOutputs(b, 0)
	}
	p, err := b.Program()
	if err != nil {
		return nil, err
	}
	read := map[*graph.Param]bool{}
	for _, n := range p.Graph().AllNodes() {
		read[p.ParamOf(n)] = true
	}
	var out []*graph.Param
	for _, q := range o.Params.All() {
		if read[q] {
			out = append(out, q)
			if average := optim.AverageOf(o.Params, q); average != nil {
				out = append(out, average)
			}
		}
	}
	return out, nil
}
