package vae

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Missing is the importance-weighted autoencoder of samples with missing values (Mattei
// and Frellsen 2019, MIWAE), for values that are missing at random. The encoder reads
// each missing value as 0, the likelihood is that of the observed values only, and
// training maximises the bound on log p(x observed) of K draws (their eq. 4):
//
//	log mean over k of p(x observed|z_k) p(z_k) / q(z_k|x observed)
//
// Standardise the data, so that 0 is the mean of a column; the likelihood of their code
// is "student-t". Conv, Classes, Condition and Binarize are not supported, nor are the
// settings of the KL term, which the bound does not have.
type Missing struct {
	Config
	// Draws is the number K of codes drawn for each sample; 0 means 20. A model can be
	// trained with few and impute with many.
	Draws int `json:"draws,omitzero"`
}

func (c Missing) withDefaults() Missing {
	c.Config = c.Config.withDefaults()
	c.Draws = cmp.Or(c.Draws, 20)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Missing) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if err := c.without("Missing", "Conv", "Classes", "Condition", "Binarize", "Beta", "Capacity", "FreeBits"); err != nil {
		return err
	}
	if c.Draws < 0 {
		return fmt.Errorf("vae: Draws is %d, want at least 1", c.Draws)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are "x" [batch, Input] and "mask" [batch, Input], 1 where x is observed and 0 where it
// is missing and can be any number, also NaN. The task is "bound", the negative bound in
// nats, a mean over the batch. The outputs are "code" [batch, Latent], the mean of q,
// "recon" [batch, Input], the mean of p(x|z) at the code, or in training at the draws,
// and in evaluation
//
//	"imputed" [batch, Input]  x where it is observed, else its conditional mean
//	"drawn" [batch, Input]    x where it is observed, else a draw given what is observed
//	"score" [batch]           -log p(x observed|z) + KL, in nats, at the mean of q
//	"prior" [batch, Latent]   codes drawn from N(0,1)
//
// The conditional mean is by self-normalised importance sampling (their eq. 11): the
// mean of p(x|z_k) over the draws, weighted in proportion to the terms of the bound. A
// draw is by sampling importance resampling (their section 4.3): of p(x|z_k) for one k,
// drawn in proportion to the weights. Both depend on random numbers. The metric "mse"
// is over the observed values. If a setting is invalid, the net is empty and the builder
// has the error.
func (c Missing) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, c) {
		return graph.Net{}
	}
	c = c.withDefaults()
	given := b.Input(graph.InputX, batch, c.Input)
	mask := b.Input(graph.InputMask, batch, c.Input)
	x := b.Mask(given, mask)
	mu, logVar := c.Encode(b, x, nil)

	loss := b.Scope("loss")
	z, posterior := drawNormal(b, mu, logVar, c.Draws)
	y := c.Decode(b, rows(b, z), nil)
	ratio := loss.Sub(standardNormal(loss, z), posterior)
	weights := loss.Add(ratio, c.observed(loss, y, x, mask, c.Draws)) // log, [batch, Draws]
	task := graph.Task{Name: "bound", Loss: loss.Neg(loss.Mean(loss.LogMeanExp(weights, 1)))}

	means := b.Reshape(c.Recon(b, y), batch, c.Draws, c.Input)
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: mu, graph.OutputRecon: b.Mean(means, 1)}}
	if !b.Training && b.Err() == nil {
		at := c.Decode(b, mu, nil)
		recon := c.Recon(b, at)
		net.Outputs[graph.OutputRecon] = recon
		share := b.Reshape(b.Softmax(weights, 1), batch, c.Draws, 1)
		net.Outputs["imputed"] = b.Map(lower.Where(lower.Arg(0), lower.Arg(1), lower.Arg(2)), mask, x, b.Sum(b.Mul(share, means), 1))
		given := lower.Where(lower.Arg(0), lower.Arg(1), lower.Arg(2))
		net.Outputs["drawn"] = b.Map(given, mask, x, c.Draw(b, chosen(b.Scope("resample"), y, weights)))
		likelihood := b.Reshape(c.observed(loss, at, x, mask, 1), batch)
		net.Outputs[graph.OutputScore] = loss.Sub(loss.KLStandardNormal(mu, logVar), likelihood)
		net.Outputs[graph.OutputPrior] = b.Scope("prior").Normal("z", batch, c.Latent)
		evaluate := b.Scope("evaluate")
		task.Metrics = []graph.Metric{{Name: graph.MetricMSE, Node: evaluate.MaskedMean(evaluate.Square(evaluate.Sub(recon, x)), mask)}}
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// chosen returns the parameters y [N K, ...] of one code of each sample, drawn in
// proportion to e^weights [N, K].
func chosen(b *graph.Builder, y, weights *graph.Node) *graph.Node {
	k := pick(b, weights)
	if y == nil || k == nil {
		return nil
	}
	n, draws := weights.Shape()[0], weights.Shape()[1]
	shape := y.Shape()[1:]
	rows := b.Reshape(y, n, draws, -1)
	hit := b.Reshape(b.OneHot(k, draws), n, draws, 1)
	return b.Reshape(b.Sum(b.Mul(hit, rows), 1), append([]int{n}, shape...)...)
}

// observed is log p(x observed|z) of each of the codes that y is decoded from, k for
// each sample: [N, k].
func (c Missing) observed(b *graph.Builder, y, x, mask *graph.Node, k int) *graph.Node {
	each := c.LogLikelihoods(b, y, x)
	if each == nil {
		return nil
	}
	n, values := x.Shape()[0], x.Shape()[1]
	return b.Sum(b.Map(lower.Where(lower.Arg(1), lower.Arg(0), lower.Num(0)), b.Reshape(each, n, k, values), b.Reshape(mask, n, 1, values)), 2)
}

// String describes the net by its sizes, such as "30-128-128-10 relu, 20 draws".
func (c Missing) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("%s, missing values, %d draws", c.Config, c.Draws)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Missing) Summary() (string, error) {
	return graph.SummaryOf("autoencoder of samples with missing values "+c.String(), c.Build)
}
