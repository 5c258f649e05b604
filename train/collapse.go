package train

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// CollapseWatch is a callback that notices when a variational autoencoder stops to use
// its latent dimensions (posterior collapse). A dimension is active if the posterior mean
// varies over the validation set, with a variance above 0.01 (Burda et al. 2016, section
// 5.3):
//
//	Var_x(E[z|x]) > 0.01
//
// It records "active units", their number, after every epoch, and warns when their
// share falls below Share. The net's output "code" must be the posterior mean outside
// training, as in package vae.
type CollapseWatch struct {
	Base
	// Share of all dimensions that should be active, up to 1; 0 means 0.1.
	Share float64
	// Variance is what an active dimension has more of; 0 means 0.01.
	Variance float64
	// From is the first epoch of the training that it warns after, counted from 1; 0
	// means 1.
	From int
	// Stop ends training when it warns.
	Stop bool

	state collapseState
}

// collapseState says whether the share was below the limit after the last epoch.
type collapseState struct {
	Below bool `json:"below"`
}

// State returns the state that checkpoints hold.
func (c *CollapseWatch) State() any { return &c.state }

// Start checks that there is something to watch.
func (c *CollapseWatch) Start(r *Run) error {
	if r.Steps == 0 {
		c.state = collapseState{}
	}
	switch {
	case !(c.Share >= 0 && c.Share <= 1) || !(c.Variance >= 0):
		return fmt.Errorf("a share of %g with a variance above %g: want a share from 0 to 1, and no negative variance", c.Share, c.Variance)
	case r.Validation() == nil:
		return errors.New("the variance of codes needs samples: set Options.Validation")
	}
	shapes, err := r.Outputs()
	if _, has := shapes[graph.OutputCode]; err == nil && !has {
		err = fmt.Errorf("the net has no output %q", graph.OutputCode)
	}
	return err
}

// Epoch counts the active dimensions.
func (c *CollapseWatch) Epoch(r *Run) error {
	v, err := codeVariances(r)
	if err != nil {
		return err
	}
	active := 0
	for _, x := range v {
		if x > cmp.Or(c.Variance, 0.01) {
			active++
		}
	}
	r.Record("active units", float64(active))
	below := active == 0 || float64(active) < cmp.Or(c.Share, 0.1)*float64(len(v))
	if len(r.History()) < c.From {
		return nil
	}
	if below && !c.state.Below {
		what := fmt.Sprintf("only %d of %d latent dimensions are active", active, len(v))
		r.Warn("epoch %d: %s: try a lower beta, a warm-up of beta, free bits, or a weaker decoder", r.Epoch.Epoch, what)
		if c.Stop {
			r.Stop(what)
		}
	}
	c.state.Below = below
	return nil
}

// codeVariances returns the variance of each dimension of the codes of the validation
// set, by Welford's recurrence.
func codeVariances(r *Run) ([]float64, error) {
	const chunk = 1024
	set := r.Validation()
	var mean, squares []float64
	n := 0
	for from := 0; from < set.Len(); from += chunk {
		part, err := data.Subset(set, from, min(from+chunk, set.Len()))
		if err != nil {
			return nil, err
		}
		out, err := r.Compute(part, graph.OutputCode)
		if err != nil {
			return nil, err
		}
		size := len(out[0].Data) / part.Len()
		if mean == nil {
			mean, squares = make([]float64, size), make([]float64, size)
		}
		for i := range part.Len() {
			n++
			for k, v := range out[0].Data[i*size : (i+1)*size] {
				d := float64(v) - mean[k]
				mean[k] += d / float64(n)
				squares[k] += d * (float64(v) - mean[k])
			}
		}
	}
	for k := range squares {
		squares[k] /= float64(n)
	}
	return squares, nil
}
