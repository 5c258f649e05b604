package vae

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Items is the variational autoencoder of a user's items for recommendation (Liang et
// al. 2018, Mult-VAE). A sample x has the count of each item, such as 1 for those that
// the user has seen and 0 for the others. The encoder reads x, of length 1 and with
// dropout. The decoder computes one multinomial distribution over all items, so they
// compete for its probability. Training minimises, in nats per user,
//
//	-sum over items of x log softmax(y) + beta KL(q(z|x) || N(0,1))
//
// where the multinomial coefficient is left out. Raise the scalar input "beta" from 0
// to at most 1, such as to 0.2 (their section 2.2). Conv, Classes, Condition, Binarize
// and other likelihoods are not supported.
type Items struct {
	Config
	// Dropout is the probability with which an item of the input is dropped in
	// training, from 0 to below 1; nil means 0.5.
	Dropout *float64 `json:"dropout,omitzero"`
	// Denoising makes the code the mean mu, without variance and KL term: the denoising
	// autoencoder Mult-DAE of the same paper. Beta has then no effect.
	Denoising bool `json:"denoising,omitzero"`
}

func (c Items) withDefaults() Items {
	c.Likelihood = Multinomial
	if c.Activation == "" {
		c.Activation = "tanh"
	}
	if c.Hidden == nil {
		c.Hidden = []int{600}
	}
	if c.Latent == 0 {
		c.Latent = 200
	}
	if c.Dropout == nil {
		c.Dropout = new(0.5)
	}
	c.Config = c.Config.withDefaults()
	return c
}

// Validate returns an error that names the first field out of range.
func (c Items) Validate() error {
	if c.Input == 0 {
		return errors.New("vae: Input is 0, want the number of items")
	}
	if err := c.without("Items", "Conv", "Classes", "Condition", "Likelihood", "Blocks", "Binarize"); err != nil {
		return err
	}
	c = c.withDefaults()
	if err := c.Config.Validate(); err != nil {
		return err
	}
	switch {
	case !(*c.Dropout >= 0 && *c.Dropout < 1):
		return fmt.Errorf("vae: Dropout is %g, want at least 0 and below 1", *c.Dropout)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are "x" [batch, Input], counts of items, and the scalar "beta", which a denoising
// autoencoder does not have. The task is "elbo", with the metrics "recon" and "kl", or
// "recon" without any. The outputs are "code" [batch, Latent]; "logits" [batch, Input]
// of the distribution over items, by which they are ranked; "recon", its
// probabilities; and in evaluation "score" [batch], the loss of a sample at the mean of
// q(z|x) with beta 1, and with a KL term "prior", codes drawn from N(0,1). The metric
// "mse" compares the probabilities with x / sum x. If a setting is invalid, the net is
// empty and the builder has the error.
func (c Items) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, c) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Input)
	length := lower.Sqrt(lower.Max(lower.Num(1e-12), lower.Arg(1)))
	h := b.Scope("input").Dropout(b.Map(lower.Arg(0).Div(length), x, b.SumKeep(b.Square(x), 1)), *c.Dropout)
	loss := b.Scope("loss")
	var task graph.Task
	var logits, code, kls *graph.Node
	if c.Denoising {
		code = c.encodeMean(b, h)
		logits = c.Decode(b, code, nil)
		task = graph.Task{Name: "recon", Loss: loss.Neg(loss.Mean(c.LogLikelihood(loss, logits, x)))}
	} else {
		mu, logVar := c.Encode(b, h, nil)
		logits = c.Decode(b, c.Sample(b, mu, logVar), nil)
		kls = loss.KLStandardNormal(mu, logVar)
		recon, kl := loss.Neg(loss.Mean(c.LogLikelihood(loss, logits, x))), loss.Mean(kls)
		task = graph.Task{Name: "elbo", Loss: loss.Add(recon, c.Penalty(b, kls)), Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: kl}}}
		code = mu
	}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code}}
	if !b.Training && b.Err() == nil {
		logits = c.Decode(b, code, nil)
		score := loss.Neg(c.LogLikelihood(loss, logits, x))
		if !c.Denoising {
			score = loss.Add(score, kls)
			net.Outputs[graph.OutputPrior] = b.Scope("prior").Normal("z", batch, c.Latent)
		}
		net.Outputs[graph.OutputScore] = score
		share := lower.Arg(0).Div(lower.Max(lower.Num(1e-12), lower.Arg(1)))
		evaluate := b.Scope("evaluate")
		mse := evaluate.MSE(c.Recon(b, logits), evaluate.Map(share, x, evaluate.SumKeep(x, 1)))
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: mse})
	}
	recon := c.Recon(b, logits)
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs["logits"], net.Outputs[graph.OutputRecon] = logits, recon
	net.Tasks = []graph.Task{task}
	return net
}

// encodeMean is Encode without the variance: it maps x [N, Input] to mu [N, Latent].
func (c Items) encodeMean(b *graph.Builder, x *graph.Node) *graph.Node {
	enc := b.Scope("encoder")
	for i, units := range c.Hidden {
		x = c.layer(layerScope(enc, "fc", i), units, x)
	}
	return c.dense(c.Latent, "").Apply(enc.Scope("mu"), x)
}

// String describes the net by its sizes, such as "1349-600-200 tanh beta 1, items,
// dropout 0.5".
func (c Items) String() string {
	c = c.withDefaults()
	kind := "items"
	if c.Denoising {
		kind = "denoising of items"
	}
	return fmt.Sprintf("%s, %s, dropout %g", c.Config, kind, *c.Dropout)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Items) Summary() (string, error) {
	return graph.SummaryOf("autoencoder of items "+c.String(), c.Build)
}
