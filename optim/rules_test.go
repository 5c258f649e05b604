package optim_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
)

var tanh = lower.Tanh(lower.Arg(0))

// each is the rule of an optimiser that treats all elements alike.
func each(f func(t, w, g float64, s *[4]float64) float64) rule {
	return func(step int, all []*tensor) {
		for _, p := range all {
			for i := range p.w {
				s := [4]float64{p.state[0][i], p.state[1][i], p.state[2][i], p.state[3][i]}
				p.w[i] = f(float64(step), p.w[i], p.g[i], &s)
				for k := range s {
					p.state[k][i] = s[k]
				}
			}
		}
	}
}

func sgdStep(rate, momentum, decay float64, nesterov bool) rule {
	return each(func(_, w, g float64, s *[4]float64) float64 {
		g += decay * w
		s[0] = momentum*s[0] + g
		if nesterov {
			return w - rate*(g+momentum*s[0])
		}
		return w - rate*s[0]
	})
}

func rmspropStep(rate, decay, momentum float64, centred bool) rule {
	return each(func(_, w, g float64, s *[4]float64) float64 {
		s[0] = decay*s[0] + (1-decay)*g*g
		v := s[0]
		if centred {
			s[1] = decay*s[1] + (1-decay)*g
			v -= s[1] * s[1]
		}
		s[2] = momentum*s[2] + g/(math.Sqrt(v)+1e-8)
		return w - rate*s[2]
	})
}

func adagradStep(rate, rateDecay, initial float64) rule {
	return each(func(t, w, g float64, s *[4]float64) float64 {
		s[0] += g * g
		return w - rate/(1+(t-1)*rateDecay)*g/(math.Sqrt(s[0]+initial)+1e-10)
	})
}

func adadeltaStep(rate, decay float64) rule {
	return each(func(_, w, g float64, s *[4]float64) float64 {
		s[0] = decay*s[0] + (1-decay)*g*g
		d := math.Sqrt(s[1]+1e-6) / math.Sqrt(s[0]+1e-6) * g
		s[1] = decay*s[1] + (1-decay)*d*d
		return w - rate*d
	})
}

func adamStep(rate, beta1, beta2, decay float64, amsgrad bool) rule {
	return each(func(t, w, g float64, s *[4]float64) float64 {
		s[0] = beta1*s[0] + (1-beta1)*g
		s[1] = beta2*s[1] + (1-beta2)*g*g
		s[2] = max(s[2], s[1])
		v := s[1]
		if amsgrad {
			v = s[2]
		}
		m, v := s[0]/(1-math.Pow(beta1, t)), v/(1-math.Pow(beta2, t))
		return w - rate*decay*w - rate*m/(math.Sqrt(v)+1e-8)
	})
}

func adamaxStep(rate float64) rule {
	return each(func(t, w, g float64, s *[4]float64) float64 {
		s[0] = 0.9*s[0] + 0.1*g
		s[1] = max(0.999*s[1], math.Abs(g)+1e-8)
		return w - rate/(1-math.Pow(0.9, t))*s[0]/s[1]
	})
}

func nadamStep(rate, momentumDecay float64) rule {
	return each(func(t, w, g float64, s *[4]float64) float64 {
		mu := func(t float64) float64 { return 0.9 * (1 - 0.5*math.Pow(0.96, t*momentumDecay)) }
		product := 1.0
		for k := 1.0; k <= t; k++ {
			product *= mu(k)
		}
		s[0] = 0.9*s[0] + 0.1*g
		s[1] = 0.999*s[1] + 0.001*g*g
		step := (1-mu(t))*g/(1-product) + mu(t+1)*s[0]/(1-product*mu(t+1))
		return w - rate*step/(math.Sqrt(s[1]/(1-math.Pow(0.999, t)))+1e-8)
	})
}

func lionStep(rate, decay float64) rule {
	return each(func(_, w, g float64, s *[4]float64) float64 {
		c := 0.9*s[0] + 0.1*g
		s[0] = 0.99*s[0] + 0.01*g
		return w - rate*(math.Copysign(1, c)+decay*w)
	})
}

