package vae

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// The scalar inputs of TotalCorrelation besides "beta".
const (
	InputAlpha = "alpha" // the weight of the mutual information
	InputGamma = "gamma" // the weight of the dimension-wise KL term
)

// TotalCorrelation is the beta-TCVAE of Chen et al. (2018), eq. 4. It splits the KL term
// of the bound into three with weights of their own:
//
//	recon + alpha mi + beta tc + gamma dimension_kl
//	mi           = KL(q(z,n) || q(z) p(n)), the mutual information of code and sample
//	tc           = KL(q(z) || product of q(z_k)), the total correlation of the code
//	dimension_kl = sum over k of KL(q(z_k) || p(z_k))
//
// q(z) is the mean of q(z|x) over all samples. It is estimated from the batch, for one
// draw of z per sample.
type TotalCorrelation struct {
	// Config has the layers. Its Beta is the weight of the total correlation; nil
	// means 6.
	Config
	// Samples is the number N of samples in the training set, at least the size of a
	// batch; 0 means 60,000.
	Samples int `json:"samples,omitzero"`
	// Weighted estimates q(z) by minibatch-weighted sampling (Chen et al. 2018, eq. 5),
	// which is biased, in place of stratified sampling (appendix C.2).
	Weighted bool `json:"weighted,omitzero"`
	// Alpha is the weight of the mutual information; nil means 1.
	Alpha *float64 `json:"alpha,omitzero"`
	// Gamma is the weight of the dimension-wise KL term; nil means 1.
	Gamma *float64 `json:"gamma,omitzero"`
}

func (m TotalCorrelation) withDefaults() TotalCorrelation {
	m.Beta = cmp.Or(m.Beta, new(6.0))
	m.Config = m.Config.withDefaults()
	m.Samples = cmp.Or(m.Samples, 60000)
	m.Alpha = cmp.Or(m.Alpha, new(1.0))
	m.Gamma = cmp.Or(m.Gamma, new(1.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m TotalCorrelation) Validate() error {
	m = m.withDefaults()
	if m.Samples < 1 {
		return fmt.Errorf("vae: Samples is %d, want the number of samples of the training set", m.Samples)
	}
	return cmp.Or(m.Config.Validate(), m.plainKL(), nonNegative("Alpha", *m.Alpha), nonNegative("Gamma", *m.Gamma))
}

// Build adds the autoencoder to the graph. Inputs and outputs are those of Config, and
// the scalars "alpha" and "gamma". The metrics are "recon", "kl" in closed form, "mi",
// "tc" and "dimension_kl". The last three add up to the KL term on average with
// stratified sampling. In a batch of one sample, its q(z|x) stands for q(z).
func (m TotalCorrelation) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	if batch > m.Samples {
		b.Failf("vae: a batch of %d samples of a training set of %d: set Samples to their number", batch, m.Samples)
		return graph.Net{}
	}
	p := m.begin(b, batch)
	mu, logVar, z := p.normal()
	y, nll := p.explain(z)
	recon, kls := p.loss.Mean(nll), p.loss.KLStandardNormal(mu, logVar)
	mi, tc, dimensions := m.split(p.loss, mu, logVar, z)
	loss := p.sum(recon, term{InputAlpha, *m.Alpha, mi}, term{InputBeta, *m.Beta, tc}, term{InputGamma, *m.Gamma, dimensions})
	return p.withPrior(p.net(mu, y, kls, graph.Task{Name: "elbo", Loss: loss, Metrics: []graph.Metric{
		{Name: "recon", Node: recon}, {Name: "kl", Node: p.loss.Mean(kls)}, {Name: "mi", Node: mi}, {Name: "tc", Node: tc}, {Name: "dimension_kl", Node: dimensions},
	}}))
}

// split estimates the three parts of the KL term for z [N, D], drawn from normals with
// means mu and log variances logVar.
func (m TotalCorrelation) split(b *graph.Builder, mu, logVar, z *graph.Node) (mi, tc, dimensions *graph.Node) {
	if b.Err() != nil {
		return nil, nil, nil
	}
	n, d := mu.Shape()[0], mu.Shape()[1]
	// The batch is the last axis of what has a value for each pair of samples, so that
	// sums over it run along rows.
	others := func(x *graph.Node) *graph.Node { return b.Reshape(b.Transpose(x, 1, 0), 1, d, n) }
	logW := m.logWeights(b, n)
	all := logNormal(b, b.Reshape(z, n, d, 1), others(mu), others(logVar))                // log q(z_ik | x_j) [N, D, N]
	joint := b.LogSumExp(b.Add(b.Sum(all, 1), logW), 1)                                   // log q(z_i) [N]
	product := b.Sum(b.LogSumExp(b.Add(all, b.Reshape(logW, n, 1, n)), 2), 1)             // sum over k of log q(z_ik) [N]
	own := b.Sum(logNormal(b, z, mu, logVar), 1)                                          // log q(z_i | x_i) [N]
	prior := b.Sum(b.Map(lower.Num(-0.5).Mul(lower.Arg(0).Square().Add(log2Pi())), z), 1) // log p(z_i) [N]
	return b.Mean(b.Sub(own, joint)), b.Mean(b.Sub(joint, product)), b.Mean(b.Sub(product, prior))
}

// logWeights are the logarithms [n, n] of the weights with which q(z_i) is the sum of
// q(z_i|x_j) over the batch. Stratified, row i is 1/N for j = i, which is known to be
// in the batch, (N-M)/(NM) for one of the others and 1/M for the rest, with M = n-1.
func (m TotalCorrelation) logWeights(b *graph.Builder, n int) *graph.Node {
	total := float64(m.Samples)
	switch {
	case m.Weighted:
		return b.BroadcastTo(b.Number(-math.Log(total*float64(n))), n, n)
	case n == 1:
		return b.BroadcastTo(b.Number(0), 1, 1)
	}
	others := float64(n - 1)
	step := b.Sub(b.Reshape(b.Iota(n), 1, n), b.Reshape(b.Iota(n), n, 1))
	next := b.Add(b.Equal(step, b.Number(1)), b.Equal(step, b.Number(1-float64(n))))
	rest := b.Where(next, b.Number(math.Log((total-others)/(total*others))), b.Number(-math.Log(others)))
	return b.Where(b.Equal(step, b.Number(0)), b.Number(-math.Log(total)), rest)
}

// logNormal is the log density of z under normals, elementwise with broadcasting.
func logNormal(b *graph.Builder, z, mu, logVar *graph.Node) *graph.Node {
	x, m, v, precision := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3)
	e := lower.Num(-0.5).Mul(v.Add(x.Sub(m).Square().Mul(precision)).Add(log2Pi()))
	return b.Map(e, z, mu, logVar, b.Exp(b.Neg(logVar)))
}

func log2Pi() lower.Expr { return lower.Num(math.Log(2 * math.Pi)) }

// String describes the net, such as "total correlation 784-400-20 relu beta 6".
func (m TotalCorrelation) String() string {
	return "total correlation " + m.withDefaults().Config.String()
}

// Summary returns a table of the layers, or the error of Validate.
func (m TotalCorrelation) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder, "+m.String(), m.Build)
}
