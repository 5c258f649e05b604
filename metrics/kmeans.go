package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// KMeans is k-means clustering by Lloyd's algorithm. Each start chooses its centres by
// k-means++ (Arthur and Vassilvitskii 2007); the start with the least inertia counts.
// The result depends on Seed and the points, not on the number of processors. The zero
// value of each field but Clusters is its default.
type KMeans struct {
	Clusters int
	// Starts is the number of starts; 0 means 20.
	Starts int
	// Iterations is the largest number of iterations of a start; 0 means 300.
	Iterations int
	// Tolerance ends a start when the centres' squared movement is at most this share
	// of the points' variance; 0 means 1e-4.
	Tolerance float64
	Seed      uint64
}

// Clusters are the result of KMeans.
type Clusters struct {
	// Centres has a row for each cluster, [clusters, dims].
	Centres []float64
	// Label is the cluster of each point, whose centre is the nearest.
	Label []int
	// Inertia is the sum of the squared distances of points from their centres.
	Inertia float64
}

// Fit clusters the points x [N, dims], in row-major order. It returns an error if there
// are fewer points than clusters, or if a value is not finite.
func (k KMeans) Fit(x []float64, dims int) (*Clusters, error) {
	k.Starts = cmp.Or(k.Starts, 20)
	k.Iterations = cmp.Or(k.Iterations, 300)
	k.Tolerance = cmp.Or(k.Tolerance, 1e-4)
	switch {
	case dims < 1 || len(x)%dims != 0:
		return nil, fmt.Errorf("metrics: k-means: %d values are not points of %d dimensions", len(x), dims)
	case k.Clusters < 1 || k.Clusters > len(x)/dims:
		return nil, fmt.Errorf("metrics: k-means: %d clusters of %d points: want at least 1 and no more than points", k.Clusters, len(x)/dims)
	case k.Starts < 1 || k.Iterations < 1 || !(k.Tolerance >= 0):
		return nil, fmt.Errorf("metrics: k-means: %d starts, %d iterations, tolerance %g: want positive numbers", k.Starts, k.Iterations, k.Tolerance)
	}
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("metrics: k-means: a value is not finite")
		}
	}
	still := k.Tolerance * variance(x, dims)
	found := make([]*Clusters, k.Starts)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(k.Starts, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				found[i] = k.start(x, dims, still, rand.New(rand.NewPCG(k.Seed, uint64(i))))
			}
		})
	}
	for i := range k.Starts {
		next <- i
	}
	close(next)
	wait.Wait()
	best := found[0]
	for _, c := range found[1:] {
		if c.Inertia < best.Inertia {
			best = c
		}
	}
	return best, nil
}

// start runs the algorithm once.
func (k KMeans) start(x []float64, dims int, still float64, r *rand.Rand) *Clusters {
	n := len(x) / dims
	c := &Clusters{Centres: seedCentres(x, dims, k.Clusters, r), Label: make([]int, n)}
	far := make([]float64, n) // squared distance of each point from its centre
	sums, counts := make([]float64, len(c.Centres)), make([]int, k.Clusters)
	for range k.Iterations {
		c.assign(x, dims, far)
		clear(sums)
		clear(counts)
		for i, label := range c.Label {
			counts[label]++
			sum := sums[label*dims : (label+1)*dims]
			for d, v := range x[i*dims : (i+1)*dims] {
				sum[d] += v
			}
		}
		moved := 0.0
		for j := range counts {
			centre := sums[j*dims : (j+1)*dims]
			if counts[j] == 0 { // an empty cluster takes the point that is farthest from its centre
				i := farthest(far)
				far[i] = 0
				copy(centre, x[i*dims:(i+1)*dims])
			} else {
				for d := range centre {
					centre[d] /= float64(counts[j])
				}
			}
			moved += squaredDistance(centre, c.Centres[j*dims:(j+1)*dims], math.Inf(1))
		}
		copy(c.Centres, sums)
		if moved <= still {
			break
		}
	}
	c.assign(x, dims, far)
	return c
}

// assign gives each point the cluster whose centre is the nearest, and adds up the
// inertia.
func (c *Clusters) assign(x []float64, dims int, far []float64) {
	c.Inertia = 0
	for i := range c.Label {
		point := x[i*dims : (i+1)*dims]
		at := c.Label[i] // most points stay, so its distance bounds the others'
		least := squaredDistance(point, c.Centres[at*dims:(at+1)*dims], math.Inf(1))
		for j := range len(c.Centres) / dims {
			if d := squaredDistance(point, c.Centres[j*dims:(j+1)*dims], least); d < least || d == least && j < at {
				least, at = d, j
			}
		}
		c.Label[i], far[i] = at, least
		c.Inertia += least
	}
}

// seedCentres chooses points as centres: the first at random, each further one with a
// probability in proportion to its squared distance from the nearest centre so far.
func seedCentres(x []float64, dims, clusters int, r *rand.Rand) []float64 {
	n := len(x) / dims
	centres := make([]float64, 0, clusters*dims)
	near := make([]float64, n)
	for i := range near {
		near[i] = math.Inf(1)
	}
	at := r.IntN(n)
	for {
		centre := x[at*dims : (at+1)*dims]
		centres = append(centres, centre...)
		if len(centres) == clusters*dims {
			return centres
		}
		total := 0.0
		for i := range near {
			near[i] = min(near[i], squaredDistance(x[i*dims:(i+1)*dims], centre, near[i]))
			total += near[i]
		}
		left := r.Float64() * total
		for at = 0; at < n-1; at++ {
			if left -= near[at]; left < 0 {
				break
			}
		}
	}
}

// squaredDistance is that of two points, or a number of at least the bound as soon as
// it is known to be.
func squaredDistance(x, y []float64, bound float64) float64 {
	sum := 0.0
	for d, v := range x {
		e := v - y[d]
		if sum += e * e; sum > bound {
			break
		}
	}
	return sum
}

// variance is the mean over the dimensions of the points' variance.
func variance(x []float64, dims int) float64 {
	mean, sum := make([]float64, dims), 0.0
	n := float64(len(x) / dims)
	for i, v := range x {
		mean[i%dims] += v / n
	}
	for i, v := range x {
		sum += (v - mean[i%dims]) * (v - mean[i%dims])
	}
	return sum / float64(len(x))
}

func farthest(far []float64) int {
	at := 0
	for i, d := range far {
		if d > far[at] {
			at = i
		}
	}
	return at
}
