package vae

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Quadrant is the conditional variational autoencoder of Sohn et al. (2015): it
// completes images of which some quadrants are known. With the known pixels x and the
// others y, it consists of four dense nets:
//
//	baseline     y0(x), a deterministic guess of y
//	prior        p(z|x), of the known pixels and the guess
//	recognition  q(z|x,y), of the whole image
//	generation   p(y|z), the decoder
//
// Training minimises, in nats per image,
//
//	-log p(y|z) + beta KL(q(z|x,y) || p(z|x))
//
// with z drawn from q, and beside it the cross entropy of the guess, whose gradient
// does not come from the first term. Both are sums over the unknown pixels and means
// over the batch.
//
// The embedded Config describes prior, recognition and generation net; the hidden
// layers of the baseline are those of the encoder. Conv, Classes and Condition are not
// supported.
type Quadrant struct {
	Config
	// Known is the number of known quadrants: 1 is the one at the bottom left, 2 the
	// left half, 3 all but the one at the bottom right; 0 means 1.
	Known int `json:"known,omitzero"`
	// Rows is the number of rows of an image; 0 means as many as columns.
	Rows int `json:"rows,omitzero"`
	// KeepGuess leaves the baseline as it is, such as after training it by itself as a
	// Guess. There is then no task "baseline".
	KeepGuess bool `json:"keepGuess,omitzero"`
	// Draws is the number of codes drawn for the metric "nll" of an evaluation; 0
	// means 1. With one it estimates the bound, with more it comes closer to
	// -log p(y|x).
	Draws int `json:"draws,omitzero"`
}

// Guess is the baseline of a Quadrant by itself. It has the same weights, by name, so
// that it can be trained first.
type Guess struct{ Quadrant }

func (c Quadrant) withDefaults() Quadrant {
	c.Config = c.Config.withDefaults()
	c.Known, c.Draws = cmp.Or(c.Known, 1), cmp.Or(c.Draws, 1)
	if c.Rows == 0 {
		for c.Rows*c.Rows < c.Input && c.Rows < 1<<15 {
			c.Rows++
		}
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c Quadrant) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if err := c.without("Quadrant", "Conv", "Classes", "Condition"); err != nil {
		return err
	}
	square := c.Rows == 0
	c = c.withDefaults()
	switch {
	case c.Known < 1 || c.Known > 3:
		return fmt.Errorf("vae: Known is %d, want 1, 2 or 3 quadrants", c.Known)
	case c.Draws < 1:
		return fmt.Errorf("vae: Draws is %d, want at least 1", c.Draws)
	case square && c.Rows*c.Rows != c.Input:
		return fmt.Errorf("vae: Input is %d, which is no square: set Rows", c.Input)
	case c.Rows < 2 || c.Input%c.Rows != 0 || c.Input/c.Rows < 2:
		return fmt.Errorf("vae: %d rows of an image of %d pixels: want at least 2 rows and 2 columns", c.Rows, c.Input)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are "x" [batch, Input], whole images, and the scalar "beta". The task "elbo" has the
// metrics "recon" and "kl" and trains all but the baseline, which the task "baseline"
// trains at the same time, without KeepGuess. In evaluation there is also the metric
//
//	"nll"  -log mean over Draws of p(y|z) p(z|x) / q(z|x,y), z drawn from q(z|x,y)
//
// an estimate of -log p(y|x), whose mean is not below it. The outputs are
//
//	"code" [batch, Latent]      the mean of p(z|x), which depends on known pixels only
//	"recon" [batch, Input]      the image decoded from it; in training from the draw of q
//	"completed" [batch, Input]  the same, with the known pixels as they are
//	"guess" [batch, Input]      the baseline's
//
// and in evaluation "score" [batch], the negative bound at the mean of q(z|x,y), and
// "drawn" [batch, Input], a completed image for a code drawn from p(z|x). If a setting
// is invalid, the net is empty and the builder has the error.
func (c Quadrant) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, c) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x, _ := c.Inputs(b, batch)
	known := c.known(b)
	guess, task := c.guess(b, x, known)
	seen := c.complete(b, x, known, b.StopGradient(guess))
	mu0, logVar0 := c.Encode(b.Scope("prior"), seen, nil)
	mu, logVar := c.Encode(b.Scope("recognition"), x, nil)
	y := c.Decode(b, c.Sample(b, mu, logVar), nil)

	loss := b.Scope("loss")
	kls := loss.KLNormals(mu, logVar, mu0, logVar0)
	recon, kl := loss.Mean(c.unknownNLL(loss, y, x, known)), loss.Mean(kls)
	elbo := graph.Task{
		Name:    "elbo",
		Loss:    loss.Add(recon, c.Penalty(b, kls)),
		Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: kl}},
		Trains:  []string{"!" + baselineScope + "/*"},
	}
	merge := func(image *graph.Node) *graph.Node { return c.complete(b, x, known, image) }
	image := c.Recon(b, y)
	if !b.Training {
		image = c.Recon(b, c.Decode(b, mu0, nil))
	}
	net := graph.Net{Outputs: map[string]*graph.Node{
		graph.OutputCode:  mu0,
		graph.OutputRecon: image,
		"completed":       merge(image),
		"guess":           guess,
	}}
	if !b.Training && b.Err() == nil {
		at := c.unknownNLL(loss, c.Decode(b, mu, nil), x, known)
		net.Outputs[graph.OutputScore] = loss.Add(at, kls)
		draw := b.Scope("draw")
		net.Outputs["drawn"] = merge(c.Recon(b, c.Decode(b, c.Sample(draw, mu0, logVar0), nil)))
		elbo.Metrics = append(elbo.Metrics,
			graph.Metric{Name: "nll", Node: c.nll(b.Scope("nll"), b, x, known, [4]*graph.Node{mu, logVar, mu0, logVar0})},
			graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(image, x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	if net.Tasks = []graph.Task{elbo}; !c.KeepGuess {
		net.Tasks = append(net.Tasks, task)
	}
	return net
}

// Build adds only the baseline, with the task "baseline". The input is "x" [batch,
// Input]; the outputs are "guess" and "completed".
func (c Guess) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, c) {
		return graph.Net{}
	}
	q := c.Quadrant.withDefaults()
	x, _ := q.Inputs(b, batch)
	known := q.known(b)
	guess, task := q.guess(b, x, known)
	completed := q.complete(b, x, known, guess)
	if b.Err() != nil {
		return graph.Net{}
	}
	return graph.Net{Outputs: map[string]*graph.Node{"guess": guess, "completed": completed}, Tasks: []graph.Task{task}}
}

