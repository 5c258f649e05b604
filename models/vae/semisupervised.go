package vae

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// The inputs of SemiSupervised that other models do not have.
const (
	InputLabelled   = "labelled" // 1 for samples whose label is known, else 0, [N]
	InputClassifier = "alpha"    // the weight of the classifier's term
)

// SemiSupervised is the semi-supervised autoencoder M2 of Kingma et al. (2014). A sample
// has a class y and a code z; the label is known for some samples only. Besides
// q(z|x,y) and p(x|y,z), which Config describes with Classes, there is the classifier
// q(y|x), whose hidden layers are those of the encoder. All classes are as probable a
// priori. With
//
//	L(x,y) = -log p(x|y,z) + beta KL(q(z|x,y) || N(0,1)) + log Classes
//
// training minimises the mean over the batch, in nats per sample, of
//
//	L(x,y) - alpha log q(y|x)                    if the label y is known (eqs. 6 and 9)
//	sum over y of q(y|x) (L(x,y) + log q(y|x))   otherwise (eq. 7)
//
// The sum over the classes is exact: each sample is encoded and decoded once for each.
// Hidden needs at least one layer; Conv, Condition, Capacity and FreeBits are not
// supported.
type SemiSupervised struct {
	Config
	// Alpha is the weight of the classifier's term of samples with labels, at least 0.
	// nil means 1. It is the default of the scalar input "alpha". If few samples have
	// labels, their share of the loss is small without a large weight.
	Alpha *float64 `json:"alpha,omitzero"`
}

