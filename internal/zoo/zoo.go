// Package zoo lists every model of the library at a small size, with values to feed it.
// Tests walk the list: each model computes the same on every machine, and learns.
package zoo

import (
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Model builds a net; the configs under models are models.
type Model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

// Entry is a small instance of a model.
type Entry struct {
	Name  string
	Model Model
	// Draw draws the values of inputs of a training step, by name: [batch, ...] of n
	// values. Other inputs have uniform values, from 0 to 1 or to what the net's losses
	// allow, whole where these want whole numbers; "mask" is 0 or 1, and "lengths" at
	// least 1.
	Draw map[string]func(r *rand.Rand, n int) []float32
	// Metric is what falls when the model learns eight samples by heart; "" means the
	// first task's loss.
	Metric string
	// Least is the share of its first value to which Metric falls; 0 means 0.5.
	Least float64
	// Steps is how many steps of Adam that takes; 0 means 300.
	Steps int
	// Rate is Adam's learning rate there; 0 means 0.01.
	Rate float64
}

// All lists the models.
func All() []Entry {
	return slices.Concat(dense(), dictionaries(), conv(), vae(), vaeRegularized(), vaeConditional(), seq())
}

// Feed draws the values of all inputs of a program, except for the scalars.
func (e Entry) Feed(p *graph.Program, r *rand.Rand) map[string][]float32 {
	out := map[string][]float32{}
	for _, in := range p.Inputs() {
		if len(in.Shape) == 0 || p.Clock() != nil && in.Node == p.Clock() {
			continue
		}
		if draw := e.Draw[in.Name]; draw != nil {
			out[in.Name] = draw(r, in.Shape.Size())
			continue
		}
		out[in.Name] = values(in.Name, in.Shape.Size(), p.Domains(), r)
	}
	return out
}

// values draws n values of an input from its domain.
func values(name string, n int, domains []graph.Domain, r *rand.Rand) []float32 {
	lo, hi, whole := 0.0, 1.0, name == graph.InputMask
	for _, d := range domains {
		if d.Input == name {
			lo, hi, whole = d.Lo, d.Hi, whole || d.Whole
			if !whole {
				hi = min(hi, 1)
			}
		}
	}
	if name == graph.InputLengths {
		lo = max(lo, 1)
	}
	x := make([]float32, n)
	for i := range x {
		if whole {
			x[i] = float32(lo) + float32(r.IntN(int(hi-lo)+1))
		} else {
			x[i] = float32(lo + (hi-lo)*r.Float64())
		}
	}
	return x
}
