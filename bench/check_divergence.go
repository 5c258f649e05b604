package main

import (
	"fmt"
	"math"
)

// worst is the largest of several differences, and the tensor that it is in.
type worst struct {
	share float64
	in    string
}

// see adds the difference of two elements of a tensor, as a share of scale.
func (w *worst) see(distance, scale float64, in string) {
	if distance == 0 {
		return
	}
	share := distance / scale // Inf if the scale is 0
	if share > w.share || math.IsNaN(share) && !math.IsNaN(w.share) {
		*w = worst{share, in}
	}
}

// within is false for NaN.
func (w worst) within(limit float64) bool { return w.share <= limit }

// largest is the largest magnitude.
func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// element is one element of a parameter, in row-major order.
type element struct {
	in string
	at int
}

func (e element) String() string { return fmt.Sprintf("%s[%d]", e.in, e.at) }

// divergence is how far one step of a machine, or all its steps so far, are from the
// TapeMachine's.
type divergence struct {
	loss     worst            // as a share of the loss
	gradient worst            // as a share of the tensor's largest gradient
	adam     worst            // of weights from Adam's formula for the machine's own gradient, as a share of the largest weight
	weights  worst            // as a share of the tensor's largest weight
	above    map[element]bool // elements whose weights differ by more than the limit
}

// divergenceAfter compares both machines after their last step, which had these
// losses.
func divergenceAfter(tape, machine *trainee, tapeLoss, loss, limit float64) divergence {
	a := divergence{above: map[element]bool{}}
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

// agrees reports whether a step equals the TapeMachine's within rounding.
func (a divergence) agrees(limit float64) bool {
	return a.loss.within(limit) && a.gradient.within(limit) && a.adam.within(limit)
}

// then adds one more step: the result has the worst of all steps, and the weights of
// the last.
func (a divergence) then(b divergence) divergence {
	b.loss.see(a.loss.share, 1, a.loss.in)
	b.gradient.see(a.gradient.share, 1, a.gradient.in)
	b.adam.see(a.adam.share, 1, a.adam.in)
	return b
}

// problem describes a difference larger than rounding. It returns "" if there is
// none.
func (a divergence) problem(limit float64) string {
	for _, w := range []struct {
		worst
		what string
	}{
		{a.gradient, "the gradient of %s differs by %.1e of its largest element, limit %.0e"},
		{a.loss, "%s differs by %.1e of its value, limit %.0e"},
		{a.adam, "the step of %s is not Adam's for its gradient: it differs by %.1e of the largest weight, limit %.0e"},
	} {
		if !w.within(limit) {
			return fmt.Sprintf(w.what, w.in, w.share, limit)
		}
	}
	return ""
}
