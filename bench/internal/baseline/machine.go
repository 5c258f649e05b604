package baseline

// One graph of a net on a machine: what goes in, what comes out.

import (
	"fmt"
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// forward is what a model builds. images and logits hold the batch in the parts
// that the model works on: one part with all pixels, or one for each row of
// pixels.
type forward struct {
	images G.Nodes // inputs, parts of [batch, 784/parts] elements
	logits G.Nodes // the reconstruction's, divided as images
	noise  *G.Node // an input of standard normal numbers, or nil
	loss   *G.Node // scalar
}

// machine is a forward graph, with gradients if it is for training, and the
// machine that runs it.
type machine struct {
	graph      *G.ExprGraph
	vm         G.VM
	learnables G.Nodes
	forward
	recon G.Nodes // probabilities, divided as images; not in training
	batch int
}

// compile builds a model's graph over weights and compiles it for a machine. A
// training graph binds the gradients to the weights; another graph has the
// reconstruction's probabilities.
func compile(vm Machine, build func(*builder) forward, batch int, weights *weights, training bool) (*machine, error) {
	b := &builder{graph: G.NewGraph(), batch: batch, training: training, weights: weights}
	m := &machine{graph: b.graph, batch: batch}
	m.forward = build(b)
	if !training {
		for _, logits := range m.logits {
			m.recon = append(m.recon, G.Must(G.Sigmoid(logits)))
		}
		m.vm = vm(m.graph)
		return m, nil
	}
	m.learnables = b.learnables
	grads, err := G.Grad(m.loss, m.learnables...)
	if err != nil {
		return nil, fmt.Errorf("gradients: %w", err)
	}
	// Grad also builds the gradients of the images, which nothing reads.
	m.graph = m.graph.ExactSubgraphRoots(append(grads, m.loss)...)
	m.vm = vm(m.graph, G.BindDualValues(m.learnables...))
	return m, nil
}

// feed copies x [batch*784] into the inputs and draws fresh noise.
func (m *machine) feed(x []float32, r *rand.Rand) {
	width := pixels / len(m.images)
	for part, in := range m.images {
		for image := range m.batch {
			from := image*pixels + part*width
			set(in.Value(), image*width, x[from:from+width])
		}
	}
	if m.noise != nil {
		draw(m.noise.Value(), r)
	}
}

// run executes the graph on the inputs and returns the loss. Node values stay
// readable until the next run.
func (m *machine) run() (float64, error) {
	defer m.vm.Reset() // also after a failure, or the next run would continue from there
	if err := m.vm.RunAll(); err != nil {
		return 0, err
	}
	return number(m.loss.Value()), nil
}

// reconstruction returns the probabilities of the last run [batch*784].
func (m *machine) reconstruction() []float32 {
	x := make([]float32, m.batch*pixels)
	width := pixels / len(m.recon)
	for part, out := range m.recon {
		for image := range m.batch {
			from := image*pixels + part*width
			get(x[from:from+width], out.Value(), image*width)
		}
	}
	return x
}

// newDense returns a tensor of zeros.
func newDense(dtype tensor.Dtype, shape ...int) *tensor.Dense {
	return tensor.New(tensor.Of(dtype), tensor.WithShape(shape...))
}

// set copies src into the elements of dst that begin at from.
func set(dst G.Value, from int, src []float32) {
	switch d := dst.Data().(type) {
	case []float32:
		copy(d[from:], src)
	case []float64:
		for i, v := range src {
			d[from+i] = float64(v)
		}
	}
}

// get fills dst with the elements of src that begin at from.
func get(dst []float32, src G.Value, from int) {
	switch s := src.Data().(type) {
	case []float32:
		copy(dst, s[from:])
	case []float64:
		for i := range dst {
			dst[i] = float32(s[from+i])
		}
	}
}

// draw fills dst with standard normal numbers.
func draw(dst G.Value, r *rand.Rand) {
	each(dst, func(float64) float64 { return r.NormFloat64() })
}

// each replaces every element by f of it, in order.
func each(v G.Value, f func(float64) float64) {
	switch d := v.Data().(type) {
	case []float32:
		for i := range d {
			d[i] = float32(f(float64(d[i])))
		}
	case []float64:
		for i := range d {
			d[i] = f(d[i])
		}
	}
}

// number returns a scalar value.
func number(v G.Value) float64 {
	switch s := v.Data().(type) {
	case float32:
		return float64(s)
	case float64:
		return s
	}
	return math.NaN()
}

// finite reports whether v has neither NaN nor infinities.
func finite(v G.Value) bool {
	ok := true
	switch d := v.Data().(type) {
	case []float32:
		for _, x := range d {
			ok = ok && x-x == 0
		}
	case []float64:
		for _, x := range d {
			ok = ok && x-x == 0
		}
	}
	return ok
}
