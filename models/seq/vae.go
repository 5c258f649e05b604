package seq

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// InputBeta is the name of the scalar input that holds the weight of the KL term.
const InputBeta = "beta"

// VAE is the variational autoencoder of sequences (Fabius and van Amersfoort 2014;
// Bowman et al. 2016). The encoder computes a diagonal normal distribution q(z|x) over
// codes. Training minimises, in nats per sequence and averaged over the batch,
//
//	recon + beta kl
//	recon = -log p(x|z), the sum over the steps of a sequence
//	kl    = KL(q(z|x) || N(0,1)), in closed form
//
// p(x|z) is Bernoulli with BCE, normal of variance 1 with MSE, and categorical with a
// Vocabulary. With TeacherForcing it is the product of p(x_t | x_1, ..., x_t-1, z). A
// decoder that reads the steps before can leave the code unused: raise "beta" from 0 by
// a schedule, or set FreeBits or WordDropout. The zero value is that of Config, with
// beta 1.
type VAE struct {
	Config
	// Beta is the weight of the KL term, at least 0; nil means 1, the evidence lower
	// bound. It is the default of the scalar input "beta".
	Beta *float64 `json:"beta,omitzero"`
	// FreeBits is the KL in nats that each dimension of the code has for free, at least
	// 0. In the loss, the mean over the batch of a dimension's KL is replaced by
	// FreeBits if that is more (Kingma et al. 2016, eq. 15). 0 changes nothing.
	FreeBits float64 `json:"freeBits,omitzero"`
}

// withDefaults replaces zero settings by their defaults.
func (v VAE) withDefaults() VAE {
	v.Config = v.Config.withDefaults()
	if v.Beta == nil {
		v.Beta = new(1.0)
	}
	return v
}

// Validate returns an error that names the first field out of range.
func (v VAE) Validate() error {
	if err := v.Config.Validate(); err != nil {
		return err
	}
	v = v.withDefaults()
	switch {
	case !(*v.Beta >= 0) || math.IsInf(*v.Beta, 0):
		return fmt.Errorf("seq: Beta is %g, want a finite number, at least 0", *v.Beta)
	case !(v.FreeBits >= 0) || math.IsInf(v.FreeBits, 0):
		return fmt.Errorf("seq: FreeBits is %g, want a finite number of nats, at least 0", v.FreeBits)
	case v.CodeActivation != "linear":
		return fmt.Errorf("seq: CodeActivation is %q, but a VAE's code is normal: leave it empty", v.CodeActivation)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are those of Config and the scalar "beta". There is one task, "elbo", with the
// metrics "recon" and "kl". The outputs are "recon", "code" [batch, Code], the mean of
// q(z|x), and in evaluation
//
//	"score" [batch]        -log p(x|z) + KL, in nats, where z is the mean of q(z|x)
//	"prior" [batch, Code]  codes drawn from N(0,1)
//
// The loss uses one sample of z, in training and in evaluation. In evaluation it is an
// unbiased estimate of the bound if beta is 1 and FreeBits is 0; recon + kl always is.
func (v VAE) Build(b *graph.Builder, batch int) graph.Net {
	if !v.valid(b) {
		return graph.Net{}
	}
	v = v.withDefaults()
	x, lengths := v.input(b, batch)
	mu, logVar := v.Encode(b, x, lengths)
	seen := v.within(b, x, lengths)
	y := v.DecodeAfter(b, v.Sample(b, mu, logVar), seen)
	loss := b.Scope("loss")
	recon := loss.Mean(v.nllPerSample(loss, y, x, lengths))
	kls := loss.KLStandardNormal(mu, logVar)
	kl := loss.Mean(kls)
	beta := b.Scalar(InputBeta, *v.Beta)
	elbo := loss.Map(lower.Arg(0).Add(lower.Arg(1).Mul(lower.Arg(2))), recon, beta, v.freed(loss, mu, logVar, kl))
	task := graph.Task{Name: "elbo", Loss: elbo, Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: kl}}}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: mu}}
	if !b.Training && b.Err() == nil {
		ofMean := v.nllPerSample(loss, v.DecodeAfter(b, mu, seen), x, lengths)
		net.Outputs[graph.OutputScore] = loss.Add(ofMean, kls)
		net.Outputs[graph.OutputPrior] = b.Scope("prior").Normal("z", batch, v.Code)
	}
	return v.finish(b, net, task, x, lengths, mu, y)
}

// freed is the KL term of the loss; see FreeBits.
func (v VAE) freed(b *graph.Builder, mu, logVar, kl *graph.Node) *graph.Node {
	if v.FreeBits == 0 {
		return kl
	}
	e := lower.Num(0.5).Mul(lower.Arg(0).Square().Add(lower.Expm1(lower.Arg(1)).Sub(lower.Arg(1))))
	each := b.Mean(b.Map(e, mu, logVar), 0)
	return b.Sum(b.Map(lower.Max(lower.Num(v.FreeBits), lower.Arg(0)), each))
}

// maxLogVar bounds the log variance from both sides, so that its exponential does not
// overflow.
const maxLogVar = 10

// Encode adds the encoder. It maps x, in the shape of Build's input, to the mean mu and
// the log variance logVar of q(z|x), each [N, Code]. logVar is clipped to [-10, 10].
// With Lengths, lengths [N] holds the steps of each sequence; otherwise it is nil.
func (v VAE) Encode(b *graph.Builder, x, lengths *graph.Node) (mu, logVar *graph.Node) {
	if !v.valid(b) {
		return nil, nil
	}
	v = v.withDefaults()
	h := v.encode(b, x, lengths)
	enc := b.Scope("encoder")
	mu = graph.Dense{Units: v.Code}.Apply(enc.Scope("mu"), h)
	logVar = graph.Dense{Units: v.Code}.Apply(enc.Scope("logvar"), h)
	return mu, enc.Scope("logvar").Clip(logVar, -maxLogVar, maxLogVar)
}

// Sample draws z [N, Code] from the normal distribution with mean mu and log variance
// logVar, as mu + e^(logVar/2) eps, with eps from N(0,1) by the builder's seed and
// clock (Kingma and Welling 2013, section 2.4).
func (v VAE) Sample(b *graph.Builder, mu, logVar *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	latent := b.Scope("latent")
	if mu == nil || logVar == nil {
		latent.Failf("seq: mu or logVar is nil")
		return nil
	}
	eps := latent.Normal("eps", mu.Shape()...)
	half := lower.Exp(lower.Num(0.5).Mul(lower.Arg(1)))
	return latent.Layer("Sample", latent.Map(lower.Arg(0).Add(half.Mul(lower.Arg(2))), mu, logVar, eps))
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (v VAE) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+v.String(), v.Build)
}

// String describes the net by its sizes and settings, such as
// "20x88 64-16-64 bce teacher forcing beta 1".
func (v VAE) String() string {
	v = v.withDefaults()
	name := fmt.Sprintf("%s beta %g", v.Config, *v.Beta)
	if v.FreeBits > 0 {
		name += fmt.Sprintf(" free bits %g", v.FreeBits)
	}
	return name
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (v VAE) valid(b *graph.Builder) bool {
	if err := v.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}
