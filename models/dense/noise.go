package dense

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// NoiseKind names a corruption of samples.
type NoiseKind string

// The corruptions of Vincent et al. (2010). Each element is corrupted
// independently of the others.
const (
	// Gaussian adds normal noise with the standard deviation Level.
	Gaussian NoiseKind = "gaussian"
	// Masking sets elements to 0 with the probability Level.
	Masking NoiseKind = "masking"
	// SaltAndPepper sets elements to 0 or to 1, each with the probability Level/2.
	SaltAndPepper NoiseKind = "salt-and-pepper"
)

// Noise makes a denoising autoencoder (Vincent et al. 2008): in training the encoder
// reads corrupted samples, and the reconstruction is compared with the clean ones.
// In evaluation there is no noise. The noise is drawn in the graph, anew for each
// sample in each epoch. The zero value is no noise.
type Noise struct {
	// Kind is the corruption.
	Kind NoiseKind `json:"kind,omitzero"`
	// Level is the standard deviation, or the probability of an element to be
	// corrupted; 0 is no noise.
	Level float64 `json:"level,omitzero"`
	// Emphasis, if not nil, weighs corrupted and intact elements differently. It needs
	// a noise that leaves elements intact.
	Emphasis *Emphasis `json:"emphasis,omitzero"`
}

// Emphasis has the weights of elements in the loss of training (Vincent et al. 2010,
// alpha and beta there):
//
//	(Corrupted sum over corrupted elements + Intact sum over the others) / number of elements
//
// Corrupted 1 and Intact 0 is full emphasis.
type Emphasis struct {
	Corrupted float64 `json:"corrupted,omitzero"`
	Intact    float64 `json:"intact,omitzero"`
}

func (n Noise) validate() error {
	switch {
	case n.Kind != "" && n.Kind != Gaussian && n.Kind != Masking && n.Kind != SaltAndPepper:
		return fmt.Errorf("dense: Noise.Kind: %q is unknown: want %q, %q or %q", string(n.Kind), string(Gaussian), string(Masking), string(SaltAndPepper))
	case !(n.Level >= 0) || math.IsInf(n.Level, 1):
		return fmt.Errorf("dense: Noise.Level is %g, want a finite number, at least 0", n.Level)
	case n.Kind == "" && n.Level > 0:
		return fmt.Errorf("dense: Noise.Level is %g without a kind: set Noise.Kind, such as %q", n.Level, string(Masking))
	case n.Kind != Gaussian && n.Level > 1:
		return fmt.Errorf("dense: Noise.Level is %g, want a probability, from 0 to 1", n.Level)
	}
	if e := n.Emphasis; e != nil {
		switch {
		case n.Kind != Masking && n.Kind != SaltAndPepper:
			return fmt.Errorf("dense: Noise.Emphasis with noise %q: only %q and %q leave elements intact", string(n.Kind), string(Masking), string(SaltAndPepper))
		case !(e.Corrupted >= 0) || !(e.Intact >= 0) || !(e.Corrupted+e.Intact > 0) || math.IsInf(e.Corrupted+e.Intact, 1):
			return fmt.Errorf("dense: Noise.Emphasis is %g and %g, want finite weights, at least 0, and one of them above 0", e.Corrupted, e.Intact)
		}
	}
	return nil
}

// String describes the noise, such as "masking 0.25". It is "" without noise.
func (n Noise) String() string {
	if n.Level == 0 {
		return ""
	}
	s := fmt.Sprintf("%s %g", string(n.Kind), n.Level)
	if n.Emphasis != nil {
		s += fmt.Sprintf(" emphasis %g:%g", n.Emphasis.Corrupted, n.Emphasis.Intact)
	}
	return s
}

// corrupt returns what the encoder reads of x, and 1 where an element is corrupted,
// else 0; that is nil for noise that corrupts all elements, or none.
func (n Noise) corrupt(b *graph.Builder, x *graph.Node) (noisy, corrupted *graph.Node) {
	if b.Err() != nil || !b.Training || n.Level == 0 {
		return x, nil
	}
	scope := b.Scope("noise")
	if n.Kind == Gaussian {
		return scope.Layer("Gaussian", scope.AddNoise(x, n.Level)), nil
	}
	u := scope.Uniform("corrupted", x.Shape()...)
	below := func(p float64) lower.Expr { return lower.Arg(1).Less(lower.Num(p)) }
	replaced, kind := lower.Num(0), "Masking"
	if n.Kind == SaltAndPepper {
		replaced, kind = lower.Where(below(n.Level/2), lower.Num(0), lower.Num(1)), "SaltAndPepper"
	}
	noisy = scope.Map(lower.Where(below(n.Level), replaced, lower.Arg(0)), x, u)
	return scope.Layer(kind, noisy), scope.Map(lower.Arg(0).Less(lower.Num(n.Level)), u)
}

// emphasise replaces the loss of a net's task by one that weighs corrupted elements,
// for the decoder's output y of the samples x.
func (n Noise) emphasise(b *graph.Builder, net graph.Net, loss graph.ReconLoss, y, x, corrupted *graph.Node) graph.Net {
	if b.Err() != nil || corrupted == nil || n.Emphasis == nil {
		return net
	}
	scope := b.Scope("loss")
	logit, target := lower.Arg(0), lower.Arg(1)
	each := lower.Softplus(logit).Sub(logit.Mul(target))
	if loss == graph.MSE {
		each = logit.Sub(target).Square()
	}
	weight := lower.Where(lower.Arg(2), lower.Num(n.Emphasis.Corrupted), lower.Num(n.Emphasis.Intact))
	net.Tasks[0].Loss = scope.Mean(scope.Map(each.Mul(weight), y, x, corrupted))
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}
