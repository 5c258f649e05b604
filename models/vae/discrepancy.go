package vae

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Discrepancy is the maximum mean discrepancy of two samples of codes (Gretton et al.
// 2012), a squared distance of distributions:
//
//	mean of k(x_i, x_j), i != j  +  mean of k(y_i, y_j), i != j  -  2 mean of k(x_i, y_j)
//
// The kernel k is a sum over Scales s, with d the distance and D the size of a code:
//
//	imq: C / (C + d^2)      inverse multiquadratic
//	rbf: exp(-d^2 / C)      radial basis function
//	C = 2 D Bandwidth^2 s
//
// The estimate is unbiased, so it can be below 0. The zero value is the kernel of
// Tolstikhin et al. (2018), appendix F.
type Discrepancy struct {
	// Kernel is "imq" or "rbf"; "" means "imq".
	Kernel string `json:"kernel,omitzero"`
	// Bandwidth is above 0; 0 means 1, the standard deviation of the prior.
	Bandwidth float64 `json:"bandwidth,omitzero"`
	// Scales are above 0; nil means .1, .2, .5, 1, 2, 5, 10.
	Scales []float64 `json:"scales,omitzero"`
}

func (d Discrepancy) withDefaults() Discrepancy {
	if d.Kernel == "" {
		d.Kernel = "imq"
	}
	if d.Bandwidth == 0 {
		d.Bandwidth = 1
	}
	if d.Scales == nil {
		d.Scales = []float64{.1, .2, .5, 1, 2, 5, 10}
	}
	return d
}

// Validate returns an error that names the first field out of range.
func (d Discrepancy) Validate() error {
	d = d.withDefaults()
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	switch {
	case d.Kernel != "imq" && d.Kernel != "rbf":
		return fmt.Errorf("vae: Kernel is %q, want imq or rbf", d.Kernel)
	case !positive(d.Bandwidth):
		return fmt.Errorf("vae: Bandwidth is %g, want a finite number above 0", d.Bandwidth)
	case len(d.Scales) == 0:
		return fmt.Errorf("vae: Scales is empty: list at least one, or set nil for .1, .2, .5, 1, 2, 5, 10")
	}
	for i, s := range d.Scales {
		if !positive(s) {
			return fmt.Errorf("vae: Scales[%d] is %g, want a finite number above 0", i, s)
		}
	}
	return nil
}

// Between is the discrepancy of x and y, both [N, D]: a scalar. For N = 1 there are no
// pairs, and it is 0.
func (d Discrepancy) Between(b *graph.Builder, x, y *graph.Node) *graph.Node {
	if !valid(b, d) {
		return nil
	}
	if x == nil || y == nil || x.Dims() != 2 || !graph.Shape(x.Shape()).Equal(graph.Shape(y.Shape())) {
		b.Failf("vae: the discrepancy of %v and %v: want codes [N, D] of one shape", x, y)
		return nil
	}
	d = d.withDefaults()
	n := x.Shape()[0]
	if n == 1 {
		return b.Scale(b.Sum(b.Sub(x, x)), 0)
	}
	pairs := 1 / float64(n*(n-1))
	within := b.Add(b.Sum(b.Mul(d.kernel(b, x, x), unequal(b, n))), b.Sum(b.Mul(d.kernel(b, y, y), unequal(b, n))))
	return b.Sub(b.Scale(within, pairs), b.Scale(b.Mean(d.kernel(b, x, y)), 2))
}

// unequal is [n, n]: 1 for pairs of two samples, 0 for a sample with itself.
func unequal(b *graph.Builder, n int) *graph.Node {
	return b.NotEqual(b.Reshape(b.Iota(n), n, 1), b.Reshape(b.Iota(n), 1, n))
}

// kernel is k of each row of x with each of y: [N, N].
func (d Discrepancy) kernel(b *graph.Builder, x, y *graph.Node) *graph.Node {
	n, size := x.Shape()[0], x.Shape()[1]
	squares := func(x *graph.Node, shape ...int) *graph.Node { return b.Reshape(b.Sum(b.Square(x), 1), shape...) }
	products := b.MatMul(x, b.Transpose(y, 1, 0))
	dot, xx, yy := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	distance := lower.Max(lower.Num(0), xx.Add(yy).Sub(lower.Num(2).Mul(dot)))
	sum := lower.Num(0)
	for _, s := range d.Scales {
		c := lower.Num(2 * float64(size) * d.Bandwidth * d.Bandwidth * s)
		if d.Kernel == "imq" {
			sum = sum.Add(c.Div(c.Add(distance)))
		} else {
			sum = sum.Add(lower.Exp(distance.Div(c).Neg()))
		}
	}
	return b.Map(sum, products, squares(x, n, 1), squares(y, 1, n))
}
