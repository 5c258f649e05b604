package dense

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

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

func (e *Emphasis) validate(noise graph.Corruption) error {
	switch {
	case e == nil:
		return nil
	case noise.Kind != graph.Masking && noise.Kind != graph.SaltAndPepper:
		return fmt.Errorf("dense: Emphasis with noise %q: only %q and %q leave elements intact", string(noise.Kind), string(graph.Masking), string(graph.SaltAndPepper))
	case !(e.Corrupted >= 0) || !(e.Intact >= 0) || !(e.Corrupted+e.Intact > 0) || math.IsInf(e.Corrupted+e.Intact, 1):
		return fmt.Errorf("dense: Emphasis is %g and %g, want finite weights, at least 0, and one of them above 0", e.Corrupted, e.Intact)
	}
	return nil
}

// String describes the emphasis, such as "emphasis 1:0.5". It is "" if there is none.
func (e *Emphasis) String() string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("emphasis %g:%g", e.Corrupted, e.Intact)
}

// emphasise replaces the loss of a net's task by one that weighs corrupted elements,
// for the decoder's output y of the samples x.
func (e *Emphasis) emphasise(b *graph.Builder, net graph.Net, loss graph.ReconLoss, y, x, corrupted *graph.Node) graph.Net {
	if b.Err() != nil || corrupted == nil || e == nil {
		return net
	}
	scope := b.Scope("loss")
	logit, target := lower.Arg(0), lower.Arg(1)
	each := lower.Softplus(logit).Sub(logit.Mul(target))
	if loss == graph.MSE {
		each = logit.Sub(target).Square()
	}
	weight := lower.Where(lower.Arg(2), lower.Num(e.Corrupted), lower.Num(e.Intact))
	net.Tasks[0].Loss = scope.Mean(scope.Map(each.Mul(weight), y, x, corrupted))
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}