const baselineScope = "baseline"

// guess is the baseline's image [N, Input], and its task. Unknown pixels are -1 in its
// input.
func (c Quadrant) guess(b *graph.Builder, x, known *graph.Node) (*graph.Node, graph.Task) {
	base := b.Scope(baselineScope)
	h := base.Map(lower.Where(lower.Arg(1), lower.Arg(0), lower.Num(-1)), x, known)
	for i, units := range c.Hidden {
		h = c.layer(layerScope(base, "fc", i), units, h)
	}
	y := c.dense(c.decoded().Size(), "").Apply(base.Scope("logits"), h)
	y = base.Reshape(y, append([]int{-1}, c.decoded()...)...)
	nll := base.Mean(c.unknownNLL(base, y, x, known))
	return c.Recon(base, y), graph.Task{Name: "baseline", Loss: nll, Trains: []string{baselineScope + "/*"}}
}

// unknownNLL is -log p(y|z) in nats, summed over the unknown pixels of the images x:
// [N], or [N K] for the decoder's results of K codes for each image.
func (c Quadrant) unknownNLL(b *graph.Builder, y, x, known *graph.Node) *graph.Node {
	each := c.LogLikelihoods(b, y, x)
	return b.Sum(b.Map(lower.Where(lower.Arg(1), lower.Num(0), lower.Arg(0).Neg()), each, known), 1)
}

// nll estimates -log p(y|x) by importance sampling, with draws of the normal of mean
// q[0] and log variance q[1] for the prior of q[2] and q[3], as a mean over the batch.
func (c Quadrant) nll(scope, b *graph.Builder, x, known *graph.Node, q [4]*graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	batch := x.Shape()[0]
	z, posterior := drawNormal(scope, q[0], q[1], c.Draws)
	one := func(n *graph.Node) *graph.Node { return b.Reshape(n, batch, 1, c.Latent) }
	ratio := scope.Sub(normalLogDensity(scope, z, one(q[2]), one(q[3])), posterior)
	nll := c.unknownNLL(scope, c.Decode(b, rows(b, z), nil), x, known)
	return scope.Neg(scope.Mean(scope.LogMeanExp(scope.Sub(ratio, b.Reshape(nll, batch, c.Draws)), 1)))
}

// complete is x at the known pixels and the image at the others: [N, Input].
func (c Quadrant) complete(b *graph.Builder, x, known, image *graph.Node) *graph.Node {
	return b.Map(lower.Where(lower.Arg(1), lower.Arg(0), lower.Arg(2)), x, known, image)
}

// known is 1 at the known pixels, else 0: [Input].
func (c Quadrant) known(b *graph.Builder) *graph.Node {
	mask := make([]float64, c.Input)
	columns := c.Input / c.Rows
	for i := range mask {
		bottom, left := i/columns >= c.Rows/2, i%columns < columns/2
		if [...]bool{1: bottom && left, 2: left, 3: !bottom || left}[c.Known] {
			mask[i] = 1
		}
	}
	return b.Constant(mask, c.Input)
}

// String describes the net by its sizes, such as "784-500-500-200 relu beta 1, 2
// quadrants known".
func (c Quadrant) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("%s, %d of 4 quadrants known", c.Config, c.Known)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Quadrant) Summary() (string, error) {
	return graph.SummaryOf("conditional variational autoencoder "+c.String(), c.Build)
}

// Summary returns a table of the baseline's layers, or the error of Validate.
func (c Guess) Summary() (string, error) {
	return graph.SummaryOf("baseline of "+c.String(), c.Build)
}
