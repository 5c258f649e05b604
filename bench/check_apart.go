package main

import (
	"fmt"
	"math"
)

// worst is the largest of some differences, and the tensor that it is in.
type worst struct {
	share float64
	in    string
}

// see takes in the distance of two elements of a tensor, as a share of scale.
func (w *worst) see(apart, scale float64, in string) {
	if apart == 0 {
		return
	}
	share := apart / scale // an infinity where all that it is a share of is 0
	if share > w.share || math.IsNaN(share) && !math.IsNaN(w.share) {
		*w = worst{share, in}
	}
}

// within is false of NaN.
func (w worst) within(limit float64) bool { return w.share <= limit }

// largest is the largest magnitude.
func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// element is one of a parameter, in row-major order.
type element struct {
	in string
	at int
}

func (e element) String() string { return fmt.Sprintf("%s[%d]", e.in, e.at) }

// apart is how far a machine's step, or all its steps so far, came from the
// TapeMachine's.
type apart struct {
	loss     worst // of the loss
	gradient worst // of the largest gradient of the tensor
	adam     worst // weights from Adam's formula by the machine's own gradient, of the largest weight
	weights  worst // of the largest weight of the tensor
	above    map[element]bool
}

// apartAfter compares what both have come to by their last step, which had
// these losses.
func apartAfter(tape, machine *trainee, tapeLoss, loss, limit float64) apart {
	a := apart{above: map[element]bool{}}
	a.loss.see(math.Abs(loss-tapeLoss), math.Abs(tapeLoss), "the loss")
	for _, p := range tape.params.Trainable() {
		name := p.Name()
		want, got := tape.gradient(name), machine.gradient(name)
		scale := largest(want)
		for i := range want {
			a.gradient.see(math.Abs(got[i]-want[i]), scale, name)
		}
		byTape, byMachine := tape.adam(name, want), machine.adam(name, got)
		want, got = p.Floats(), machine.params.Get(name).Floats()
		scale = largest(want)
		for i := range want {
			a.adam.see(math.Abs(want[i]-byTape[i]), scale, name+" of the TapeMachine")
			a.adam.see(math.Abs(got[i]-byMachine[i]), scale, name)
			off := math.Abs(got[i] - want[i])
			a.weights.see(off, scale, name)
			if !(off <= limit*scale) {
				a.above[element{name, i}] = true
			}
		}
	}
	return a
}

// sound tells whether a step is the TapeMachine's but for rounding.
func (a apart) sound(limit float64) bool {
	return a.loss.within(limit) && a.gradient.within(limit) && a.adam.within(limit)
}

// then is what steps came to after one more: the worst of all, and the weights
// of the last.
func (a apart) then(b apart) apart {
	b.loss.see(a.loss.share, 1, a.loss.in)
	b.gradient.see(a.gradient.share, 1, a.gradient.in)
	b.adam.see(a.adam.share, 1, a.adam.in)
	return b
}

// wrong says what is farther apart than rounding, or "".
func (a apart) wrong(limit float64) string {
	for _, w := range []struct {
		worst
		what string
	}{
		{a.gradient, "the gradient of %s differs by %.1e of its largest, %.0e allowed"},
		{a.loss, "%s differs by %.1e of it, %.0e allowed"},
		{a.adam, "the step of %s is not Adam's of its gradient: it is off by %.1e of the largest weight, %.0e allowed"},
	} {
		if !w.within(limit) {
			return fmt.Sprintf(w.what, w.in, w.share, limit)
		}
	}
	return ""
}
