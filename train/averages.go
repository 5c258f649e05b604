package train

import (
	"context"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// averagePrefix is written before the names of the numbers of averaged weights.
const averagePrefix = "average/"

// averages evaluate a model with the moving averages of its weights.
type averages struct {
	*Trainer
	from map[string]*graph.Param // the averages by weight
}

// newAverages returns the averages of a model's weights, or nil if there are none.
func (t *Trainer) newAverages() (*averages, error) {
	a := &averages{from: map[string]*graph.Param{}}
	for _, w := range t.o.Params.Trainable() {
		if q := optim.AverageOf(t.o.Params, w); q != nil {
			a.from[w.Name()] = q
		}
	}
	if len(a.from) == 0 {
		return nil, nil
	}
	o := t.o
	o.Params = graph.NewParams(o.Params.Dtype(), o.Params.Seed())
	var err error
	a.Trainer, err = New(t.model, o)
	return a, err
}

// update copies the model's weights and states as they are now, with the averages in the
// place of the weights.
func (a *averages) update(p *graph.Params) error {
	if err := p.Sync(); err != nil {
		return err
	}
	first := len(a.o.Params.All()) == 0 // then it is not known what the evaluation reads
	for _, q := range p.All() {
		if !first && a.o.Params.Get(q.Name()) == nil {
			continue
		}
		from := q
		if average := a.from[q.Name()]; average != nil {
			from = average
		}
		if err := a.o.Params.Start(q.Name(), q.Shape(), from.Floats()); err != nil {
			return err
		}
	}
	return nil
}

// validate returns the result of an evaluation on the validation set: with the weights,
// and, under names that begin with "average/", with their moving averages if the
// optimiser keeps them.
func (f *fitting) validate(ctx context.Context) (map[string]float64, error) {
	out, err := f.evaluate(ctx, f.validation, f.heldValidation, !f.evaluated)
	if err != nil || f.averages == nil {
		return out, err
	}
	if err := f.averages.update(f.o.Params); err != nil {
		return nil, err
	}
	means, err := f.averages.evaluate(ctx, f.validation, f.heldValidation, false)
	for name, v := range means {
		out[averagePrefix+name] = v
	}
	return out, err
}
