package graph

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// Activation names a nonlinearity in a model's configuration: one of "relu",
// "leaky_relu" (slope 0.01), "elu" (alpha 1), "gelu", "silu", "sigmoid",
// "tanh", "softplus" and "linear", which is the identity. "" is the identity
// for a layer; a model's Config may give it another default.
type Activation string

// activations is every named activation as an expression over one element.
var activations = [...]struct {
	name Activation
	expr func() lower.Expr
}{
	{"linear", a0},
	{"relu", relu},
	{"leaky_relu", func() lower.Expr { return leakyRelu(0.01) }},
	{"elu", func() lower.Expr { return elu(1) }},
	{"gelu", gelu},
	{"silu", silu},
	{"sigmoid", func() lower.Expr { return lower.Sigmoid(a0()) }},
	{"tanh", func() lower.Expr { return lower.Tanh(a0()) }},
	{"softplus", func() lower.Expr { return lower.Softplus(a0()) }},
}

// At exactly 0, Max passes the derivative to the constant, so it is 0.
func relu() lower.Expr { return lower.Max(a0(), zero()) }

func leakyRelu(slope float64) lower.Expr {
	return a0().Mul(lower.Where(zero().Less(a0()), one(), lower.Num(slope)))
}

// The argument of the exponential is never positive, so neither the exponential nor
// its derivative overflows. At 0, Min passes the derivative to the exponential:
// alpha, the limit from the left.
func elu(alpha float64) lower.Expr {
	return relu().Add(lower.Num(alpha).Mul(lower.Expm1(lower.Min(zero(), a0()))))
}

func gelu() lower.Expr {
	const invSqrt2 = 0.70710678118654752440
	phi := lower.Num(0.5).Mul(one().Add(lower.Erf(a0().Mul(lower.Num(invSqrt2)))))
	return a0().Mul(phi)
}

func silu() lower.Expr { return a0().Mul(lower.Sigmoid(a0())) }

// Check returns an error that lists the known names, unless the name is known or "".
func (a Activation) Check() error {
	_, err := a.expr()
	return err
}

func (a Activation) expr() (lower.Expr, error) {
	var names []string
	for _, k := range activations {
		if k.name == a || a == "" && k.name == "linear" {
			return k.expr(), nil
		}
		names = append(names, string(k.name))
	}
	return lower.Expr{}, fmt.Errorf("activation %q is unknown: want one of %s", string(a), strings.Join(names, ", "))
}

// Activate applies the named activation to every element of x. "" and "linear"
// return x itself. The error for an unknown name lists the known ones.
func (b *Builder) Activate(a Activation, x *Node) *Node {
	e, ok := b.activation(a, x)
	switch {
	case !ok:
		return nil
	case e.Fn() == lower.FnArg:
		return x
	}
	return b.Map(e, x)
}

// ActivationSlope is the derivative of the named activation at every element of x. It
// is differentiable in turn, as the Jacobian of a net in a loss needs.
func (b *Builder) ActivationSlope(a Activation, x *Node) *Node {
	e, ok := b.activation(a, x)
	if !ok {
		return nil
	}
	return b.Map(e.Diff(0), x)
}

// activation is the expression of an activation that is to be applied to x. It is not ok
// if there is no x or the builder has an error, as it has for an unknown name.
func (b *Builder) activation(a Activation, x *Node) (e lower.Expr, ok bool) {
	if x == nil || b.Err() != nil {
		return e, false
	}
	e, err := a.expr()
	if err != nil {
		b.Failf("%w", err)
		return e, false
	}
	return e, true
}

// Relu is max(x, 0), with derivative 0 at 0; NaN stays NaN.
func (b *Builder) Relu(x *Node) *Node { return b.Map(relu(), x) }

// LeakyRelu is x where x > 0, else slope*x, with derivative slope at 0.
func (b *Builder) LeakyRelu(x *Node, slope float64) *Node { return b.Map(leakyRelu(slope), x) }

// Elu is x where x > 0, else alpha*(e^x - 1), with derivative alpha at 0
// (Clevert et al. 2015, eq. 15).
func (b *Builder) Elu(x *Node, alpha float64) *Node { return b.Map(elu(alpha), x) }

// Gelu is x*Phi(x) with the normal distribution function Phi, by erf, not
// approximated (Hendrycks and Gimpel 2016, eq. 2). At minus infinity it is NaN.
func (b *Builder) Gelu(x *Node) *Node { return b.Map(gelu(), x) }

// Silu is x*sigmoid(x), also called swish. At minus infinity it is NaN.
func (b *Builder) Silu(x *Node) *Node { return b.Map(silu(), x) }

// Sigmoid is 1/(1+e^-x).
func (b *Builder) Sigmoid(x *Node) *Node { return b.Map(lower.Sigmoid(a0()), x) }

// Tanh is the hyperbolic tangent.
func (b *Builder) Tanh(x *Node) *Node { return b.Map(lower.Tanh(a0()), x) }

// Softplus is log(1+e^x), without overflow.
func (b *Builder) Softplus(x *Node) *Node { return b.Map(lower.Softplus(a0()), x) }
