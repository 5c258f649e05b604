package sampler

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// Mixture is a mixture of K normal distributions with full covariances.
type Mixture struct {
	// Dims is the number of values of a code.
	Dims int `json:"dims"`
	// Weights are the probabilities of the components [K].
	Weights []float64 `json:"weights"`
	// Means are their means [K, Dims].
	Means []float64 `json:"means"`
	// Covariances are their covariances [K, Dims, Dims].
	Covariances []float64 `json:"covariances"`
}

// Size is the number of values of a code.
func (m *Mixture) Size() int { return m.Dims }

// Draw draws n codes [n, Dims].
func (m *Mixture) Draw(n int, seed uint64) ([]float32, error) {
	if err := checkDraw(n, m.Dims); err != nil {
		return nil, err
	}
	factors, err := m.factors()
	if err != nil {
		return nil, err
	}
	ends := make([]float64, len(m.Weights))
	sum := 0.0
	for k, w := range m.Weights {
		sum += w
		ends[k] = sum
	}
	r := random(seed)
	z := make([]float32, 0, n*m.Dims)
	noise := make([]float64, m.Dims)
	for range n {
		k := min(sort.SearchFloat64s(ends, r.Float64()*sum), len(ends)-1)
		for i := range noise {
			noise[i] = r.NormFloat64()
		}
		for i := range m.Dims {
			v := m.Means[k*m.Dims+i]
			for j := 0; j <= i; j++ {
				v += factors[k].lower[i*m.Dims+j] * noise[j]
			}
			z = append(z, float32(v))
		}
	}
	return z, nil
}

// LogDensity is log p of each of the codes [N, Dims], in nats.
func (m *Mixture) LogDensity(codes []float32) ([]float64, error) {
	if m.Dims < 1 || len(codes)%m.Dims != 0 {
		return nil, fmt.Errorf("sampler: %d values are not codes of %d values", len(codes), m.Dims)
	}
	factors, err := m.factors()
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(codes)/m.Dims)
	logs, room := make([]float64, len(factors)), make([]float64, m.Dims)
	for i := range out {
		out[i] = m.logs(factors, codes[i*m.Dims:(i+1)*m.Dims], logs, room)
	}
	return out, nil
}

// logs sets to[k] to the log of weight times density of component k at a code, and
// returns the log of their sum. room has Dims values.
func (m *Mixture) logs(factors []factor, code []float32, to, room []float64) float64 {
	most := math.Inf(-1)
	for k, f := range factors {
		mean := m.Means[k*m.Dims : (k+1)*m.Dims]
		square := 0.0
		for i := range room {
			v := float64(code[i]) - mean[i]
			row := f.lower[i*m.Dims : i*m.Dims+i+1]
			for j, l := range row[:i] {
				v -= l * room[j]
			}
			v /= row[i]
			room[i] = v
			square += v * v
		}
		to[k] = f.constant - square/2
		most = max(most, to[k])
	}
	sum := 0.0
	for _, v := range to {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum)
}

// factor is the Cholesky factor L of a covariance, row by row, and
// log weight - log det L - Dims/2 log 2 pi.
type factor struct {
	lower    []float64
	constant float64
}

func (m *Mixture) factors() ([]factor, error) {
	d := m.Dims
	if d < 1 || len(m.Weights) == 0 || len(m.Means) != len(m.Weights)*d || len(m.Covariances) != len(m.Means)*d {
		return nil, fmt.Errorf("sampler: a mixture of %d weights, %d means and %d covariances of %d dimensions: the numbers do not fit together", len(m.Weights), len(m.Means), len(m.Covariances), d)
	}
	out := make([]factor, len(m.Weights))
	for k := range out {
		var c mat.Cholesky
		if !c.Factorize(mat.NewSymDense(d, m.Covariances[k*d*d:(k+1)*d*d])) {
			return nil, fmt.Errorf("sampler: the covariance of component %d is not positive definite: set a greater Floor", k)
		}
		var l mat.TriDense
		c.LTo(&l)
		out[k] = factor{make([]float64, d*d), math.Log(m.Weights[k]) - float64(d)/2*math.Log(2*math.Pi)}
		for i := range d {
			for j := 0; j <= i; j++ {
				out[k].lower[i*d+j] = l.At(i, j)
			}
			out[k].constant -= math.Log(l.At(i, i))
		}
	}
	return out, nil
}
