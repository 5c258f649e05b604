package cpu

import "github.com/stheno-ml/stheno/lower"

// recurGradArgs are the operands and results of a run.
type recurGradArgs[T lower.Float] struct {
	x, wx, wh      lower.Array[T]
	initial, after []lower.Array[T]
	saved          lower.Array[T]
	outputs        lower.Array[T]    // if grad.Outputs
	last           [2]lower.Array[T] // of h and c, if grad.LastH and grad.LastC
	dx             []T
	dwx, dwh, bias []T
	states         []lower.Array[T]
}

// bind sets the operands and results of a run.
func (s *recurGradStep[T]) bind(in, out []lower.Array[T]) {
	a := &s.args
	take := func() lower.Array[T] {
		x := readable(in[0])
		in = in[1:]
		return x
	}
	a.x, a.wx, a.wh = take(), take(), take()
	if s.p.Initial {
		for i := range a.initial {
			a.initial[i] = take()
		}
	}
	for i := range a.after {
		a.after[i] = take()
	}
	a.saved = take()
	if s.grad.Outputs {
		a.outputs = take()
	}
	for i, present := range [...]bool{s.grad.LastH, s.grad.LastC} {
		if present {
			a.last[i] = take()
		}
	}
	if s.grad.X {
		a.dx, out = out[0].Elements(), out[1:]
	}
	if s.grad.Weights {
		a.dwx, a.dwh, a.bias, out = out[0].Elements(), out[1].Elements(), out[2].Elements(), out[3:]
	}
	copy(a.states, out)
}
