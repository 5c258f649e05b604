package sampler

import (
	"fmt"
	"math"
)

// Normal draws codes from the standard normal distribution N(0,1), the usual prior. Its
// value is the number of values of a code.
type Normal int

// Size is the number of values of a code.
func (p Normal) Size() int { return int(p) }

// Draw draws n codes [n, Size].
func (p Normal) Draw(n int, seed uint64) ([]float32, error) {
	if err := checkDraw(n, int(p)); err != nil {
		return nil, err
	}
	r := random(seed)
	z := make([]float32, n*int(p))
	for i := range z {
		z[i] = float32(r.NormFloat64())
	}
	return z, nil
}

// Posteriors draws from the mean of the distributions q(z|x) of K samples x, each a
// diagonal normal, with equal probability: the aggregate posterior of these samples. With
// a model's pseudo-inputs as samples it is the prior of Tomczak and Welling (2018), eq. 9.
type Posteriors struct {
	// Dims is the number of values of a code.
	Dims int
	// Mu and LogVar are the means and the log variances [K, Dims].
	Mu, LogVar []float32
}

// Size is the number of values of a code.
func (p Posteriors) Size() int { return p.Dims }

// Draw draws n codes [n, Dims].
func (p Posteriors) Draw(n int, seed uint64) ([]float32, error) {
	if err := checkDraw(n, p.Dims); err != nil {
		return nil, err
	}
	if len(p.Mu) == 0 || len(p.Mu)%p.Dims != 0 || len(p.LogVar) != len(p.Mu) {
		return nil, fmt.Errorf("sampler: %d means and %d log variances: want as many of both, those of one or more codes of %d values", len(p.Mu), len(p.LogVar), p.Dims)
	}
	r := random(seed)
	z := make([]float32, 0, n*p.Dims)
	for range n {
		at := r.IntN(len(p.Mu)/p.Dims) * p.Dims
		for k := at; k < at+p.Dims; k++ {
			z = append(z, p.Mu[k]+float32(math.Exp(float64(p.LogVar[k])/2)*r.NormFloat64()))
		}
	}
	return z, nil
}
