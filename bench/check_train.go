package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// The settings of Adam that a check trains with: optim's defaults.
const (
	adamRate, adamEpsilon = 1e-3, 1e-8
	adamBeta1, adamBeta2  = 0.9, 0.999
)

// trainee is a net in training on one machine. It can undo its last step.
type trainee struct {
	params *graph.Params
	step   *train.Step
	batch  int
	taken  int                  // number of steps
	before map[string][]float64 // parameters and states before the last step
}

// newTrainee builds a net's training step, from the seed, on a backend.
func newTrainee(n net, seed uint64, dtype graph.Dtype, on vm.Backend) (*trainee, error) {
	t := &trainee{params: graph.NewParams(dtype, seed), batch: n.batch}
	var err error
	t.step, err = train.NewTrainStep(n.model, n.batch, train.Options{Backend: on, Optimizer: optim.Adam{}, Params: t.params, Seed: seed})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// run performs a step on a batch and returns the loss.
func (t *trainee) run(x []float32) (float64, error) {
	t.before = map[string][]float64{}
	for _, p := range t.params.All() {
		t.before[p.Name()] = p.Floats()
	}
	if err := t.step.Feed(graph.InputX, x); err != nil {
		return 0, err
	}
	out, err := t.step.Run(0, t.taken*t.batch)
	if err != nil {
		return 0, fmt.Errorf("step %d: %w", t.taken+1, err)
	}
	t.taken++
	return out[0], nil
}

// undo rolls the last step back.
func (t *trainee) undo() error {
	t.taken--
	return load(t.params, t.before)
}

// repeatStepOf repeats the last step of another net, from that net's state before it.
func (t *trainee) repeatStepOf(o *trainee, x []float32) error {
	t.taken = o.taken - 1
	if err := load(t.params, o.before); err != nil {
		return err
	}
	_, err := t.run(x)
	return err
}

// copyFrom copies elements of the weights, and of Adam's moments, from another net.
func (t *trainee) copyFrom(o *trainee, elements map[element]bool) error {
	byTensor := map[string][]int{}
	for e := range elements {
		byTensor[e.in] = append(byTensor[e.in], e.at)
	}
	for in, at := range byTensor {
		m, v := moments(t.params, in)
		for _, name := range []string{in, m, v} {
			x, y := t.params.Get(name).Floats(), o.params.Get(name).Floats()
			for _, i := range at {
				x[i] = y[i]
			}
			if err := t.params.Get(name).SetFloats(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// load sets parameters to the values of another net.
func load(params *graph.Params, values map[string][]float64) error {
	for _, p := range params.All() {
		if err := p.SetFloats(values[p.Name()]); err != nil {
			return err
		}
	}
	return nil
}

// moments returns the names of Adam's states of a weight. They are empty if no task
// trains it.
func moments(params *graph.Params, weight string) (m, v string) {
	for _, p := range params.All() {
		if task, ok := strings.CutSuffix(p.Name(), "adam/m/"+weight); ok {
			return p.Name(), task + "adam/v/" + weight
		}
	}
	return "", ""
}

// gradient is a parameter's gradient in the last step, computed from the change in
// Adam's first moment.
func (t *trainee) gradient(name string) []float64 {
	moment, _ := moments(t.params, name)
	before, g := t.before[moment], t.params.Get(moment).Floats()
	for i, m := range g {
		g[i] = (m - adamBeta1*before[i]) / (1 - adamBeta1)
	}
	return g
}

// adam is the result of Adam's formula for a parameter in the last step, given the
// gradient g.
func (t *trainee) adam(name string, g []float64) []float64 {
	w := slices.Clone(t.before[name])
	first, second := moments(t.params, name)
	m, v := t.before[first], t.before[second]
	correct1, correct2 := 1-math.Pow(adamBeta1, float64(t.taken)), 1-math.Pow(adamBeta2, float64(t.taken))
	for i, g := range g {
		m := adamBeta1*m[i] + (1-adamBeta1)*g
		v := adamBeta2*v[i] + (1-adamBeta2)*g*g
		w[i] -= adamRate * m / correct1 / (math.Sqrt(v/correct2) + adamEpsilon)
	}
	return w
}

func (t *trainee) close() error { return t.step.Close() }
