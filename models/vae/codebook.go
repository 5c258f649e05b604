package vae

import "github.com/stheno-ml/stheno/graph"

// codebook has entries [Codes, Width] and the moving average of the number of vectors of
// a batch to which an entry is the nearest, [Codes, 1].
type codebook struct {
	Quantized
	b                     *graph.Builder
	entries, count, moved *graph.Node
}

func (m Quantized) codebook(b *graph.Builder) codebook {
	return codebook{m, b, b.State("entries", graph.Normal(0, 1), m.Codes, m.Width), b.State("count", graph.Ones(), m.Codes, 1), b.State("moved", nil)}
}

// nearest returns the nearest entry for each vector of z [V, Width], and its number [V].
func (c codebook) nearest(z *graph.Node) (nearest, number *graph.Node) {
	b := c.b
	// The squared distance, without |z|^2, which is the same for all entries.
	distance := b.Sub(b.Sum(b.Square(c.entries), 1), b.Scale(b.MatMul(z, b.Transpose(c.entries, 1, 0)), 2))
	number = b.ArgMin(distance, 1)
	return b.Gather(c.entries, number, 0), number
}

// follow returns metrics of the numbers of the nearest entries and, in training, moves
// the entries towards the vectors z.
func (c codebook) follow(z, number *graph.Node) []graph.Metric {
	b := c.b
	if b.Err() != nil {
		return nil
	}
	vectors := z.Shape()[0]
	hits := b.Sum(b.OneHot(number, c.Codes), 0)
	if b.Training {
		c.update(b.StopGradient(z), number, b.Reshape(hits, -1, 1))
	}
	share := b.Scale(hits, 1/float64(vectors))
	entropy := b.Neg(b.Sum(b.Mul(share, b.Log(b.AddConst(share, 1e-10)))))
	return []graph.Metric{{Name: "perplexity", Node: b.Exp(entropy)}, {Name: "used", Node: b.Sum(b.Greater(hits, b.Number(0)))}, {Name: "moved", Node: c.moved}}
}

// update moves the entries. Each is the quotient of the moving averages of the sum and of
// the number of its vectors; one without vectors stays.
func (c codebook) update(z, number, hits *graph.Node) {
	b := c.b
	average := func(old, now *graph.Node) *graph.Node {
		return b.Add(b.Scale(old, *c.Decay), b.Scale(now, 1-*c.Decay))
	}
	sum := average(b.Mul(c.entries, c.count), b.ScatterAdd(z, number, 0, c.Codes))
	count := average(c.count, hits)
	const least = 1e-12
	entries := b.Where(b.Greater(count, b.Number(least)), b.Div(sum, count), c.entries)
	few := b.Less(count, b.Number(*c.Revive))
	pick := b.Floor(b.Scale(b.Uniform("pick", 1, c.Codes), float64(z.Shape()[0])))
	b.Update(c.entries, b.Where(few, b.Gather(z, b.Reshape(pick, -1), 0), entries))
	b.Update(c.count, b.Where(few, b.Number(1), count))
	b.Update(c.moved, b.Add(c.moved, b.Sum(few)))
}
