package train

import (
	"math"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Schedule is the value of a scalar input in a step: of a learning rate, or of any
// other scalar of the net, such as the weight beta of a KL term or a temperature. Steps
// are counted from 0 over all epochs of one Fit; total is their number. A schedule that
// reacts to the progress of training is the callback ReduceOnPlateau.
type Schedule func(step, total int) float64

// Constant is v in every step.
func Constant(v float64) Schedule { return func(int, int) float64 { return v } }

// Linear changes from one value in the first step to another in the last, by the same
// amount in each step.
func Linear(from, to float64) Schedule {
	return func(step, total int) float64 { return from + (to-from)*progressOf(step, total) }
}

// Cosine changes from one value in the first step to another in the last, along half
// a period of the cosine (Loshchilov and Hutter 2017, eq. 5):
//
//	to + (from-to) (1 + cos(pi step/(total-1))) / 2
func Cosine(from, to float64) Schedule {
	return func(step, total int) float64 {
		return to + (from-to)*(1+math.Cos(math.Pi*progressOf(step, total)))/2
	}
}

// Exponential changes from one value in the first step to another in the last, by the
// same factor in each step. Both are above 0.
func Exponential(from, to float64) Schedule {
	return func(step, total int) float64 { return from * math.Pow(to/from, progressOf(step, total)) }
}

// Polynomial changes from one value in the first step to another in the last:
//
//	to + (from-to) (1 - step/(total-1))^power
func Polynomial(from, to, power float64) Schedule {
	return func(step, total int) float64 {
		return to + (from-to)*math.Pow(1-progressOf(step, total), power)
	}
}

// Staircase starts with a value and multiplies it by a factor after every so many
// steps. Without a number of steps above 0, the value is NaN, which training reports.
func Staircase(value, factor float64, every int) Schedule {
	return func(step, total int) float64 {
		if every < 1 {
			return math.NaN()
		}
		return value * math.Pow(factor, float64(step/every))
	}
}

// Milestones starts with a value and multiplies it by a factor after each of the given
// fractions of all steps, in [0, 1]. Milestones(0.1, 0.1, 0.5, 0.75) divides a rate by
// ten after half and after three quarters of the training.
func Milestones(value, factor float64, after ...float64) Schedule {
	return func(step, total int) float64 {
		v := value
		for _, part := range after {
			if float64(step) >= part*float64(total) {
				v *= factor
			}
		}
		return v
	}
}

// WarmUp rises from almost 0 to the first value of s, by the same amount in each
// step. This takes the fraction part of all steps, in [0, 1]; the remaining steps
// follow s. WarmUp(0.3, Constant(1)) anneals the beta of a variational autoencoder.
func WarmUp(part float64, s Schedule) Schedule {
	return func(step, total int) float64 {
		if s == nil {
			return math.NaN()
		}
		warm := int(part * float64(total))
		if step < warm {
			return s(0, total-warm) * float64(step+1) / float64(warm+1)
		}
		return s(step-warm, total-warm)
	}
}

// progressOf is the fraction of the steps that are complete: 0 in the first step, 1
// in the last.
func progressOf(step, total int) float64 {
	if total < 2 {
		return 0
	}
	return float64(step) / float64(total-1)
}

// joined returns names separated by commas, or "none".
func joined(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// isClock reports whether an input is the clock, which random numbers depend on.
func isClock(p *graph.Program, in graph.Input) bool { return p.Clock() != nil && in.Node == p.Clock() }
