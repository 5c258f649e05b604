package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// CorruptionKind names a corruption of samples.
type CorruptionKind string

// The corruptions of Vincent et al. (2010). Each element is corrupted
// independently of the others.
const (
	// AddedNoise adds normal noise with the standard deviation Level.
	AddedNoise CorruptionKind = "gaussian"
	// Masking sets elements to 0 with the probability Level.
	Masking CorruptionKind = "masking"
	// SaltAndPepper sets elements to 0 or to 1, each with the probability Level/2.
	SaltAndPepper CorruptionKind = "salt-and-pepper"
)

// Corruption corrupts samples in training, so that an autoencoder that is compared with
// the clean ones learns to remove noise (Vincent et al. 2008). It is drawn in the graph,
// anew for each sample in each epoch. The zero value does nothing.
type Corruption struct {
	// Kind is the corruption.
	Kind CorruptionKind `json:"kind,omitzero"`
	// Level is the standard deviation, or the probability of an element to be corrupted;
	// 0 is no corruption.
	Level float64 `json:"level,omitzero"`
	// Clip moves the corrupted samples into [0,1].
	Clip bool `json:"clip,omitzero"`
}

// Check returns an error that names the first field out of range.
func (l Corruption) Check() error {
	switch {
	case l.Kind != "" && l.Kind != AddedNoise && l.Kind != Masking && l.Kind != SaltAndPepper:
		return fmt.Errorf("kind %q is unknown: want %q, %q or %q", string(l.Kind), string(AddedNoise), string(Masking), string(SaltAndPepper))
	case !(l.Level >= 0) || math.IsInf(l.Level, 0):
		return fmt.Errorf("level %g: want a finite number, at least 0", l.Level)
	case l.Kind == "" && l.Level > 0:
		return fmt.Errorf("level %g without a kind: set Kind, such as %q", l.Level, string(Masking))
	case l.Kind != AddedNoise && l.Level > 1:
		return fmt.Errorf("level %g: want a probability, from 0 to 1", l.Level)
	}
	return nil
}

// Apply corrupts x [N, ...] in training; outside training it returns x. Corrupted is 1
// where an element is replaced, else 0; it is nil if none is, or if noise is added to
// all.
func (l Corruption) Apply(b *Builder, x *Node) (noisy, corrupted *Node) {
	if x == nil || b.Err() != nil {
		return nil, nil
	}
	if err := l.Check(); err != nil {
		b.Failf("corruption: %w", err)
		return nil, nil
	}
	switch {
	case !b.Training || l.Level == 0:
		return x, nil
	case x.Dims() == 0:
		b.Failf("corruption: want samples [N, ...], have a scalar")
		return nil, nil
	}
	if l.Kind == AddedNoise {
		noisy = b.AddNoise(x, l.Level)
	} else {
		noisy, corrupted = l.replace(b, x)
	}
	if l.Clip {
		noisy = b.Clip(noisy, 0, 1)
	}
	return b.Layer("Corruption", noisy), corrupted
}

// replace replaces elements by 0 or 1.
func (l Corruption) replace(b *Builder, x *Node) (noisy, corrupted *Node) {
	u := b.Uniform("corrupted", x.Shape()...)
	// Uniform numbers are multiples of 2^-24. So is the bound, which makes it exact in
	// float32.
	below := func(u lower.Expr, p float64) lower.Expr { return u.Less(lower.Num(math.Ceil(p*0x1p24) * 0x1p-24)) }
	by := zero()
	if l.Kind == SaltAndPepper {
		by = lower.Where(below(a1(), l.Level/2), zero(), one())
	}
	return b.Map(lower.Where(below(a1(), l.Level), by, a0()), x, u), b.Map(below(a0(), l.Level), u)
}

// String describes the corruption, such as "masking 0.25" or "gaussian 0.4 clipped". It
// is "" if there is none.
func (l Corruption) String() string {
	switch {
	case l.Level == 0:
		return ""
	case l.Clip:
		return fmt.Sprintf("%s %g clipped", string(l.Kind), l.Level)
	}
	return fmt.Sprintf("%s %g", string(l.Kind), l.Level)
}
