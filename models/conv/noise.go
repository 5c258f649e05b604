package conv

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// NoiseKind names a corruption of samples.
type NoiseKind string

// The corruptions of Vincent et al. (2010), section 3.3. Each value is damaged
// independently of the others.
const (
	Gaussian      NoiseKind = "gaussian"        // adds normal noise with the standard deviation Level
	Masking       NoiseKind = "masking"         // sets values to 0 with the probability Level
	SaltAndPepper NoiseKind = "salt-and-pepper" // sets values to 0 or 1, each with the probability Level/2
)

// Noise makes a denoising autoencoder (Vincent et al. 2008): in training the encoder
// sees damaged samples, and the loss compares with the clean ones. The damage is drawn
// in the graph, anew for each sample in each epoch. The zero value is no noise.
type Noise struct {
	// Kind is the corruption.
	Kind NoiseKind `json:"kind,omitzero"`
	// Level is the standard deviation, or the probability of a value to be damaged; 0
	// is no noise.
	Level float64 `json:"level,omitzero"`
	// Clip moves the noisy values into [0,1].
	Clip bool `json:"clip,omitzero"`
}

// check returns an error that names the first field out of range.
func (n Noise) check() error {
	switch {
	case n.Kind != "" && n.Kind != Gaussian && n.Kind != Masking && n.Kind != SaltAndPepper:
		return fmt.Errorf("conv: layer \"noise\": Kind: %q is unknown: want %q, %q or %q", string(n.Kind), string(Gaussian), string(Masking), string(SaltAndPepper))
	case !(n.Level >= 0) || math.IsInf(n.Level, 0):
		return fmt.Errorf("conv: layer \"noise\": Level is %g, want a finite number of at least 0", n.Level)
	case n.Kind == "" && n.Level > 0:
		return fmt.Errorf("conv: layer \"noise\": Level is %g without a kind: set Noise.Kind, such as %q", n.Level, string(Gaussian))
	case n.Kind != Gaussian && n.Level > 1:
		return fmt.Errorf("conv: layer \"noise\": Level is %g, want a probability", n.Level)
	}
	return nil
}

// Apply damages x [N, ...] in training. Outside training it returns x.
func (n Noise) Apply(b *graph.Builder, x *graph.Node) *graph.Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	if err := n.check(); err != nil {
		b.Failf("%w", err)
		return nil
	}
	if !b.Training || n.Level == 0 {
		return x
	}
	if x.Dims() == 0 {
		b.Failf("conv: want samples [N, ...] to damage, have a scalar")
		return nil
	}
	value, u, zero, one := lower.Arg(0), lower.Arg(1), lower.Num(0), lower.Num(1)
	switch n.Kind {
	case Gaussian:
		x = b.AddNoise(x, n.Level)
	case Masking:
		x = b.Map(lower.Where(u.Less(bound(n.Level)), zero, value), x, b.Uniform("masking", x.Shape()...))
	case SaltAndPepper:
		damaged := lower.Where(u.Less(bound(n.Level/2)), zero, one)
		x = b.Map(lower.Where(u.Less(bound(n.Level)), damaged, value), x, b.Uniform("salt", x.Shape()...))
	}
	if n.Clip {
		x = b.Clip(x, 0, 1)
	}
	return b.Layer("Noise", x)
}

// bound is a number below which a uniform draw lies with probability p. Draws are
// multiples of 2^-24; so is the bound, which makes it exact in float32.
func bound(p float64) lower.Expr { return lower.Num(math.Ceil(p*0x1p24) * 0x1p-24) }

// String names the noise, such as "gaussian 0.4 clipped", or is "" if there is none.
func (n Noise) String() string {
	switch {
	case n.Level == 0:
		return ""
	case n.Clip:
		return fmt.Sprintf("%s %g clipped", n.Kind, n.Level)
	}
	return fmt.Sprintf("%s %g", n.Kind, n.Level)
}
