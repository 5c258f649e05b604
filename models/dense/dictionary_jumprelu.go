package dense

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// JumpReLUSAE is the sparse autoencoder whose units have thresholds of their own
// (Rajamanoharan et al. 2024, "Jumping Ahead"): z = p where p > t, else 0, and the loss
// is
//
//	|x - recon|^2 + Sparsity * l0,  l0 = number of units with p > t
//
// a mean over the batch. With a Target, the second term is
// Sparsity * (mean l0 / Target - 1)^2 instead, of the batch's mean. The parameter
// "encoder/logThreshold" [Units] is log t. As steps have no useful derivative, its
// gradient is a kernel estimate with the Bandwidth w (eqs. 11 and 12):
//
//	dz/dt = -t/w where |p - t| < w/2, else 0
//	d l0/dt = -1/w where |p - t| < w/2, else 0
//
// No gradient of l0 goes to p. In training the loss also has the auxiliary loss of
// Revival, which is not in the paper, and without which a tenth of the units can stay
// dead; an Aux of 0 leaves it out.
type JumpReLUSAE struct {
	Dictionary
	Revival
	// Sparsity is the weight of the penalty, at least 0; nil means 0.03. It is the
	// default of the scalar input "sparsity".
	Sparsity *float64 `json:"sparsity,omitzero"`
	// Target, if above 0, is the mean number of elements of a code to aim at.
	Target float64 `json:"target,omitzero"`
	// Bandwidth is the width of the kernel, above 0, in units of p; 0 means 0.03.
	Bandwidth float64 `json:"bandwidth,omitzero"`
	// Threshold is where the thresholds start, above 0; 0 means 0.03.
	Threshold float64 `json:"threshold,omitzero"`
}

func (c JumpReLUSAE) withDefaults() JumpReLUSAE {
	c.Dictionary = c.dictionaryDefaults()
	c.Bandwidth = cmp.Or(c.Bandwidth, 0.03)
	c.Threshold = cmp.Or(c.Threshold, 0.03)
	return c
}

// Validate returns an error that names the first field out of range.
func (c JumpReLUSAE) Validate() error {
	if err := c.Dictionary.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	if err := c.Revival.check(c.Dictionary); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		v    float64
	}{{"Bandwidth", c.Bandwidth}, {"Threshold", c.Threshold}} {
		if !(f.v > 0) || math.IsInf(f.v, 0) {
			return fmt.Errorf("dense: %s is %g, want a finite number above 0", f.name, f.v)
		}
	}
	if !(c.Target >= 0) || c.Target > float64(c.Units) {
		return fmt.Errorf("dense: Target is %g, want from 0 to the %d units", c.Target, c.Units)
	}
	return checkWeight("Sparsity", c.sparsity())
}

// Build adds the autoencoder to the graph, for batches of the given size, with the task
// "sae". The input is "x" [batch, Input]. The outputs are "code" [batch, Units], "recon"
// and, in evaluation, "score" [batch], the squared error. The metrics are "mse", "l0",
// the mean number of elements of a code above 0, and "dead", the share of dead units. If
// a setting is invalid, the net is empty and the builder has the error.
func (c JumpReLUSAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Input)
	p := c.activations(b, x)
	code, active := c.jump(b, p)
	in := b.Scope("penalty")
	penalty := in.Sum(active, 1)
	if c.Target > 0 {
		off := lower.Arg(0).Div(lower.Num(c.Target)).Sub(lower.Num(1))
		penalty = in.Map(off.Square(), in.Mean(penalty))
	}
	penalty = in.Mul(penalty, b.Scalar("sparsity", c.sparsity()))
	net := sparseNet{x: x, code: code, recon: c.Decode(b, code), terms: []*graph.Node{penalty}}
	c.Revival.add(b, c.Dictionary, &net, p)
	return net.net(b)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, Units].
func (c JumpReLUSAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	c = c.withDefaults()
	code, _ := c.jump(b, c.activations(b, x))
	return code
}

// jump is the code [N, Units] and 1 where a unit is above its threshold, else 0, both
// with the gradients of the kernel estimate.
func (c JumpReLUSAE) jump(b *graph.Builder, p *graph.Node) (code, active *graph.Node) {
	enc := b.Scope("encoder")
	t := enc.Exp(enc.Param("logThreshold", graph.Constant(math.Log(c.Threshold)), c.Units))
	above := enc.Greater(p, t)
	near := lower.Abs(lower.Arg(0).Sub(lower.Arg(1))).Less(lower.Num(c.Bandwidth / 2)).Div(lower.Num(c.Bandwidth))
	kernel := enc.Map(near, p, t) // no gradient flows through comparisons
	slope := enc.StopGradient(enc.Mul(kernel, t))
	// Values without meaning, whose gradients are those of the estimate.
	likeCode := enc.Map(lower.Arg(0).Mul(lower.Arg(1)).Sub(lower.Arg(2).Mul(lower.Arg(3))), p, above, slope, t)
	likeActive := enc.Map(lower.Arg(0).Mul(lower.Arg(1)).Neg(), kernel, t)
	code = enc.StraightThrough(enc.Where(above, p, enc.Number(0)), likeCode)
	active = enc.StraightThrough(above, likeActive)
	return enc.Layer("JumpReLU", code), active
}

// Summary returns a table of the layers, or the error of Validate.
func (c JumpReLUSAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 jumprelu 0.03".
func (c JumpReLUSAE) String() string {
	s := fmt.Sprintf("%s jumprelu %g", c.sizes(), c.sparsity())
	if c.Target > 0 {
		s += fmt.Sprintf(" to %g", c.Target)
	}
	return s
}

func (c JumpReLUSAE) sparsity() float64 { return orElse(c.Sparsity, 0.03) }
