package search

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// process is a Gaussian process given values at points, on a scale with mean 0 and
// deviation 1.
type process struct {
	lengths []float64 // one for each parameter
	noise   float64   // its variance, as a part of the process's
	x       [][][]float64
	apart   [][]float64 // squares of the distances of x[i] and x[j], j < i, at i(i-1)/2+j
	y       []float64
	scale   float64 // the process's variance
	factor  mat.Cholesky
	weights mat.VecDense // K^-1 y
}

// fit returns the process with the largest marginal likelihood, times a prior of the
// lengths and the noise that keeps them in range where there are few values. Failures
// have the largest finite value.
func (s Space) fit(known []Observation) (*process, error) {
	p := &process{lengths: make([]float64, len(s))}
	var worst, sum float64
	for _, o := range known {
		if !math.IsInf(o.Value, 1) {
			worst = o.Value
		}
	}
	for _, o := range known {
		p.put(s.encode(o.Point), min(o.Value, worst))
		sum += p.y[len(p.y)-1]
	}
	mean, spread := sum/float64(len(p.y)), 0.0
	for _, y := range p.y {
		spread += (y - mean) * (y - mean)
	}
	deviation := math.Sqrt(spread / float64(len(p.y)))
	for i := range p.y {
		p.y[i] -= mean
		if deviation > 0 {
			p.y[i] /= deviation
		}
	}
	start := slices.Repeat([]float64{math.Log(0.5)}, len(s)+1)
	start[len(s)] = math.Log(1e-3)
	if p.set(compass(p.cost, start)); p.solve() != nil {
		return nil, errors.New("the covariance of the Gaussian process has no inverse")
	}
	return p, nil
}

// compass looks for the minimum of a function from a point on: it steps along one axis
// at a time as long as that helps, and then halves the steps (compass search, Kolda et
// al. 2003, section 1).
func compass(f func([]float64) float64, from []float64) []float64 {
	at, least := slices.Clone(from), f(from)
	for step := 1.0; step > 0.1; {
		moved := false
		for i := range at {
			for _, by := range []float64{step, -step} {
				was := at[i]
				at[i] += by
				if v := f(at); v < least {
					least, moved = v, true
					break
				}
				at[i] = was
			}
		}
		if !moved {
			step /= 2
		}
	}
	return at
}

// set takes lengths and noise from their logarithms.
func (p *process) set(logs []float64) {
	for i := range p.lengths {
		p.lengths[i] = math.Exp(min(max(logs[i], -4), 4))
	}
	p.noise = math.Exp(min(max(logs[len(p.lengths)], -14), 1))
}

// cost is minus the logarithm of likelihood and prior.
func (p *process) cost(logs []float64) float64 {
	p.set(logs)
	if p.solve() != nil {
		return math.Inf(1)
	}
	n := float64(len(p.y))
	cost := n/2*math.Log(p.scale) + p.factor.LogDet()/2
	for i, v := range logs {
		center, width := math.Log(0.5), 1.0
		if i == len(p.lengths) {
			center, width = math.Log(1e-3), 3
		}
		cost += (v - center) * (v - center) / (2 * width * width)
	}
	return cost
}

// solve factors the covariance and finds the weights and the variance.
func (p *process) solve() error {
	n := len(p.y)
	k := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i {
			k.SetSym(i, j, p.matern(p.apart[i*(i-1)/2+j]))
		}
		k.SetSym(i, i, 1+p.noise+1e-8)
	}
	if !p.factor.Factorize(k) {
		return errors.New("not positive definite")
	}
	y := mat.NewVecDense(n, p.y)
	if err := p.factor.SolveVecTo(&p.weights, y); err != nil && !errors.As(err, new(mat.Condition)) {
		return err
	}
	p.scale = max(mat.Dot(y, &p.weights)/float64(n), 1e-12)
	return nil
}

// matern is the covariance with exponent 5/2 of points with these squares of distances,
// one for each parameter.
func (p *process) matern(squares []float64) float64 {
	var sum float64
	for i, l := range p.lengths {
		sum += squares[i] / (l * l)
	}
	d := math.Sqrt(5 * sum)
	return (1 + d + d*d/3) * math.Exp(-d)
}

// squares writes the squares of the distances of two points, one for each parameter.
func squares(to []float64, a, b [][]float64) []float64 {
	for i := range to {
		to[i] = 0
		for k := range a[i] {
			to[i] += (a[i][k] - b[i][k]) * (a[i][k] - b[i][k])
		}
	}
	return to
}

// put adds a point and its value.
func (p *process) put(x [][]float64, y float64) {
	for _, other := range p.x {
		p.apart = append(p.apart, squares(make([]float64, len(x)), x, other))
	}
	p.x, p.y = append(p.x, x), append(p.y, y)
}

// predict returns the mean and the variance at a point.
func (p *process) predict(x [][]float64) (mean, variance float64) {
	k := mat.NewVecDense(len(p.y), nil)
	room := make([]float64, len(x))
	for i := range p.y {
		k.SetVec(i, p.matern(squares(room, x, p.x[i])))
	}
	var solved mat.VecDense
	if err := p.factor.SolveVecTo(&solved, k); err != nil && !errors.As(err, new(mat.Condition)) {
		return 0, p.scale
	}
	return mat.Dot(k, &p.weights), p.scale * max(0, 1-mat.Dot(k, &solved))
}

// add adds a value.
func (p *process) add(x [][]float64, y float64) error {
	p.put(x, y)
	scale := p.scale
	p.weights.Reset()
	err := p.solve()
	p.scale = scale
	return err
}

// improvement is the expected improvement over the smallest value.
func (p *process) improvement(x [][]float64) float64 {
	mean, variance := p.predict(x)
	deviation := math.Sqrt(variance)
	if deviation == 0 {
		return 0
	}
	z := (slices.Min(p.y) - mean) / deviation
	return deviation * (z*cumulative(z) + math.Exp(-z*z/2)/math.Sqrt(2*math.Pi))
}
