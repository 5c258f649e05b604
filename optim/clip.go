package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// ClipValue bounds each element of the gradients:
//
//	g = min(max(g, -limit), limit)
//
// A NaN stays NaN.
type ClipValue struct {
	// Limit is the greatest absolute value, above 0; 0 means 1.
	Limit float64
	// Optimizer takes the clipped gradients; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o ClipValue) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o ClipValue) Validate() error {
	return firstError(inRange("ClipValue's limit", o.Limit, 0, math.Inf(1)), o.wrapped().Validate())
}

// Update adds the updates of the inner optimiser.
func (o ClipValue) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	limit := cmp.Or(o.Limit, 1)
	clipped := make([]*graph.Node, len(grads))
	for i, g := range grads {
		clipped[i] = b.Map(lower.Min(lower.Max(lower.Arg(0), lower.Num(-limit)), lower.Num(limit)), g)
	}
	o.wrapped().Update(b, rate, weights, clipped)
}

func (o ClipValue) wrapped() graph.Optimizer { return inner(o.Optimizer) }

// ClipNorm bounds the length of the gradient of each weight array (Pascanu, Mikolov and
// Bengio 2013, algorithm 1, for each array by itself):
//
//	g = g * min(1, norm/|g|)
//
// where |g| is the square root of the sum of the squares of all elements. A gradient
// with a NaN stays as it is. If the squares of a finite gradient overflow, it becomes 0.
type ClipNorm struct {
	// Norm is the greatest length, above 0; 0 means 1.
	Norm float64
	// Optimizer takes the clipped gradients; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o ClipNorm) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o ClipNorm) Validate() error {
	return firstError(inRange("ClipNorm's norm", o.Norm, 0, math.Inf(1)), o.wrapped().Validate())
}

// Update adds the updates of the inner optimiser.
func (o ClipNorm) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	clipped := make([]*graph.Node, len(grads))
	for i, g := range grads {
		clipped[i] = b.Mul(g, shrink(b, cmp.Or(o.Norm, 1), b.Sqrt(sumSquares(b, g))))
	}
	o.wrapped().Update(b, rate, weights, clipped)
}

func (o ClipNorm) wrapped() graph.Optimizer { return inner(o.Optimizer) }

// ClipGlobalNorm bounds the length of the gradients of all weights together, which keeps
// their direction (Pascanu, Mikolov and Bengio 2013, algorithm 1):
//
//	g = g * min(1, norm/|all g|)
//
// where |all g| is the square root of the sum of the squares of all elements of all
// gradients. With a NaN among them, all stay as they are. If the squares of finite
// gradients overflow, all become 0. All weights are those that the optimiser updates:
// those of the task, or of a rule of ByName.
type ClipGlobalNorm struct {
	// Norm is the greatest length, above 0; 0 means 1. +Inf clips nothing, for Output
	// alone.
	Norm float64
	// Output, if not empty, names an output with the length before clipping, a scalar:
	// "grad norm" is "<task>/grad norm".
	Output string
	// Optimizer takes the clipped gradients; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o ClipGlobalNorm) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o ClipGlobalNorm) Validate() error {
	if math.IsInf(o.Norm, 1) {
		return o.wrapped().Validate()
	}
	return firstError(inRange("ClipGlobalNorm's norm", o.Norm, 0, math.Inf(1)), o.wrapped().Validate())
}

// Update adds the updates of the inner optimiser.
func (o ClipGlobalNorm) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) || len(grads) == 0 {
		return
	}
	squares := make([]*graph.Node, len(grads))
	for i, g := range grads {
		squares[i] = sumSquares(b, g)
	}
	norm := b.Sqrt(b.AddN(squares...))
	if o.Output != "" {
		b.Output(o.Output, norm)
	}
	if !math.IsInf(o.Norm, 1) {
		factor := shrink(b, cmp.Or(o.Norm, 1), norm)
		clipped := make([]*graph.Node, len(grads))
		for i, g := range grads {
			clipped[i] = b.Mul(g, factor)
		}
		grads = clipped
	}
	o.wrapped().Update(b, rate, weights, grads)
}

func (o ClipGlobalNorm) wrapped() graph.Optimizer { return inner(o.Optimizer) }

// shrink returns the factor that bounds a length by limit, 1 if the length is NaN.
func shrink(b *graph.Builder, limit float64, length *graph.Node) *graph.Node {
	n := lower.Arg(0)
	return b.Map(lower.Where(lower.Num(limit).Less(n), lower.Num(limit).Div(n), lower.Num(1)), length)
}
