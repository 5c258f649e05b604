package dense

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Contraction makes a contractive autoencoder (Rifai et al. 2011): the squared
// Frobenius norm of the encoder's Jacobian, averaged over the batch, is a term of the
// loss. The zero value does nothing. It excludes BatchNorm and Dropout.
//
// For an encoder of one layer, code = act(a) with a = x W + b, the norm is exact:
//
//	|J|^2 = sum over units j of act'(a_j)^2 sum over i of W_ij^2
//
// For more layers it is the mean of |J v|^2 over random directions v whose elements
// are -1 or 1, which is unbiased, because E[v vᵀ] is the identity (Hutchinson 1990).
// J v is computed layer by layer with the encoder, not by differences.
type Contraction struct {
	// Weight is the weight of the norm. nil is no such penalty. It is the default of
	// the scalar input "contraction". The metric "jacobian" is the norm.
	Weight *float64 `json:"weight,omitzero"`
	// Probes is the number of random directions for each sample; 0 means none for one
	// layer, whose norm is exact, and 1 for more layers.
	Probes int `json:"probes,omitzero"`
}

func (r Contraction) validate(c Config) error {
	switch {
	case !validWeight(r.Weight):
		return fmt.Errorf("dense: Contraction.Weight is %g, want a finite number, at least 0", *r.Weight)
	case r.Probes < 0:
		return fmt.Errorf("dense: Contraction.Probes is %d, want at least 1, or 0 for the default", r.Probes)
	case r.Weight == nil && r.Probes > 0:
		return fmt.Errorf("dense: Contraction.Probes is %d without Contraction.Weight: set both", r.Probes)
	case r.Weight != nil && c.BatchNorm:
		return fmt.Errorf("dense: Contraction with BatchNorm: the code of a sample then depends on others, and has no Jacobian of its own: use one of them")
	case r.Weight != nil && c.Dropout > 0:
		return fmt.Errorf("dense: Contraction with Dropout %g: use one of them", c.Dropout)
	}
	return nil
}

// String describes the settings, such as "contraction 0.1". It is "" for none.
func (r Contraction) String() string {
	if r.Weight == nil {
		return ""
	}
	s := fmt.Sprintf("contraction %g", *r.Weight)
	if r.Probes > 0 {
		s += fmt.Sprintf(" by %d probes", r.Probes)
	}
	return s
}

// linearised is a layer with what its Jacobian depends on.
type linearised struct {
	w, sum     *graph.Node // the weight [D, units], and x w + b [N, units]
	activation graph.Activation
	kept       *graph.Node // the result [N, units], if only some elements are kept
}

// slope is the derivative of the layer's result with respect to its sum, [N, units].
func (l linearised) slope(b *graph.Builder) *graph.Node {
	s := b.ActivationSlope(l.activation, l.sum)
	if l.kept != nil {
		s = b.Mul(s, b.NotEqual(l.kept, b.Number(0)))
	}
	return s
}

func (r Contraction) penalties(b *graph.Builder, path []linearised) []penalty {
	if r.Weight == nil || b.Err() != nil {
		return nil
	}
	scope := b.Scope("jacobian")
	var norm *graph.Node
	if len(path) == 1 && r.Probes == 0 {
		l := path[0]
		norm = scope.Mean(scope.Sum(scope.Mul(scope.Square(l.slope(scope)), scope.Sum(scope.Square(l.w), 0)), 1))
	} else {
		norm = probe(scope, path, cmp.Or(r.Probes, 1))
	}
	return []penalty{{"jacobian", InputContraction, *r.Weight, norm}}
}

// probe is the mean of |J v|^2 over the batch and over random directions v.
func probe(b *graph.Builder, path []linearised, probes int) *graph.Node {
	n, in := path[0].sum.Shape()[0], path[0].w.Shape()[0]
	half := lower.Arg(0).Less(lower.Num(0.5))
	v := b.Map(lower.Where(half, lower.Num(-1), lower.Num(1)), b.Uniform("probe", n, probes, in))
	for _, l := range path {
		units := l.w.Shape()[1]
		v = b.Reshape(b.MatMul(b.Reshape(v, -1, in), l.w), n, probes, units)
		v = b.Mul(v, b.Reshape(l.slope(b), n, 1, units))
		in = units
	}
	if v == nil {
		return nil
	}
	return b.Scale(b.Sum(b.Square(v)), 1/float64(n*probes))
}