// length is the square root of the sum of squares.
func length(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

func lambStep(rate, decay float64) rule {
	return func(step int, all []*tensor) {
		t := float64(step)
		for _, p := range all {
			r := make([]float64, len(p.w))
			for i, g := range p.g {
				p.state[0][i] = 0.9*p.state[0][i] + 0.1*g
				p.state[1][i] = 0.999*p.state[1][i] + 0.001*g*g
				m, v := p.state[0][i]/(1-math.Pow(0.9, t)), p.state[1][i]/(1-math.Pow(0.999, t))
				r[i] = m/(math.Sqrt(v)+1e-6) + decay*p.w[i]
			}
			trust := length(p.w) / length(r)
			for i := range r {
				p.w[i] -= rate * trust * r[i]
			}
		}
	}
}

// multiply is the product of matrices a [n,k] and b [k,m].
func multiply(a, b []float64, n, k, m int) []float64 {
	out := make([]float64, n*m)
	for i := range n {
		for j := range m {
			for l := range k {
				out[i*m+j] += a[i*k+l] * b[l*m+j]
			}
		}
	}
	return out
}

// muonStep is for the problem's matrix, which has fewer rows than columns.
func muonStep(rate, decay, scale float64, nesterov bool, others rule) rule {
	return func(step int, all []*tensor) {
		p, n, m := all[0], ins, outs
		u := make([]float64, len(p.w))
		for i, g := range p.g {
			p.state[0][i] = 0.95*p.state[0][i] + 0.05*g
			if u[i] = p.state[0][i]; nesterov {
				u[i] = 0.95*u[i] + 0.05*g
			}
		}
		for i, norm := 0, length(u); i < len(u); i++ {
			u[i] /= max(norm, 1e-7)
		}
		for range 5 {
			flipped := make([]float64, len(u))
			for i := range u {
				flipped[i%m*n+i/m] = u[i]
			}
			gram := multiply(u, flipped, n, m, n)
			square := multiply(gram, gram, n, n, n)
			for i := range gram {
				gram[i] = -4.7750*gram[i] + 2.0315*square[i]
			}
			for i, v := range multiply(gram, u, n, n, m) {
				u[i] = 3.4445*u[i] + v
			}
		}
		for i := range u {
			p.w[i] -= rate*decay*p.w[i] + rate*scale*u[i]
		}
		others(step, all[1:])
	}
}

func TestEachOptimizerFollowsItsFormulaForAHundredSteps(t *testing.T) {
	wide := math.Sqrt(float64(outs) / ins)
	for _, c := range []struct {
		name string
		opt  graph.Optimizer
		rule rule
	}{
		{"sgd", optim.SGD{Rate: new(0.1), WeightDecay: 0.01}, sgdStep(0.1, 0, 0.01, false)},
		{"sgd momentum", optim.SGD{Momentum: 0.9}, sgdStep(0.01, 0.9, 0, false)},
		{"sgd nesterov", optim.SGD{Momentum: 0.9, Nesterov: true}, sgdStep(0.01, 0.9, 0, true)},
		{"rmsprop", optim.RMSprop{}, rmspropStep(0.01, 0.99, 0, false)},
		{"rmsprop centred", optim.RMSprop{Centred: true}, rmspropStep(0.01, 0.99, 0, true)},
		{"rmsprop all", optim.RMSprop{Rate: new(1e-3), Decay: new(0.9), Centred: true, Momentum: 0.8}, rmspropStep(1e-3, 0.9, 0.8, true)},
		{"adagrad", optim.Adagrad{}, adagradStep(0.01, 0, 0)},
		{"adagrad all", optim.Adagrad{Rate: new(0.1), RateDecay: 0.05, InitialSum: 0.2}, adagradStep(0.1, 0.05, 0.2)},
		{"adadelta", optim.Adadelta{}, adadeltaStep(1, 0.9)},
		{"adam", optim.Adam{}, adamStep(1e-3, 0.9, 0.999, 0, false)},
		{"amsgrad", optim.Adam{Rate: new(0.05), Beta2: new(0.5), AMSGrad: true}, adamStep(0.05, 0.9, 0.5, 0, true)},
		{"adamw", optim.AdamW{}, adamStep(1e-3, 0.9, 0.999, 0.01, false)},
		{"adamw amsgrad", optim.AdamW{Adam: optim.Adam{Rate: new(0.05), Beta2: new(0.5), AMSGrad: true}, WeightDecay: new(0.1)}, adamStep(0.05, 0.9, 0.5, 0.1, true)},
		{"adamax", optim.Adamax{}, adamaxStep(2e-3)},
		{"nadam", optim.NAdam{}, nadamStep(2e-3, 0.004)},
		{"nadam momentum decay", optim.NAdam{Rate: new(0.01), MomentumDecay: new(0.5)}, nadamStep(0.01, 0.5)},
		{"lion", optim.Lion{}, lionStep(1e-4, 0)},
		{"lion decay", optim.Lion{Rate: new(1e-3), WeightDecay: 0.1}, lionStep(1e-3, 0.1)},
		{"lamb", optim.LAMB{}, lambStep(1e-3, 0.01)},
		{"lamb without decay", optim.LAMB{Rate: new(0.01), WeightDecay: new(0.0)}, lambStep(0.01, 0)},
		{"muon", optim.Muon{}, muonStep(1e-3, 0.1, wide, true, adamStep(1e-3, 0.9, 0.999, 0.01, false))},
		{"muon all", optim.Muon{Rate: new(0.02), WeightDecay: new(0.0), NoNesterov: true, MatchAdamW: true, Others: optim.SGD{Rate: new(0.05)}},
			muonStep(0.02, 0, 0.2*math.Sqrt(outs), false, sgdStep(0.05, 0, 0, false))},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireFollows(t, c.rule, c.opt)
		})
	}
}
