package optim

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// MovingAverage keeps an exponential moving average of each weight (Polyak and Juditsky
// 1992), which often generalises better than the weight:
//
//	c = decay*c + (1-decay)                              (so c = 1-decay^t)
//	average = average + (1-decay)/c * (next - average)
//
// where next is the inner optimiser's next value and t counts the steps of that weight.
// This is the average without bias: the sum of (1-decay)*decay^(t-k)*w(k) over all steps
// k, divided by 1-decay^t. After the first step it is the weight itself.
//
// The average of weight w is the state "<task>/average/<w>". Averaged gives a model the
// averages. Training goes on from the weights themselves.
type MovingAverage struct {
	// Decay is in [0, 1); nil means 0.999. With 0, the average is the weight.
	Decay *float64
	// Optimizer gives the next value; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o MovingAverage) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o MovingAverage) Validate() error {
	return firstError(inRange("MovingAverage's decay", setting(o.Decay, 0.999), 0, 1), o.wrapped().Validate())
}

// Update adds the updates of the inner optimiser and of the averages.
func (o MovingAverage) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	o.wrapped().Update(b, rate, weights, grads)
	decay := setting(o.Decay, 0.999)
	corrections := make([]*graph.Node, len(weights))
	for i, w := range weights {
		corrections[i] = correction(b, "correction/average", w, decay)
	}
	average, next, c := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	moved := average.Add(lower.Num(1 - decay).Div(c).Mul(next.Sub(average)))
	for i, w := range weights {
		state := stateOf(b, "average", w)
		b.Update(state, b.Map(moved, state, nextOf(b, o.wrapped(), w), corrections[i]))
	}
}

func (o MovingAverage) wrapped() graph.Optimizer { return inner(o.Optimizer) }

// AverageOf returns the moving average of a weight that a MovingAverage of any task keeps,
// or nil.
func AverageOf(p *graph.Params, weight *graph.Param) *graph.Param {
	if p == nil || weight == nil {
		return nil
	}
	for _, q := range p.All() {
		owner, ok := strings.CutSuffix(q.Name(), "/average/"+weight.Name())
		if ok && !q.Trainable() && !strings.HasSuffix(owner, "/correction") {
			return q
		}
	}
	return nil
}

// Averaged returns a copy of the parameters in which the weights that a MovingAverage of
// the task follows start at their averages. Graphs are built over the copy as over the
// original. A MovingAverage in a rule of ByName has the task "<task>/<rule>". If the task
// has no averages, it returns an error.
func Averaged(p *graph.Params, task string) (*graph.Params, error) {
	if p == nil {
		return nil, fmt.Errorf("optim: averages of task %q: no parameters", task)
	}
	if err := p.Sync(); err != nil {
		return nil, fmt.Errorf("optim: averages of task %q: %w", task, err)
	}
	out, found := graph.NewParams(p.Dtype(), p.Seed()), false
	for _, q := range p.All() {
		from := q
		if average := p.Get(task + "/average/" + q.Name()); average != nil && q.Trainable() {
			from, found = average, true
		}
		if err := out.Start(q.Name(), q.Shape(), from.Floats()); err != nil {
			return nil, fmt.Errorf("optim: averages of task %q: %w", task, err)
		}
	}
	if !found {
		return nil, fmt.Errorf("optim: task %q has no averages: train it with a MovingAverage", task)
	}
	return out, nil
}
