package vae

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// The names of the scalar inputs. Training can change them by schedules, such as to
// warm up beta, to repeat its rise in cycles, or to raise the capacity.
const (
	InputBeta     = "beta"     // the weight of the KL term
	InputCapacity = "capacity" // the KL term to aim at, in nats; with Config.Capacity
)

// terms are what an autoencoder's net is made of.
type terms struct {
	x, given *graph.Node // the results of Inputs
	code     *graph.Node // [N, Latent]: what evaluation decodes
	y        *graph.Node // the parameters of p(x|z) for a drawn code
	kl       *graph.Node // [N] or [N, dimensions]: the divergence from the prior
	klAtCode *graph.Node // [N]: that of the score, if it depends on the code
	prior    *graph.Node // [N, Latent]: a draw from p(z)
}

// elbo is the net that is trained by the evidence lower bound of one draw, with a
// divergence that is not known in closed form: log q(z|x) - log p(z) of the draw.
func (c Config) elbo(b *graph.Builder, batch int, q inference) graph.Net {
	x, given := c.Inputs(b, batch)
	d := q.codes(b, x, given, 1)
	t := terms{x: x, given: given, y: c.Decode(b, d.z, given), kl: d.divergence(b.Scope("loss"))}
	if !b.Training {
		mean := q.codes(b, x, given, 0)
		t.code, t.klAtCode, t.prior = mean.z, mean.divergence(b.Scope("loss")), q.drawPrior(b, batch)
	}
	return c.net(b, t)
}

// net is the net of Build, and of variants that have the same parts.
func (c Config) net(b *graph.Builder, t terms) graph.Net {
	loss := b.Scope("loss")
	recon := loss.Neg(loss.Mean(c.LogLikelihood(loss, t.y, t.x)))
	kls := perSample(loss, t.kl)
	task := graph.Task{Name: "elbo", Loss: loss.Add(recon, c.Penalty(b, t.kl)), Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: loss.Mean(kls)}}}
	net := graph.Net{Outputs: map[string]*graph.Node{}}
	if t.code != nil {
		net.Outputs[graph.OutputCode] = t.code
	}
	y := t.y
	if !b.Training && b.Err() == nil {
		y = c.Decode(b, t.code, t.given)
		if t.klAtCode != nil {
			kls = t.klAtCode
		}
		net.Outputs[graph.OutputScore] = loss.Sub(kls, c.LogLikelihood(loss, y, t.x))
		net.Outputs[graph.OutputPrior] = t.prior
	}
	image := c.Recon(b, y)
	if !b.Training {
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(image, t.x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs[graph.OutputRecon] = image
	net.Tasks = []graph.Task{task}
	return net
}

// KL is the divergence of each dimension of q(z|x), the normal distribution with mean
// mu and log variance logVar [N, ...], from N(0,1), in nats:
//
//	(mu^2 + e^logVar - 1 - logVar) / 2
//
// in the shape of mu (Kingma and Welling 2013, appendix B).
func (c Config) KL(b *graph.Builder, mu, logVar *graph.Node) *graph.Node {
	// e^x - 1 as expm1 does not cancel if the variance is near 1.
	e := lower.Num(0.5).Mul(lower.Arg(0).Square().Add(lower.Expm1(lower.Arg(1)).Sub(lower.Arg(1))))
	return b.Map(e, mu, logVar)
}

// Penalty is what the divergence kl, [N] or that of each dimension [N, D], adds to the
// loss: a scalar. With k the mean over the batch of the sum over dimensions, and beta
// and capacity inputs, it is
//
//	beta k
//	beta |k - capacity|  with Capacity
//
// With FreeBits, k is the sum over dimensions of the greater of FreeBits and the mean
// over the batch; [N] counts as one dimension.
func (c Config) Penalty(b *graph.Builder, kl *graph.Node) *graph.Node {
	if kl == nil || !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	loss := b.Scope("loss")
	mean := loss.Mean(perSample(loss, kl))
	if c.FreeBits > 0 {
		mean = loss.Sum(loss.Map(lower.Max(lower.Num(c.FreeBits), lower.Arg(0)), loss.Mean(kl, 0)))
	}
	penalty := lower.Arg(1).Mul(lower.Arg(0))
	operands := []*graph.Node{mean, b.Scalar(InputBeta, *c.Beta)}
	if c.Capacity != nil {
		penalty = lower.Arg(1).Mul(lower.Abs(lower.Arg(0).Sub(lower.Arg(2))))
		operands = append(operands, b.Scalar(InputCapacity, *c.Capacity))
	}
	return loss.Map(penalty, operands...)
}

// perSample sums x [N, ...] over all axes but the first.
func perSample(b *graph.Builder, x *graph.Node) *graph.Node {
	if x == nil || x.Dims() < 2 || b.Err() != nil {
		return x
	}
	return b.Sum(b.Reshape(x, x.Shape()[0], -1), 1)
}
