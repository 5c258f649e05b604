package sampler

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/stheno-ml/stheno/metrics"
)

// GaussianMixture fits a Mixture to codes by the EM algorithm (Dempster et al. 1977; Ghosh
// et al. 2020, section 4, for autoencoders). It starts from the clusters of k-means. The
// result depends on the codes and Seed, not on the number of processors. The zero value
// of each field is its default.
type GaussianMixture struct {
	// Components is the number of normal distributions; 0 means 10.
	Components int
	// Iterations is the largest number of iterations; 0 means 100.
	Iterations int
	// Tolerance ends the fit when the mean log density rises by less, in nats; 0 means
	// 1e-3.
	Tolerance float64
	// Floor is added to the variances, as a share of the codes' mean variance; 0 means
	// 1e-6.
	Floor float64
	Seed  uint64
}

// chunk is the number of codes that are added up at a time, in a fixed order.
const chunk = 2048

// Fit fits the mixture to codes [N, dims].
func (g GaussianMixture) Fit(codes []float32, dims int) (*Mixture, error) {
	n, err := pointsOf(codes, dims)
	if err != nil {
		return nil, err
	}
	g.Components = cmp.Or(g.Components, 10)
	g.Iterations = cmp.Or(g.Iterations, 100)
	g.Tolerance = cmp.Or(g.Tolerance, 1e-3)
	g.Floor = cmp.Or(g.Floor, 1e-6)
	switch {
	case g.Components < 1 || g.Components > n:
		return nil, fmt.Errorf("sampler: %d components for %d codes: want at least 1, and no more than codes", g.Components, n)
	case g.Iterations < 1 || !(g.Tolerance >= 0) || !(g.Floor >= 0):
		return nil, fmt.Errorf("sampler: %d iterations, tolerance %g, floor %g: want positive numbers", g.Iterations, g.Tolerance, g.Floor)
	}
	x := make([]float64, len(codes))
	for i, v := range codes {
		x[i] = float64(v)
	}
	clusters, err := metrics.KMeans{Clusters: g.Components, Starts: 1, Iterations: 50, Seed: g.Seed}.Fit(x, dims)
	if err != nil {
		return nil, err
	}
	e := em{GaussianMixture: g, codes: codes, n: n, m: &Mixture{Dims: dims}}
	e.sums = make([]moments, (n+chunk-1)/chunk)
	e.each(func(i int, s *moments) float64 { s.add(clusters.Label[i], 1, codes[i*dims:(i+1)*dims]); return 0 })
	e.maximize()
	last := math.Inf(-1)
	for range g.Iterations {
		density, err := e.expect()
		if err != nil {
			return nil, err
		}
		e.maximize()
		if density-last < g.Tolerance {
			break
		}
		last = density
	}
	return e.m, nil
}

// em is a fit in progress.
type em struct {
	GaussianMixture
	codes []float32
	n     int
	m     *Mixture
	sums  []moments // of each chunk of codes
}

// moments are weighted sums over codes, by component.
type moments struct {
	dims          int
	weight, x, xx []float64 // [K], [K, dims], [K, dims, dims] with the lower triangle
	density       float64
	logs, room    []float64
}

// add adds a code to component k.
func (s *moments) add(k int, weight float64, code []float32) {
	s.weight[k] += weight
	x, xx := s.x[k*s.dims:(k+1)*s.dims], s.xx[k*s.dims*s.dims:(k+1)*s.dims*s.dims]
	for i, v := range code {
		w := weight * float64(v)
		x[i] += w
		row := xx[i*s.dims : i*s.dims+i+1]
		for j := range row {
			row[j] += w * float64(code[j])
		}
	}
}

// each calls f for all codes, chunk by chunk, and adds up its results.
func (e *em) each(f func(i int, s *moments) float64) {
	d, k := e.m.Dims, e.Components
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(len(e.sums), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for c := range next {
				s := &e.sums[c]
				if s.weight == nil {
					*s = moments{dims: d, weight: make([]float64, k), x: make([]float64, k*d), xx: make([]float64, k*d*d), logs: make([]float64, k), room: make([]float64, d)}
				}
				clear(s.weight)
				clear(s.x)
				clear(s.xx)
				s.density = 0
				for i := c * chunk; i < min((c+1)*chunk, e.n); i++ {
					s.density += f(i, s)
				}
			}
		})
	}
	for c := range e.sums {
		next <- c
	}
	close(next)
	wait.Wait()
}

// expect adds up the codes by their probabilities to be of each component, and returns
// the mean log density.
func (e *em) expect() (float64, error) {
	factors, err := e.m.factors()
	if err != nil {
		return 0, err
	}
	d := e.m.Dims
	e.each(func(i int, s *moments) float64 {
		code := e.codes[i*d : (i+1)*d]
		all := e.m.logs(factors, code, s.logs, s.room)
		for k, l := range s.logs {
			if w := math.Exp(l - all); w > 1e-12 {
				s.add(k, w, code)
			}
		}
		return all
	})
	sum := 0.0
	for i := range e.sums {
		sum += e.sums[i].density
	}
	return sum / float64(e.n), nil
}

// maximize sets the mixture to the moments.
func (e *em) maximize() {
	d, k := e.m.Dims, e.Components
	total := moments{weight: make([]float64, k), x: make([]float64, k*d), xx: make([]float64, k*d*d)}
	for i := range e.sums {
		for _, p := range [3][2][]float64{{total.weight, e.sums[i].weight}, {total.x, e.sums[i].x}, {total.xx, e.sums[i].xx}} {
			for j, v := range p[1] {
				p[0][j] += v
			}
		}
	}
	floor := e.Floor * e.spread(total)
	e.m.Weights = make([]float64, k)
	e.m.Means, e.m.Covariances = slices.Clone(total.x), slices.Clone(total.xx)
	for c, w := range total.weight {
		w = max(w, 1e-10) // a component that lost its codes
		e.m.Weights[c] = w / float64(e.n)
		mean, cov := e.m.Means[c*d:(c+1)*d], e.m.Covariances[c*d*d:(c+1)*d*d]
		for i := range mean {
			mean[i] /= w
		}
		for i := range d {
			for j := 0; j <= i; j++ {
				v := cov[i*d+j]/w - mean[i]*mean[j]
				if i == j {
					v = max(v, 0) + floor
				}
				cov[i*d+j], cov[j*d+i] = v, v
			}
		}
	}
}

// spread is the mean variance of a code's values.
func (e *em) spread(total moments) (v float64) {
	d := e.m.Dims
	for i := range d {
		x, xx := 0.0, 0.0
		for k := range total.weight {
			x, xx = x+total.x[k*d+i]/float64(e.n), xx+total.xx[k*d*d+i*d+i]/float64(e.n)
		}
		v += max(xx-x*x, 0) / float64(d)
	}
	return max(v, math.SmallestNonzeroFloat32)
}
