package dense

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Revival revives dead units by an auxiliary loss (Gao et al. 2024, section A.2). A unit
// is dead if its code was 0 for the last DeadAfter samples of the training. With
// e = x - recon, as a constant, and the AuxK greatest activations p of dead units of each
// sample, r, the loss adds
//
//	Aux * s * |e - r V|^2,  s = min(1, number of dead units / AuxK)
//
// so that dead units learn to reconstruct what the live ones leave. Activations below 0
// count too. The state "revival/idle" [Units] counts samples since a unit was last active.
type Revival struct {
	// Aux is the weight of the auxiliary loss, at least 0; nil means 1/32. With 0 nothing
	// is revived.
	Aux *float64 `json:"aux,omitzero"`
	// AuxK is the number of dead units that reconstruct the residual of a sample; 0 means
	// half of Input.
	AuxK int `json:"auxK,omitzero"`
	// AuxPool is the number of units, those that are idle for longest, that a step
	// chooses from; 0 means twice AuxK. A pool of all Units is the loss of the paper. A
	// smaller one costs less, and revives in turns.
	AuxPool int `json:"auxPool,omitzero"`
	// DeadAfter is the number of samples after which an idle unit is dead; 0 means
	// 20,000.
	DeadAfter int `json:"deadAfter,omitzero"`
}

// mostSamples is the number up to which idle samples are counted, exact in float32.
const mostSamples = 1 << 24

func (r Revival) withDefaults(d Dictionary) Revival {
	r.AuxK = cmp.Or(r.AuxK, min(max(d.Input/2, 1), d.Units))
	r.AuxPool = cmp.Or(r.AuxPool, min(2*r.AuxK, d.Units))
	r.DeadAfter = cmp.Or(r.DeadAfter, 20_000)
	return r
}

// check returns an error that names the first field out of range. d has its defaults.
func (r Revival) check(d Dictionary) error {
	r = r.withDefaults(d)
	switch {
	case r.AuxK < 1 || r.AuxK > d.Units:
		return fmt.Errorf("dense: AuxK is %d, want from 1 to the %d units", r.AuxK, d.Units)
	case r.AuxPool < r.AuxK || r.AuxPool > d.Units:
		return fmt.Errorf("dense: AuxPool is %d, want from AuxK, %d, to the %d units", r.AuxPool, r.AuxK, d.Units)
	case r.DeadAfter < 1 || r.DeadAfter > mostSamples:
		return fmt.Errorf("dense: DeadAfter is %d, want from 1 to %d samples", r.DeadAfter, mostSamples)
	}
	return checkWeight("Aux", r.aux())
}

func (r Revival) aux() float64 { return orElse(r.Aux, 1./32) }

// add adds the auxiliary loss of a training step, given the activations p [N, Units], and
// the metric "dead", the share of units that are dead. Without a weight it adds nothing.
func (r Revival) add(b *graph.Builder, d Dictionary, net *sparseNet, p *graph.Node) {
	if r.aux() == 0 || b.Err() != nil {
		return
	}
	r = r.withDefaults(d)
	in := b.Scope("revival")
	idle := in.State("idle", nil, d.Units)
	limit := in.Number(float64(r.DeadAfter))
	if !b.Training {
		net.metrics = append(net.metrics, graph.Metric{Name: "dead", Node: in.Mean(in.GreaterEqual(idle, limit))})
		return
	}
	longer := lower.Min(lower.Num(mostSamples), lower.Arg(1).Add(lower.Num(float64(net.x.Shape()[0]))))
	next := in.Map(lower.Where(lower.Arg(0), lower.Num(0), longer), in.Greater(in.Max(net.code, 0), in.Number(0)), idle)
	in.Update(idle, next)
	net.metrics = append(net.metrics, graph.Metric{Name: "dead", Node: in.Mean(in.GreaterEqual(next, limit))})

	longest, units := in.TopK(in.StopGradient(next), r.AuxPool, 0)
	dead := in.GreaterEqual(longest, limit) // [AuxPool]
	const never = -1e30                     // below every activation
	chosen := in.KeepTopK(in.Where(dead, in.Gather(p, units, 1), in.Number(never)), r.AuxK, 1)
	code := in.Where(dead, chosen, in.Number(0))
	residual := in.StopGradient(in.Sub(net.x, net.recon))
	each := in.SquaredErrorPerSample(in.MatMul(code, in.Gather(d.Directions(b), units, 0)), residual)
	scale := lower.Min(lower.Num(1), lower.Arg(0).Div(lower.Num(float64(r.AuxK)))).Mul(lower.Num(r.aux()))
	net.terms = append(net.terms, in.Mul(in.Map(scale, in.Sum(dead)), each))
}
