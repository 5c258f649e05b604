package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// readBatchNorm reads the fields of a batch norm or its gradient.
func (s *opContext) readBatchNorm() (op *gorgonia.BatchNormOp, training, ok bool) {
	op, ok = s.node.Op().(*gorgonia.BatchNormOp)
	if !ok {
		v := s.fields.FieldByName("BatchNormOp")
		if v.IsValid() && v.CanInterface() {
			op, ok = v.Interface().(*gorgonia.BatchNormOp)
		}
	}
	training, s.m.Stale = s.trains()
	switch {
	case s.err != nil:
		return nil, false, false
	case !ok:
		s.err = fmt.Errorf("plan: Gorgonia's %s has no BatchNormOp as in version 0.9.18: use that version", s.kind)
		return nil, false, false
	case len(s.in) == 0 || len(s.in[0]) < 2:
		s.host("want an operand of shape [N,C,...]")
		return nil, false, false
	}
	return op, training, true
}

// moments are the mean and variance of an array x over all axes except the second,
// the inverse standard deviation, and x less its mean.
type moments struct {
	axes                                []int
	n                                   float64 // elements in each mean
	mean, variance, centred, inverseStd lower.Value
}

func (s *opContext) moments(x lower.Value, epsilon float64) moments {
	f, shape := s.f, s.f.Shape(x)
	m := moments{n: float64(shape.Size() / shape[1])}
	for a := range shape {
		if a != 1 {
			m.axes = append(m.axes, a)
		}
	}
	m.mean = f.Map(lower.Arg(0).Div(lower.Num(m.n)), f.Sum(x, m.axes...))
	m.centred = f.Map(lower.Arg(0).Sub(lower.Arg(1)), x, m.mean)
	m.variance = f.Map(lower.Arg(0).Div(lower.Num(m.n)), f.Sum(f.Map(lower.Arg(0).Square(), m.centred), m.axes...))
	m.inverseStd = f.Map(inverseStd(lower.Arg(0), epsilon), m.variance)
	return m
}

// gradient returns the gradient of x, given the gradient g of (x - mean) / std:
//
//	(g - mean g - c * mean(c*g) / std^2) / std, where c = x - mean
func (m moments) gradient(f *lower.Func, g lower.Value) lower.Value {
	a, b, c, d, e := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	sum := f.Sum(g, m.axes...)
	dot := f.Sum(f.Map(a.Mul(b), m.centred, g), m.axes...)
	n := lower.Num(m.n)
	return f.Map(a.Sub(b.Div(n)).Sub(c.Mul(d).Mul(e).Mul(e).Div(n)).Mul(e), g, sum, m.centred, dot, m.inverseStd)
}

func inverseStd(variance lower.Expr, epsilon float64) lower.Expr {
	return lower.Num(1).Div(lower.Sqrt(variance.Add(lower.Num(epsilon))))
}

// perChannel reads a value [C] as [1,C,1,...].
func (s *opContext) perChannel(v lower.Value) lower.Value {
	shape := make([]int, len(s.in[0]))
	for a := range shape {
		shape[a] = 1
	}
	shape[1] = s.in[0][1]
	return s.f.Reshape(v, shape...)
}

// builtinBatchNorm normalises by the batch's moments and moves the running moments
// towards them, with the variance over n-1. In evaluation it normalises by the
// running moments.
func builtinBatchNorm(s *opContext) lower.Value {
	op, training, ok := s.readBatchNorm()
	momentum, epsilon := s.float("momentum"), s.float("epsilon")
	mean, variance, known := s.running(op)
	if !ok || !known {
		return 0
	}
	x, y := lower.Arg(0), lower.Arg(1)
	states := s.start(OpState{Memory: mean, Next: training}, OpState{Memory: variance, Next: training})
	if !training {
		return s.f.Map(x.Sub(y).Mul(inverseStd(lower.Arg(2), epsilon)), s.f.In(0), s.perChannel(states[0]), s.perChannel(states[1]))
	}
	m := s.moments(s.f.In(0), epsilon)
	if m.n == 1 {
		s.m.Fault = "a batch of one makes the running variance NaN"
	}
	running := x.Mul(lower.Num(1 - momentum)).Add(y.Mul(lower.Num(momentum)))
	unbiased := lower.Num(m.n / max(m.n-1, 1))
	channels := s.in[0][1]
	s.next = []lower.Value{
		s.f.Map(running, states[0], s.f.Reshape(m.mean, channels)),
		s.f.Map(running.Subst(x, y.Mul(unbiased)), states[1], s.f.Reshape(m.variance, channels)),
	}
	return s.f.Map(x.Mul(y), m.centred, m.inverseStd)
}

// builtinBatchNormGrad has the operands x and g, the gradient of the normalised x. In
// evaluation the gradient is g over the running standard deviation.
func builtinBatchNormGrad(s *opContext) lower.Value {
	op, training, ok := s.readBatchNorm()
	epsilon := s.float("epsilon")
	_, variance, known := s.running(op)
	if !ok || !known || !s.hasOperands(2) {
		return 0
	}
	if training {
		return s.moments(s.f.In(0), epsilon).gradient(s.f, s.f.In(1))
	}
	if s.in[0].Size() > s.in[0][0]*s.in[0][1] {
		s.m.Fault = "in evaluation, the gradient for images is divided by the square root of epsilon, not by the standard deviation"
	}
	states := s.start(OpState{Memory: variance})
	return s.f.Map(lower.Arg(0).Mul(inverseStd(lower.Arg(1), epsilon)), s.f.In(1), s.perChannel(states[0]))
}

// builtinGroupNorm normalises each image's groups of channels. For the gradient its
// operands are as in builtinBatchNormGrad.
func builtinGroupNorm(s *opContext, grad bool) lower.Value {
	groups, epsilon := s.int("numGroups"), s.float("epsilon")
	switch {
	case s.err != nil:
		return 0
	case len(s.in) == 0 || len(s.in[0]) < 2 || groups < 1 || s.in[0][1]%groups != 0:
		return s.host("want an operand of shape [N,C,...] with a multiple of the groups as channels")
	case grad && !s.hasOperands(2):
		return 0
	}
	split := []int{1, s.in[0][0] * groups, s.in[0].Size() / (s.in[0][0] * groups)}
	m := s.moments(s.f.Reshape(s.f.In(0), split...), epsilon)
	if grad {
		return m.gradient(s.f, s.f.Reshape(s.f.In(1), split...))
	}
	return s.f.Map(lower.Arg(0).Mul(lower.Arg(1)), m.centred, m.inverseStd)
}

// running returns the running mean and variance [C] of a batch norm.
func (s *opContext) running(op *gorgonia.BatchNormOp) (mean, variance *tensor.Dense, ok bool) {
	if op == nil || s.err != nil {
		return nil, nil, false
	}
	m, v := op.Stats()
	mean, okMean := m.(*tensor.Dense)
	variance, okVariance := v.(*tensor.Dense)
	if !okMean || !okVariance || mean == nil || variance == nil {
		s.host("it has no running mean and variance: make it with gorgonia.BatchNorm")
		return nil, nil, false
	}
	return mean, variance, true
}
