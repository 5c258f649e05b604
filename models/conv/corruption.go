package conv

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Corruption damages samples in training, so that an autoencoder learns to restore
// them (Vincent et al. 2010). The damage is drawn in the graph, anew in every epoch.
// The kinds apply one after the other, in the order of the fields; the zero value does
// nothing.
type Corruption struct {
	// Gaussian is the standard deviation of normal noise added to each value.
	Gaussian float64 `json:"gaussian,omitzero"`
	// Masking is the probability with which a value becomes 0.
	Masking float64 `json:"masking,omitzero"`
	// SaltPepper is the probability with which a value becomes 0 or 1, each equally
	// likely.
	SaltPepper float64 `json:"saltPepper,omitzero"`
	// Clip moves the damaged values into [0,1].
	Clip bool `json:"clip,omitzero"`
}

// check returns an error that names the first field out of range.
func (c Corruption) check() error {
	if !(c.Gaussian >= 0) || math.IsInf(c.Gaussian, 0) {
		return fmt.Errorf("conv: layer \"corrupt\": Gaussian is %g, want a finite standard deviation of at least 0", c.Gaussian)
	}
	if !(c.Masking >= 0 && c.Masking <= 1) {
		return fmt.Errorf("conv: layer \"corrupt\": Masking is %g, want a probability", c.Masking)
	}
	if !(c.SaltPepper >= 0 && c.SaltPepper <= 1) {
		return fmt.Errorf("conv: layer \"corrupt\": SaltPepper is %g, want a probability", c.SaltPepper)
	}
	return nil
}

// Apply damages x [N, ...] in training. Outside training it returns x.
func (c Corruption) Apply(b *graph.Builder, x *graph.Node) *graph.Node {
	if x == nil || b.Err() != nil || !b.Training || c == (Corruption{}) {
		return x
	}
	if err := c.check(); err != nil {
		b.Failf("%w", err)
		return nil
	}
	if x.Dims() == 0 {
		b.Failf("conv: want samples [N, ...] to corrupt, have a scalar")
		return nil
	}
	x = b.AddNoise(x, c.Gaussian)
	value, u, zero, one := lower.Arg(0), lower.Arg(1), lower.Num(0), lower.Num(1)
	if c.Masking > 0 {
		x = b.Map(lower.Where(u.Less(bound(c.Masking)), zero, value), x, b.Uniform("masking", x.Shape()...))
	}
	if c.SaltPepper > 0 {
		damaged := lower.Where(u.Less(bound(c.SaltPepper/2)), zero, one)
		x = b.Map(lower.Where(u.Less(bound(c.SaltPepper)), damaged, value), x, b.Uniform("salt", x.Shape()...))
	}
	if c.Clip {
		x = b.Clip(x, 0, 1)
	}
	return b.Layer("Corruption", x)
}

// bound is a number below which a uniform draw lies with probability p. Draws are
// multiples of 2^-24; so is the bound, which makes it exact in float32.
func bound(p float64) lower.Expr { return lower.Num(math.Ceil(p*0x1p24) * 0x1p-24) }

// String lists the damage, such as "gaussian 0.4 masking 0.1", or "" if there is none.
func (c Corruption) String() string {
	s := ""
	for _, kind := range []struct {
		name   string
		amount float64
	}{{"gaussian", c.Gaussian}, {"masking", c.Masking}, {"salt-and-pepper", c.SaltPepper}} {
		if kind.amount != 0 {
			s += fmt.Sprintf(" %s %g", kind.name, kind.amount)
		}
	}
	if s != "" && c.Clip {
		s += " clipped"
	}
	if s == "" {
		return ""
	}
	return s[1:]
}
