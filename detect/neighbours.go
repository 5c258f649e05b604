// Distance from the nearest rows as a detector.

package detect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Neighbours scores a row by its mean Euclidean distance, in standardised columns, from
// the K nearest rows of a random sample, averaged over several samples. Small samples
// find clusters of anomalies too, because most samples have no member of the cluster
// (Pang, Ting and Albrecht 2015, LeSiNN); they took 50 samples of 8. With one large
// sample it is the distance from the nearest neighbours (Ramaswamy et al. 2000; Angiulli
// and Pizzuti 2002):
//
//	detect.Neighbours{K: 20, Sample: 4096, Samples: 1}
//
// A row that was fitted is not its own neighbour: in each sample one row at distance 0
// does not count, so of two equal rows each still has the other.
type Neighbours struct {
	// K is the number of neighbours; 0 means 1. It is at most Sample-1.
	K int
	// Sample is the number of rows in a sample; 0 means 16. With fewer rows it is all.
	Sample int
	// Samples is the number of samples; 0 means 100. The time for a row grows with
	// Sample*Samples.
	Samples int
}

func (d Neighbours) withDefaults() Neighbours {
	return Neighbours{cmp.Or(d.K, 1), cmp.Or(d.Sample, 16), cmp.Or(d.Samples, 100)}
}

// String names the method and its settings.
func (d Neighbours) String() string {
	d = d.withDefaults()
	if d.Samples == 1 {
		return fmt.Sprintf("%d nearest neighbours", d.K)
	}
	return fmt.Sprintf("nearest neighbours in samples of %d", d.Sample)
}

// Fit keeps the samples. It needs two rows.
func (d Neighbours) Fit(ctx context.Context, t *Table, o Options) (Model, error) {
	if d.K < 0 || d.Sample < 0 || d.Sample == 1 || d.Samples < 0 {
		return nil, fmt.Errorf("detect: Neighbours: K is %d, Sample %d and Samples %d: none can be negative, and a Sample has at least 2 rows", d.K, d.Sample, d.Samples)
	}
	s, r, err := prepared(ctx, t, 2)
	if err != nil {
		return nil, err
	}
	d = d.withDefaults()
	size := min(d.Sample, r.n)
	m := &neighbours{scale: s, width: r.width, k: min(d.K, size-1)}
	for k := range d.Samples {
		m.samples = append(m.samples, r.kept(rand.New(rand.NewPCG(o.Seed, uint64(k)+1)), size))
	}
	return m, nil
}

// kept returns n rows drawn at random, in float32.
func (r *rows) kept(random *rand.Rand, n int) []float32 {
	x, seen := make([]float32, 0, n*r.width), make(map[int]bool, n)
	for len(seen) < n {
		i := random.IntN(r.n)
		if 2*n > r.n { // nearly all: those that are left are hard to hit
			for seen[i] {
				i = (i + 1) % r.n
			}
		}
		if seen[i] {
			continue
		}
		seen[i] = true
		for _, v := range r.row(i) {
			x = append(x, float32(v))
		}
	}
	return x
}

type neighbours struct {
	noNets
	*scale
	width, k int
	samples  [][]float32 // the rows of each
}

// near is a row of a sample, and its squared distance.
type near struct {
	row []float32
	d2  float32
}

// nearest returns the k rows of a sample that are nearest to row, less one at distance 0.
// The memory of best is the caller's.
func (m *neighbours) nearest(sample, row []float32, best []near) []near {
	best = best[:0]
	for from := 0; from < len(sample); from += m.width {
		kept, d2 := sample[from:from+m.width], float32(0)
		for j, v := range row {
			d := v - kept[j]
			d2 += d * d
		}
		if len(best) == m.k+1 && d2 >= best[m.k].d2 {
			continue
		}
		if len(best) <= m.k {
			best = append(best, near{})
		}
		at := len(best) - 1
		for at > 0 && best[at-1].d2 > d2 {
			best[at] = best[at-1]
			at--
		}
		best[at] = near{kept, d2}
	}
	if best[0].d2 == 0 {
		return best[1:]
	}
	return best[:m.k]
}

// Score returns the mean distances.
func (m *neighbours) Score(t *Table) ([]float64, error) {
	r, err := m.apply(t)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, r.n)
	inParallel(r.n, func(from, to int) {
		row, best := make([]float32, m.width), make([]near, 0, m.k+1)
		for i := from; i < to; i++ {
			for j, v := range r.row(i) {
				row[j] = float32(v)
			}
			sum := 0.0
			for _, sample := range m.samples {
				for _, n := range m.nearest(sample, row, best) {
					sum += math.Sqrt(float64(n.d2))
				}
			}
			scores[i] = sum / float64(m.k*len(m.samples))
		}
	})
	return scores, nil
}

// Explain splits the squared distances among the columns. What is expected is the mean of
// the neighbours.
func (m *neighbours) Explain(t *Table, row int) ([]Part, error) {
	return m.explain(t, row, func(r *rows) (amount, expected []float64) {
		amount, expected = make([]float64, m.width), make([]float64, m.width)
		x, all := make([]float32, m.width), float64(m.k*len(m.samples))
		for j, v := range r.row(0) {
			x[j] = float32(v)
		}
		for _, sample := range m.samples {
			for _, n := range m.nearest(sample, x, nil) {
				for j, v := range n.row {
					expected[j] += float64(v) / all
					amount[j] += float64((x[j] - v) * (x[j] - v))
				}
			}
		}
		return amount, expected
	})
}
