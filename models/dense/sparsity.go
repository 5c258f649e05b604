package dense

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// The scalar inputs with the weights of penalties.
const (
	InputL1          = "l1"          // of Sparsity.L1
	InputSparsity    = "sparsity"    // of Sparsity.KL
	InputContraction = "contraction" // of Contraction.Weight
)

// Sparsity makes the code sparse, by penalties or by keeping its greatest elements.
// The zero value does nothing.
type Sparsity struct {
	// L1 is the weight of the mean over the batch of sum |code|, as Keras' activity
	// regulariser. nil is no such penalty. It is the default of the scalar input "l1".
	// The metric "l1" is the mean without the weight.
	L1 *float64 `json:"l1,omitzero"`
	// KL is the weight of the Kullback-Leibler divergence of the units' mean
	// activations over the batch from Rate, in nats, summed over units (Ng 2011):
	//
	//	sum over units of Rate log(Rate/q) + (1-Rate) log((1-Rate)/(1-q))
	//
	// The code must have the activation "sigmoid". nil is no such penalty. It is the
	// default of the scalar input "sparsity". The metric "kl" is the divergence.
	KL *float64 `json:"kl,omitzero"`
	// Rate is the target of KL, between 0 and 1; 0 means 0.05.
	Rate float64 `json:"rate,omitzero"`
	// K is the number of the greatest elements of the code that are kept; the others
	// are 0 (Makhzani and Frey 2013). 0 keeps all. The code of the paper is linear.
	K int `json:"k,omitzero"`
	// EvalK replaces K in evaluation; 0 means K. The paper takes up to 3 K.
	EvalK int `json:"evalK,omitzero"`
}

func (s Sparsity) withDefaults() Sparsity {
	s.Rate = cmp.Or(s.Rate, 0.05)
	s.EvalK = cmp.Or(s.EvalK, s.K)
	return s
}

// on reports whether the code is to be sparse.
func (s Sparsity) on() bool { return s.L1 != nil || s.KL != nil || s.K > 0 }

func (s Sparsity) validate(code int, activation graph.Activation) error {
	switch {
	case !validWeight(s.L1):
		return fmt.Errorf("dense: Sparsity.L1 is %g, want a finite number, at least 0", *s.L1)
	case !validWeight(s.KL):
		return fmt.Errorf("dense: Sparsity.KL is %g, want a finite number, at least 0", *s.KL)
	case !(s.Rate > 0 && s.Rate < 1):
		return fmt.Errorf("dense: Sparsity.Rate is %g, want a number between 0 and 1", s.Rate)
	case s.KL != nil && activation != "sigmoid":
		return fmt.Errorf("dense: Sparsity.KL with the code's activation %q: want activations between 0 and 1: set CodeActivation to \"sigmoid\"", string(activation))
	case s.K < 0 || s.K > code:
		return fmt.Errorf("dense: Sparsity.K is %d, want from 0 to the %d elements of the code", s.K, code)
	case s.EvalK != 0 && s.K == 0:
		return fmt.Errorf("dense: Sparsity.EvalK is %d without Sparsity.K: set both", s.EvalK)
	case s.EvalK < 0 || s.EvalK > code:
		return fmt.Errorf("dense: Sparsity.EvalK is %d, want from 0 to the %d elements of the code", s.EvalK, code)
	}
	return nil
}

// validWeight reports whether the weight of a penalty, if there is one, is finite and at
// least 0.
func validWeight(w *float64) bool { return w == nil || *w >= 0 && !math.IsInf(*w, 1) }

// String describes the settings, such as "l1 0.0001" or "k 25". It is "" for none.
func (s Sparsity) String() string {
	s = s.withDefaults()
	var words []string
	if s.L1 != nil {
		words = append(words, fmt.Sprintf("l1 %g", *s.L1))
	}
	if s.KL != nil {
		words = append(words, fmt.Sprintf("kl %g to rate %g", *s.KL, s.Rate))
	}
	if s.K > 0 {
		words = append(words, fmt.Sprintf("k %d", s.K))
	}
	if s.EvalK != s.K {
		words = append(words, fmt.Sprintf("(%d in evaluation)", s.EvalK))
	}
	return strings.Join(words, " ")
}

// keep keeps the greatest elements of each code.
func (s Sparsity) keep(b *graph.Builder, code *graph.Node) *graph.Node {
	k := s.EvalK
	if b.Training {
		k = s.K
	}
	if k == 0 || b.Err() != nil {
		return code
	}
	return b.Layer("KeepTopK", b.KeepTopK(code, k, 1))
}

func (s Sparsity) penalties(b *graph.Builder, code *graph.Node) (out []penalty) {
	if code == nil || b.Err() != nil {
		return nil
	}
	scope := b.Scope("sparsity")
	if s.L1 != nil {
		out = append(out, penalty{"l1", InputL1, *s.L1, scope.Mean(scope.Sum(scope.Abs(code), 1))})
	}
	if s.KL != nil {
		out = append(out, penalty{"kl", InputSparsity, *s.KL, scope.KLBernoulli(scope.Mean(code, 0), s.Rate)})
	}
	return out
}
