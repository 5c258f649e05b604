// Package baseline has the benchmark's autoencoders as a user of plain Gorgonia
// writes them today: with Gorgonia's own ops, TapeMachine and Adam solver.
// Every other backend is measured against it, so it is correct and as fast as
// those ops allow: it uses no op known to be wrong, and builds no node that the
// step does not need.
//
// There are four nets, in float32, for images of 28x28 pixels in [0,1]:
//
//	dense  784-128-64-32-64-128-784, ReLU between
//	conv   3x3 same convolutions 1-16-8-8 | 8-8-16-1, max pool 2, upsample 2
//	vae    784-400-20-400-784 with a Gaussian latent and Bernoulli pixels
//	lstm   28 rows of 28: LSTM 128, code 32 repeated 28 times, LSTM 128, dense
//
// The loss of dense, conv and lstm is cross entropy from logits, the mean over
// pixels and images, in nats. The loss of vae is the negative evidence lower
// bound in nats per image.
package baseline

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

const (
	side   = 28          // rows of an image, and pixels in a row
	pixels = side * side // pixels of an image
)

// The random streams of one seed. None depends on how many numbers were drawn
// from another.
const (
	weightStream = iota
	trainStream
	evalStream
)

// models lists the nets in the order of Names.
var models = [...]struct {
	name  string
	build func(*builder) forward
}{
	{"dense", dense},
	{"conv", conv},
	{"vae", vae},
	{"lstm", lstm},
}

// Names returns the models that New knows.
func Names() []string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.name
	}
	return names
}

// Net is one model compiled for one batch size: a graph that trains and a
// forward-only graph over the same weights. It is for one goroutine at a time.
type Net struct {
	model   string
	batch   int
	train   *machine
	eval    *machine
	solver  G.Solver
	noise   *rand.Rand // for training
	sampled *rand.Rand // for evaluation
	steps   int
	compile time.Duration
	broken  error // the error that stopped training; the graph cannot be used after it
}

// New builds and compiles model, one of Names, for batches of exactly batch
// images. The same seed gives the same weights and, in vae, the same noise.
//
// Building a graph writes to Gorgonia's globals: New must not run while another
// goroutine builds or differentiates any Gorgonia graph.
func New(model string, batch int, seed uint64) (*Net, error) {
	return NewOn(TapeMachine, model, batch, seed)
}

// NewOn is New on the machines that vm makes. If they have a Solver, which
// steps as Gorgonia's do, Adam runs through it.
func NewOn(vm Machine, model string, batch int, seed uint64) (*Net, error) {
	return newNet(vm, model, batch, seed, tensor.Float32)
}

// Machine makes a machine for a graph, as Gorgonia's own function does.
type Machine func(g *Graph, opts ...Option) VM

// VM is a machine, Graph and Option the arguments from which Gorgonia makes one.
type (
	VM     = G.VM
	Graph  = G.ExprGraph
	Option = G.VMOpt
)

// TapeMachine is Gorgonia's own machine.
func TapeMachine(g *Graph, opts ...Option) VM { return G.NewTapeMachine(g, opts...) }

// newNet is New in either floating-point type; input and output pixels stay
// float32.
func newNet(vm Machine, model string, batch int, seed uint64, dtype tensor.Dtype) (n *Net, err error) {
	if batch < 1 {
		return nil, fmt.Errorf("baseline: %s: a batch of %d images; give at least 1", model, batch)
	}
	var build func(*builder) forward
	for _, m := range models {
		if m.name == model {
			build = m.build
		}
	}
	if build == nil {
		return nil, fmt.Errorf("baseline: no model %q; there are %v", model, Names())
	}
	defer rescue(&err, "baseline: building %s for batches of %d", model, batch)

	weights := newWeights(dtype, stream(seed, weightStream))
	start := time.Now()
	train, err := compile(vm, build, batch, weights, true)
	if err != nil {
		return nil, fmt.Errorf("baseline: building %s: %w", model, err)
	}
	took := time.Since(start)
	eval, err := compile(vm, build, batch, weights, false)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("baseline: building %s to evaluate: %w", model, err), train.vm.Close())
	}
	solver := G.Solver(G.NewAdamSolver(G.WithLearnRate(1e-3), G.WithBeta1(.9), G.WithBeta2(.999), G.WithEps(1e-8)))
	if m, ok := train.vm.(interface{ Solver(G.Solver) G.Solver }); ok {
		solver = m.Solver(solver)
	}
	return &Net{
		model:   model,
		batch:   batch,
		train:   train,
		eval:    eval,
		solver:  solver,
		noise:   stream(seed, trainStream),
		sampled: stream(seed, evalStream),
		compile: took,
	}, nil
}

