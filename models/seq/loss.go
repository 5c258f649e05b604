package seq

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// taskName is the name of the loss.
func (c Config) taskName() string {
	switch {
	case c.Vocabulary != 0:
		return "nll"
	case c.TeacherForcing: // "mse" is the name of the reconstruction's error
		return "forced"
	}
	return c.Loss.String()
}

// lossPerStep is the loss of each step, the sum over its values or the cross entropy
// of its token in nats: [N, Steps]. What it is beyond the lengths has no meaning.
func (c Config) lossPerStep(b *graph.Builder, y, x, lengths *graph.Node) *graph.Node {
	if y == nil || x == nil || b.Err() != nil {
		return nil
	}
	if c.Loss == graph.MSE { // cross entropies check the range of an input, so they read it as it is
		x = c.within(b, x, lengths)
	}
	n := x.Shape()[0]
	rows := b.Reshape(y, n*c.Steps, c.outputs())
	var each *graph.Node
	switch {
	case c.Vocabulary != 0:
		each = b.CrossEntropyOfLabelsPerSample(rows, b.Reshape(x, n*c.Steps))
	case c.Loss == graph.MSE:
		each = b.SquaredErrorPerSample(rows, b.Reshape(x, n*c.Steps, c.Features))
	default:
		each = b.BCEWithLogitsPerSample(rows, b.Reshape(x, n*c.Steps, c.Features))
	}
	return b.Reshape(each, n, c.Steps)
}

// loss is the loss of a batch, a scalar, and that of each sample, [N].
func (c Config) loss(b *graph.Builder, y, x, lengths *graph.Node) (mean, each *graph.Node) {
	if y == nil || x == nil || b.Err() != nil {
		return nil, nil
	}
	if c.Vocabulary != 0 || lengths != nil {
		each = c.meanPerSample(b, c.lossPerStep(b, y, x, lengths), lengths)
		return b.Mean(each), each
	}
	// All values count alike: one sum instead of a sum of sums.
	share := 1 / float64(c.Steps*c.Features)
	if c.Loss == graph.MSE {
		return b.MSE(y, x), b.Scale(b.SquaredErrorPerSample(y, x), share)
	}
	return b.BCEWithLogits(y, x), b.Scale(b.BCEWithLogitsPerSample(y, x), share)
}

// sumPerSample is the sum of x [N, Steps] over the steps of each sequence: [N].
func (c Config) sumPerSample(b *graph.Builder, x, lengths *graph.Node) *graph.Node {
	if lengths != nil {
		x = b.Mask(x, b.LengthMask(lengths, c.Steps))
	}
	return b.Sum(x, 1)
}

// meanPerSample is the loss of each sample, given that of each step [N, Steps]: the
// mean over the values within its length, or the sum over its tokens.
func (c Config) meanPerSample(b *graph.Builder, x, lengths *graph.Node) *graph.Node {
	if c.Vocabulary != 0 {
		return c.sumPerSample(b, x, lengths)
	}
	if lengths != nil {
		x = b.MaskRescaled(x, b.LengthMask(lengths, c.Steps))
	}
	return b.Scale(b.Sum(x, 1), 1/float64(c.Steps*c.Features))
}

// nllPerSample is -log p(x|z) of each sample in nats, given the decoder's output: the
// sum over its steps of the cross entropies or, with MSE, of the normal densities of
// variance 1.
func (c Config) nllPerSample(b *graph.Builder, y, x, lengths *graph.Node) *graph.Node {
	each := c.lossPerStep(b, y, x, lengths)
	if c.Vocabulary == 0 && c.Loss == graph.MSE {
		each = b.AddConst(b.Scale(each, 0.5), 0.5*float64(c.Features)*math.Log(2*math.Pi))
	}
	return c.sumPerSample(b, each, lengths)
}

// metric compares the reconstruction with x, within the lengths.
func (c Config) metric(b *graph.Builder, recon, x, lengths *graph.Node) graph.Metric {
	if recon == nil || b.Err() != nil {
		return graph.Metric{}
	}
	if c.Vocabulary == 0 {
		wrong := b.Square(b.Sub(recon, x))
		values := Config{Steps: c.Steps, Features: c.Features}
		return graph.Metric{Name: graph.MetricMSE, Node: b.Mean(values.meanPerSample(b, b.Sum(wrong, 2), lengths))}
	}
	right := b.Equal(recon, x)
	if lengths == nil {
		return graph.Metric{Name: MetricAccuracy, Node: b.Mean(right)}
	}
	return graph.Metric{Name: MetricAccuracy, Node: b.MaskedMean(right, b.LengthMask(lengths, c.Steps))}
}

// MetricAccuracy is the name of the share of tokens that the reconstruction has in
// their places, in evaluation of a net with a Vocabulary.
const MetricAccuracy = "accuracy"
