package sampler

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Flow is a density of codes: a chain of invertible layers from a code x to u with the
// density N(0,1), the real NVP of Dinh et al. (2017). A layer keeps one half a of the
// values and maps the other half b to
//
//	b e^s + t,  s = 2 tanh(s' / 2), s', t = a dense net of a
//
// and the next layer does so with the halves exchanged. The loss is the mean of
//
//	-log p(x) = -log N(u; 0,1) - sum of s
//
// in nats. Fit makes it a sampler.
type Flow struct {
	// Dims is the number of values of a code, at least 2.
	Dims int `json:"dims"`
	// Layers is the number of layers; 0 means 6.
	Layers int `json:"layers,omitzero"`
	// Hidden lists the sizes of the dense layers of each layer's net; nil means 64, 64.
	Hidden []int `json:"hidden,omitzero"`
}

func (f Flow) withDefaults() Flow {
	f.Layers = cmp.Or(f.Layers, 6)
	if f.Hidden == nil {
		f.Hidden = []int{64, 64}
	}
	return f
}

// Validate returns an error that names the first field out of range.
func (f Flow) Validate() error {
	f = f.withDefaults()
	switch {
	case f.Dims < 2:
		return fmt.Errorf("sampler: Dims is %d, want at least 2: a flow maps one half of a code by the other", f.Dims)
	case f.Layers < 1:
		return fmt.Errorf("sampler: Layers is %d, want at least 1", f.Layers)
	}
	for i, units := range f.Hidden {
		if units < 1 {
			return fmt.Errorf("sampler: Hidden[%d] is %d, want at least 1", i, units)
		}
	}
	return nil
}

// Build adds the flow to the graph. The input "x" [batch, Dims] has codes of another
// model. The outputs are "code", which is u, "recon", the code x of u, and in evaluation
// "score" [batch], which is -log p(x), and "prior", draws of u.
func (f Flow) Build(b *graph.Builder, batch int) graph.Net {
	if err := f.Validate(); err != nil {
		b.Failf("%w", err)
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	f = f.withDefaults()
	x := b.Input(graph.InputX, batch, f.Dims)
	u, logDet := f.forward(b, x)
	recon := f.inverse(b, u)
	loss := b.Scope("loss")
	half := lower.Num(0.5).Mul(lower.Arg(0).Square().Add(lower.Num(math.Log(2 * math.Pi)))) // -log N(u; 0,1)
	score := loss.Sub(loss.Sum(loss.Map(half, u), 1), logDet)
	task := graph.Task{Name: "flow", Loss: loss.Mean(score)}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: u, graph.OutputRecon: recon}}
	if !b.Training {
		net.Outputs[graph.OutputScore] = score
		net.Outputs[graph.OutputPrior] = b.Scope("prior").Normal("u", batch, f.Dims)
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(recon, x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// forward maps x to u, and returns the sum of s of each sample.
func (f Flow) forward(b *graph.Builder, x *graph.Node) (u, logDet *graph.Node) {
	for i := range f.Layers {
		kept, moved := f.halves(b, i, x)
		s, t := f.net(b, i, kept)
		x = f.joined(b, i, kept, b.Add(b.Mul(moved, b.Exp(s)), t))
		if sum := b.Sum(s, 1); logDet == nil {
			logDet = sum
		} else {
			logDet = b.Add(logDet, sum)
		}
	}
	return x, logDet
}

// inverse maps u to x.
func (f Flow) inverse(b *graph.Builder, u *graph.Node) *graph.Node {
	for i := f.Layers - 1; i >= 0; i-- {
		kept, moved := f.halves(b, i, u)
		s, t := f.net(b, i, kept)
		u = f.joined(b, i, kept, b.Mul(b.Sub(moved, t), b.Exp(b.Neg(s))))
	}
	return u
}

// halves are the values that layer i keeps and those that it maps.
func (f Flow) halves(b *graph.Builder, i int, x *graph.Node) (kept, moved *graph.Node) {
	half := f.Dims / 2
	kept, moved = b.Slice(x, 1, 0, half), b.Slice(x, 1, half, f.Dims)
	if i%2 == 1 {
		kept, moved = moved, kept
	}
	return kept, moved
}

// joined undoes halves.
func (f Flow) joined(b *graph.Builder, i int, kept, moved *graph.Node) *graph.Node {
	if i%2 == 1 {
		kept, moved = moved, kept
	}
	return b.Concat(1, kept, moved)
}

// net are s and t of layer i. It starts at 0, so that the flow starts as the identity.
func (f Flow) net(b *graph.Builder, i int, kept *graph.Node) (s, t *graph.Node) {
	b = b.Scope(fmt.Sprintf("layer%d", i+1))
	size := f.Dims / 2
	if i%2 == 0 {
		size = f.Dims - size
	}
	h := kept
	for k, units := range f.Hidden {
		h = graph.Dense{Units: units, Activation: "tanh"}.Apply(b.Scope(fmt.Sprintf("fc%d", k+1)), h)
	}
	s = graph.Dense{Units: size, Init: graph.Zeros()}.Apply(b.Scope("scale"), h)
	t = graph.Dense{Units: size, Init: graph.Zeros()}.Apply(b.Scope("shift"), h)
	return b.Scale(b.Tanh(b.Scale(s, 0.5)), 2), t
}

// String describes the flow, such as "flow of 16 values, 6 layers of 64-64".
func (f Flow) String() string {
	f = f.withDefaults()
	return fmt.Sprintf("flow of %d values, %d layers of %s", f.Dims, f.Layers, strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Hidden), " ", "-"), "[]"))
}

// Summary returns a table of the layers, or the error of Validate.
func (f Flow) Summary() (string, error) { return graph.SummaryOf(f.String(), f.Build) }