// Step trains on x [batch*784], pixels in [0,1], image after image, rows from
// the top: forward, backward and one update by Adam (rate 1e-3, decays .9 and
// .999, epsilon 1e-8). It returns the loss before the update. Once a step has
// failed, or the loss or a weight is not finite, the net cannot be used, and
// every later call returns an error.
func (n *Net) Step(x []float32) (loss float64, err error) {
	if n.broken != nil {
		return 0, n.broken
	}
	if err := n.check(x); err != nil {
		return 0, err
	}
	n.steps++
	defer func() {
		if err != nil {
			n.broken = err
		}
	}()
	defer rescue(&err, "baseline: %s: step %d", n.model, n.steps)
	if loss, err = n.gradients(x); err == nil {
		err = n.update()
	}
	if err != nil {
		return loss, fmt.Errorf("baseline: %s: step %d: %w", n.model, n.steps, err)
	}
	return loss, nil
}

// gradients runs the training graph forward and backward over x.
func (n *Net) gradients(x []float32) (loss float64, err error) {
	n.train.feed(x, n.noise)
	if loss, err = n.train.run(); err != nil {
		return loss, err
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, fmt.Errorf("the loss is %v; the weights are as they were before the step", loss)
	}
	return loss, nil
}

// update applies Adam to the weights and clears the gradients. It checks the
// new weights because Gorgonia's max pool, given a window of NaN, panics on a
// goroutine where nothing can recover it.
func (n *Net) update() error {
	if err := n.solver.Step(G.NodesToValueGrads(n.train.learnables)); err != nil {
		return err
	}
	for _, w := range n.train.learnables {
		if !finite(w.Value()) {
			return fmt.Errorf("the update put a number that is not finite into %s", w.Name())
		}
	}
	return nil
}

// Eval returns the loss over x [batch*784] and its reconstruction, the pixels'
// probabilities [batch*784] in x's order. It runs a forward-only graph and
// changes neither weights nor gradients nor the noise of training. For vae the
// loss uses one sample of the latent, as in training, from a random stream of
// Eval's own; the reconstruction is decoded from the latent's mean.
func (n *Net) Eval(x []float32) (loss float64, recon []float32, err error) {
	if n.broken != nil {
		return 0, nil, n.broken
	}
	if err := n.check(x); err != nil {
		return 0, nil, err
	}
	defer rescue(&err, "baseline: %s: evaluation after step %d", n.model, n.steps)
	n.eval.feed(x, n.sampled)
	if loss, err = n.eval.run(); err != nil {
		return 0, nil, fmt.Errorf("baseline: %s: evaluation after step %d: %w", n.model, n.steps, err)
	}
	recon = n.eval.reconstruction()
	return loss, recon, nil
}

// Params returns the number of trainable weights.
func (n *Net) Params() int {
	count := 0
	for _, w := range n.train.learnables {
		count += w.Shape().TotalSize()
	}
	return count
}

// Nodes returns the number of nodes of the training graph, gradients included.
func (n *Net) Nodes() int { return len(n.train.graph.AllNodes()) }

// CompileTime returns how long it took to build the training graph,
// differentiate it and compile it for the TapeMachine.
func (n *Net) CompileTime() time.Duration { return n.compile }

// Close frees the machines. The net must not be used after it.
func (n *Net) Close() error {
	n.broken = fmt.Errorf("baseline: %s: the net is closed", n.model)
	return errors.Join(n.train.vm.Close(), n.eval.vm.Close())
}

// check returns an error for a batch of another size or pixels outside [0,1].
func (n *Net) check(x []float32) error {
	if len(x) != n.batch*pixels {
		return fmt.Errorf("baseline: %s: a batch of %d pixels; want %d images of %d", n.model, len(x), n.batch, pixels)
	}
	for i, v := range x {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("baseline: %s: image %d, pixel %d is %v; want it in [0,1]", n.model, i/pixels, i%pixels, v)
		}
	}
	return nil
}

// rescue turns a panic of Gorgonia's into *err, preceded by the message.
func rescue(err *error, format string, args ...any) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: gorgonia panicked: %v", fmt.Sprintf(format, args...), p)
	}
}

// stream returns one of a seed's independent random sources.
func stream(seed, which uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, which)) }
