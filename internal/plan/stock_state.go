package plan

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// readBatchNorm reads the fields of a batch norm or its gradient.
func (s *site) readBatchNorm() (op *gorgonia.BatchNormOp, training, ok bool) {
	op, ok = s.node.Op().(*gorgonia.BatchNormOp)
	if !ok {
		v := s.fields.FieldByName("BatchNormOp")
		if v.IsValid() && v.CanInterface() {
			op, ok = v.Interface().(*gorgonia.BatchNormOp)
		}
	}
	training, s.m.Stale = s.switched("training")
	switch {
	case s.err != nil:
		return nil, false, false
	case !ok:
		s.err = fmt.Errorf("plan: Gorgonia's %s is not of a BatchNormOp as in version 0.9.18: use that version", s.kind)
		return nil, false, false
	case len(s.in) == 0 || len(s.in[0]) < 2:
		s.host("want an operand of shape [N,C,...]")
		return nil, false, false
	}
	return op, training, true
}

// moments is operand 0 less its mean over all axes but the channels', which is
// axis 1, its inverse standard deviation, and what both come from.
type moments struct {
	axes                                []int
	n                                   float64 // elements of a channel
	mean, variance, centred, inverseStd lower.Value
}

func (s *site) moments(epsilon float64) moments {
	f, x := s.f, s.f.In(0)
	m := moments{n: float64(s.in[0].Size() / s.in[0][1])}
	for a := range s.in[0] {
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

func inverseStd(variance lower.Expr, epsilon float64) lower.Expr {
	return lower.Num(1).Div(lower.Sqrt(variance.Add(lower.Num(epsilon))))
}

// perChannel reads a value [C] as [1,C,1,...].
func (s *site) perChannel(v lower.Value) lower.Value {
	shape := make([]int, len(s.in[0]))
	for a := range shape {
		shape[a] = 1
	}
	shape[1] = s.in[0][1]
	return s.f.Reshape(v, shape...)
}

// stockBatchNorm normalises by the batch's moments, and moves the running ones
// towards them (the variance of n-1), or, in evaluation, by the running ones.
func stockBatchNorm(s *site) lower.Value {
	op, training, ok := s.readBatchNorm()
	momentum, epsilon := s.float("momentum"), s.float("epsilon")
	mean, variance, known := s.running(op)
	if !ok || !known {
		return 0
	}
	x, y := lower.Arg(0), lower.Arg(1)
	states := s.begin(OpState{Memory: mean, Next: training}, OpState{Memory: variance, Next: training})
	if !training {
		return s.f.Map(x.Sub(y).Mul(inverseStd(lower.Arg(2), epsilon)), s.f.In(0), s.perChannel(states[0]), s.perChannel(states[1]))
	}
	m := s.moments(epsilon)
	if m.n == 1 {
		s.m.Fault = "a batch of one makes the running variance NaN"
	}
	moved := x.Mul(lower.Num(1 - momentum)).Add(y.Mul(lower.Num(momentum)))
	unbiased := lower.Num(m.n / max(m.n-1, 1))
	channels := s.in[0][1]
	s.next = []lower.Value{
		s.f.Map(moved, states[0], s.f.Reshape(m.mean, channels)),
		s.f.Map(moved.Subst(x, y.Mul(unbiased)), states[1], s.f.Reshape(m.variance, channels)),
	}
	return s.f.Map(x.Mul(y), m.centred, m.inverseStd)
}

// stockBatchNormGrad has operands x and g, the gradient of the normalised x:
//
//	training    (g - mean g - c * mean(c*g) / std^2) / std, where c = x - mean x
//	evaluation  g / std, of the running variance
func stockBatchNormGrad(s *site) lower.Value {
	op, training, ok := s.readBatchNorm()
	epsilon := s.float("epsilon")
	_, variance, known := s.running(op)
	if !ok || !known || !s.wants(2) {
		return 0
	}
	a, b, c, d, e := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	if !training {
		if s.in[0].Size() > s.in[0][0]*s.in[0][1] {
			s.m.Fault = "in evaluation, the gradient for images is divided by the square root of epsilon, not by the deviation"
		}
		states := s.begin(OpState{Memory: variance})
		return s.f.Map(a.Mul(inverseStd(b, epsilon)), s.f.In(1), s.perChannel(states[0]))
	}
	m, f, g := s.moments(epsilon), s.f, s.f.In(1)
	sum := f.Sum(g, m.axes...)
	dot := f.Sum(f.Map(a.Mul(b), m.centred, g), m.axes...)
	n := lower.Num(m.n)
	return f.Map(a.Sub(b.Div(n)).Sub(c.Mul(d).Mul(e).Mul(e).Div(n)).Mul(e), g, sum, m.centred, dot, m.inverseStd)
}

// keyOf is the key of the stream of random numbers that belongs to a node.
func keyOf(n *gorgonia.Node) uint64 {
	return lower.RandomKey(0, fmt.Sprintf("gorgonia node %d", n.ID()))
}

// readDropout reads the fields of a dropout or its gradient, whose mask belongs
// to the dropout's node, and draws the mask: what the kept elements of x are
// multiplied by. If nothing is dropped there is none.
func (s *site) mask(node *gorgonia.Node) (expr func(x, u lower.Expr) lower.Expr, u lower.Value, drops bool) {
	rate := s.float("probability")
	training, stale := s.switched("isTraining")
	s.m.Stale = stale
	if s.err != nil || !training || rate == 0 {
		return nil, 0, false
	}
	if len(s.in[0]) == 0 {
		s.host("a scalar is not dropped")
		return nil, 0, false
	}
	clock := s.begin(OpState{Clock: true})
	u = s.f.Apply(lower.Random{Kind: lower.RandomUniform, Key: keyOf(node), Shape: s.in[0]}, clock[0])[0]
	// Uniforms are multiples of 2^-24. So is the bound, which is exact in float32.
	bound := lower.Num(math.Ceil(rate*0x1p24) * 0x1p-24)
	return func(x, u lower.Expr) lower.Expr {
		return lower.Where(u.Less(bound), lower.Num(0), x.Mul(lower.Num(1/(1-rate))))
	}, u, true
}

func stockDropout(s *site) lower.Value {
	if !s.wants(1) {
		return 0
	}
	e, u, drops := s.mask(s.node)
	if !drops {
		return s.f.In(0)
	}
	return s.f.Map(e(lower.Arg(0), lower.Arg(1)), s.f.In(0), u)
}

// stockDropoutGrad has operands x, y and g: the dropout's operand, its result
// and the result's gradient. It draws the dropout's mask again.
func stockDropoutGrad(s *site) lower.Value {
	if !s.wants(3) {
		return 0
	}
	s.m.Fault = "the gradient is divided by the probability of dropping, not by that of keeping, is 0 where the input is, and is masked outside of training"
	e, u, drops := s.mask(s.operands[1])
	if !drops {
		return s.f.In(2)
	}
	return s.f.Map(e(lower.Arg(0), lower.Arg(1)), s.f.In(2), u)
}

// stockRandom draws the numbers of a random node.
func stockRandom(s *site) lower.Value {
	which, a, b := s.code("which"), s.float("a"), s.float("b")
	if s.err != nil {
		return 0
	}
	shape := s.out
	if len(shape) == 0 {
		shape = lower.Shape{1}
	}
	kind, x, e := lower.RandomUniform, lower.Arg(0), lower.Expr{}
	switch which {
	case 0:
		e = x.Mul(lower.Num(b - a)).Add(lower.Num(a))
	case 1:
		kind, e = lower.RandomNormal, x.Mul(lower.Num(b)).Add(lower.Num(a))
	default:
		if a != 1 {
			return s.host("a binomial of several trials is not drawn by package lower")
		}
		e = x.Less(lower.Num(math.Ceil(b*0x1p24) * 0x1p-24))
	}
	clock := s.begin(OpState{Clock: true})
	return s.f.Map(e, s.f.Apply(lower.Random{Kind: kind, Key: keyOf(s.node), Shape: shape}, clock[0])[0])
}

// running is the running mean and variance [C] of a batch norm.
func (s *site) running(op *gorgonia.BatchNormOp) (mean, variance *tensor.Dense, ok bool) {
	if op == nil || s.err != nil {
		return nil, nil, false
	}
	m, v := op.Stats()
	mean, okMean := m.(*tensor.Dense)
	variance, okVariance := v.(*tensor.Dense)
	if !okMean || !okVariance || mean == nil || variance == nil {
		s.host("it has no running mean and variance: make it by gorgonia.BatchNorm")
		return nil, nil, false
	}
	return mean, variance, true
}