func (c SemiSupervised) withDefaults() SemiSupervised {
	c.Classes = cmp.Or(c.Classes, 10)
	c.Config = c.Config.withDefaults()
	if c.Alpha == nil {
		c.Alpha = new(1.0)
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c SemiSupervised) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if err := c.without("SemiSupervised", "Conv", "Condition", "Capacity", "FreeBits"); err != nil {
		return err
	}
	switch c = c.withDefaults(); {
	case c.Classes < 2:
		return fmt.Errorf("vae: Classes is %d, want at least 2", c.Classes)
	case len(c.Hidden) == 0:
		return errors.New("vae: Hidden is empty, but SemiSupervised needs at least one layer: list its size, or set nil for the default")
	case !(*c.Alpha >= 0) || math.IsInf(*c.Alpha, 0):
		return fmt.Errorf("vae: Alpha is %g, want a finite number, at least 0", *c.Alpha)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are "x" [batch, Input]; "label" [batch], the class of each sample, any class where it
// is unknown; "labelled" [batch], 1 where it is known and 0 where it is not; and the
// scalars "beta" and "alpha". There is one task, with the metrics
//
//	"bound"       the loss without the classifier's term, in nats per sample
//	"classifier"  -log q(y|x) of samples with labels, a mean over them
//
// and in evaluation "accuracy", of q(y|x) against the labels of all samples, and "mse".
// The outputs are "logits" [batch, Classes] of q(y|x); "code" [batch, Classes+Latent],
// the one-hot class that is the most probable and the mean of q(z|x,y) for it;
// "recon", its decoding, or in training that of the drawn code; and in evaluation
// "score" [batch], the loss of a sample without label at the means of q(z|x,y) with
// beta 1, and "prior", codes of random classes. If a setting is invalid, the net is
// empty and the builder has the error.
func (c SemiSupervised) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, c) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x, label := c.Inputs(b, batch)
	labelled := b.Input(InputLabelled, batch)
	b.Domain(labelled, graph.Domain{Hi: 1, Whole: true, Loss: "semi-supervised bound", Remedy: "give 1 for samples with labels and 0 for the others"})
	beta, alpha := b.Scalar(InputBeta, *c.Beta), b.Scalar(InputClassifier, *c.Alpha)
	logits := c.Classify(b, x)

	loss := b.Scope("loss")
	logQ := loss.LogSoftmax(logits, 1)
	mu, logVar := c.encodeAll(b, x)
	eps := b.Scope("latent").Normal("eps", batch, c.Classes, c.Latent)
	half := lower.Exp(lower.Num(0.5).Mul(lower.Arg(1)))
	z := b.Map(lower.Arg(0).Add(half.Mul(lower.Arg(2))), mu, logVar, eps)
	y, recons, kls := c.terms(b, x, z, mu, logVar)

	// Each term of the sum over the classes, [batch, Classes]. The entropy is that of
	// q(y|x) for samples without labels, 0 for the others.
	hot := loss.OneHot(label, c.Classes)
	known := loss.Reshape(labelled, batch, 1)
	q := lower.Where(lower.Arg(0), lower.Arg(1), lower.Exp(lower.Arg(2)))
	entropy := lower.Where(lower.Arg(0), lower.Num(0), lower.Arg(2))
	terms := loss.Map(q.Mul(lower.Arg(3).Add(lower.Arg(4).Mul(lower.Arg(5))).Add(entropy)), known, hot, logQ, recons, beta, kls)
	bound := loss.AddConst(loss.Mean(loss.Sum(terms, 1)), math.Log(float64(c.Classes)))
	nll := loss.Sum(loss.Map(lower.Arg(0).Mul(lower.Arg(1)).Neg(), hot, logQ), 1)
	task := graph.Task{Name: "loss", Metrics: []graph.Metric{{Name: "bound", Node: bound}, {Name: "classifier", Node: loss.MaskedMean(nll, labelled)}}}
	task.Loss = loss.Map(lower.Arg(0).Add(lower.Arg(1).Mul(lower.Arg(2))), bound, alpha, loss.Mean(loss.Mul(nll, labelled)))

	// Of all classes the most probable one.
	class := b.OneHot(b.ArgMax(logits, 1), c.Classes)
	most := func(of *graph.Node, size int) *graph.Node {
		return b.Sum(b.Mul(b.Reshape(class, batch, c.Classes, 1), b.Reshape(of, batch, c.Classes, size)), 1)
	}
	code := b.Concat(1, class, most(mu, c.Latent))
	recon := most(c.Recon(b, y), c.Input)
	if !b.Training {
		recon = c.Recon(b, c.DecodeCode(b, code))
	}
	net := graph.Net{Outputs: map[string]*graph.Node{"logits": logits, graph.OutputCode: code, graph.OutputRecon: recon}}
	if !b.Training && b.Err() == nil {
		_, recons, kls := c.terms(b, x, mu, mu, logVar)
		each := loss.Map(lower.Exp(lower.Arg(0)).Mul(lower.Arg(1).Add(lower.Arg(2)).Add(lower.Arg(0))), logQ, recons, kls)
		net.Outputs[graph.OutputScore] = loss.AddConst(loss.Sum(each, 1), math.Log(float64(c.Classes)))
		net.Outputs[graph.OutputPrior] = c.prior(b, batch)
		task.Metrics = append(task.Metrics,
			graph.Metric{Name: "accuracy", Node: b.Scope("evaluate").Accuracy(logits, label)},
			graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(recon, x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// Classify adds the classifier. It maps x [N, Input] to the logits [N, Classes] of
// q(y|x).
func (c SemiSupervised) Classify(b *graph.Builder, x *graph.Node) *graph.Node {
	if !valid(b, c) {
		return nil
	}
	c = c.withDefaults()
	classifier := b.Scope("classifier")
	if !checkSamples(classifier, x, c.sampleShape()) {
		return nil
	}
	for i, units := range c.Hidden {
		x = c.layer(layerScope(classifier, "fc", i), units, x)
	}
	return c.dense(c.Classes, "").Apply(classifier.Scope("logits"), x)
}

// DecodeCode adds the decoder of codes [N, Classes+Latent], a one-hot class and z. The
// result is that of Decode for z and the class.
func (c SemiSupervised) DecodeCode(b *graph.Builder, code *graph.Node) *graph.Node {
	if !valid(b, c) {
		return nil
	}
	c = c.withDefaults()
	if !checkSamples(b.Scope("decoder"), code, graph.Shape{c.Classes + c.Latent}) {
		return nil
	}
	z := b.Slice(code, 1, c.Classes, c.Classes+c.Latent)
	return c.Decode(b, z, b.ArgMax(b.Slice(code, 1, 0, c.Classes), 1))
}

// encodeAll is Encode for each class: mu and logVar [N, Classes, Latent]. The first
// layer multiplies x once for all classes.
func (c SemiSupervised) encodeAll(b *graph.Builder, x *graph.Node) (mu, logVar *graph.Node) {
	if b.Err() != nil {
		return nil, nil
	}
	enc := b.Scope("encoder")
	n, units := x.Shape()[0], c.Hidden[0]
	first := func(b *graph.Builder, act graph.Activation) *graph.Node {
		w := c.dense(units, "").Weight(b, c.Input+c.Classes)
		ofX := b.Reshape(b.MatMul(x, b.Slice(w, 0, 0, c.Input)), n, 1, units)
		ofClass := b.Add(b.Slice(w, 0, c.Input, c.Input+c.Classes), b.Param("b", nil, units))
		return b.Activate(act, b.Reshape(b.Add(ofX, ofClass), -1, units))
	}
	scope := layerScope(enc, "fc", 0)
	h := c.activated(scope, func(act graph.Activation) *graph.Node { return first(scope, act) })
	if c.Gated {
		h = b.Mul(h, first(scope.Scope("gate"), "sigmoid"))
	}
	for i, units := range c.Hidden[1:] {
		h = c.layer(layerScope(enc, "fc", i+1), units, h)
	}
	mu = c.dense(c.Latent, "").Apply(enc.Scope("mu"), h)
	logVar = enc.Clip(c.dense(c.Latent, "").Apply(enc.Scope("logvar"), h), c.LogVar[0], c.LogVar[1])
	return enc.Reshape(mu, n, c.Classes, c.Latent), enc.Reshape(logVar, n, c.Classes, c.Latent)
}

// terms are -log p(x|y,z) and KL(q(z|x,y) || N(0,1)) for each class: [N, Classes].
// z, mu and logVar are [N, Classes, Latent]. decoded is the decoder's result.
func (c SemiSupervised) terms(b *graph.Builder, x, z, mu, logVar *graph.Node) (decoded, recons, kls *graph.Node) {
	if b.Err() != nil {
		return nil, nil, nil
	}
	batch := x.Shape()[0]
	classes := b.Reshape(b.BroadcastTo(b.Iota(c.Classes), batch, c.Classes), -1)
	decoded = c.Decode(b, b.Reshape(z, -1, c.Latent), classes)
	loss := b.Scope("loss")
	kl := loss.KLStandardNormal(loss.Reshape(mu, -1, c.Latent), loss.Reshape(logVar, -1, c.Latent))
	return decoded, loss.Neg(loss.Reshape(c.LogLikelihood(loss, decoded, x), batch, c.Classes)), loss.Reshape(kl, batch, c.Classes)
}

// prior draws codes, of a class with equal probabilities and z from N(0,1).
func (c SemiSupervised) prior(b *graph.Builder, batch int) *graph.Node {
	prior := b.Scope("prior")
	u := prior.Uniform("class", batch)
	class := prior.Floor(prior.Scale(u, float64(c.Classes)))
	return prior.Concat(1, prior.OneHot(class, c.Classes), prior.Normal("z", batch, c.Latent))
}

// String describes the net by its sizes, such as "784-500-50 softplus beta 1 of 10
// classes, alpha 46".
func (c SemiSupervised) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("%s, alpha %g", c.Config, *c.Alpha)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c SemiSupervised) Summary() (string, error) {
	return graph.SummaryOf("semi-supervised variational autoencoder "+c.String(), c.Build)
}
