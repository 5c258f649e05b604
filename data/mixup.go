// Mixup.

package data

import (
	"fmt"
	"math"
)

// Mixup replaces each sample by a mixture with another of its batch, in all fields alike:
//
//	v = l v + (1-l) other,   l ~ Beta(Alpha, Alpha), and l >= 1/2
//
// (Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018). A label must be one-hot, see
// OneHot. Because the other sample is one of the batch, the result depends on the size of the batches.
type Mixup struct {
	Fields []string // none: all fields of the set
	Alpha  float64  // 0.01 to 1; 0: 0.2
}

// wholeBatch says that the samples of a batch cannot be changed apart.
func (Mixup) wholeBatch() {}

func (a Mixup) prepare(in *layout) (change, error) {
	if a.Alpha == 0 {
		a.Alpha = 0.2
	}
	if !(a.Alpha >= 0.01 && a.Alpha <= 1) {
		return nil, fmt.Errorf("the Alpha is %g: want a number from 0.01 to 1", a.Alpha)
	}
	fields := a.Fields
	if len(fields) == 0 {
		for _, f := range in.fields {
			fields = append(fields, f.Name)
		}
	}
	at, err := numbers(in, fields)
	if err != nil {
		return nil, err
	}
	var before []float32
	var other []int
	return func(b *Batch, d draws) error {
		if cap(other) < b.N {
			other = make([]int, b.N)
		}
		other = other[:b.N]
		permute(other, d.seed, d.step, d.epoch, d.from)
		for _, f := range at {
			before = append(before[:0], b.values[f]...)
			size := in.sizes[f]
			for i := range b.N {
				g := d.of(i)
				l := float32(beta(&g, a.Alpha))
				from, to := before[other[i]*size:(other[i]+1)*size], b.at(i)[f]
				for k, v := range from {
					to[k] += float32((1 - l) * (v - to[k]))
				}
			}
		}
		return nil
	}, nil
}

// beta draws the greater of x and 1-x, x of Beta(alpha, alpha), for an alpha of at most 1 (Jöhnk 1964).
func beta(g *splitMix, alpha float64) float64 {
	for {
		x, y := math.Pow(g.unit(), 1/alpha), math.Pow(g.unit(), 1/alpha)
		if sum := x + y; sum > 0 && sum <= 1 {
			return max(x, y) / sum
		}
	}
}
