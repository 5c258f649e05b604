package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
)

// BenchmarkDropIn runs programs written in Gorgonia's ops alternately on this machine
// and on Gorgonia's TapeMachine. It reports the best time of a RunAll on each, in
// milliseconds, and their ratio.
func BenchmarkDropIn(b *testing.B) {
	for _, p := range gorgoniaPrograms {
		b.Run(p.name, func(b *testing.B) {
			var took [2][]float64
			var run [2]func() error
			for i := range run {
				q := &gorgoniaProgram{g: G.NewGraph(), dtype: p.dtype}
				p.build(q)
				q.gradients(b)
				q.draw()
				var m G.VM
				if i == 0 {
					m = New(q.g, q.options()...)
				} else {
					m = G.NewTapeMachine(q.g, q.options()...)
				}
				defer m.Close()
				solver := G.NewVanillaSolver(G.WithLearnRate(1e-9))
				run[i] = func() error {
					from := time.Now()
					if err := m.RunAll(); err != nil {
						return err
					}
					took[i] = append(took[i], float64(time.Since(from).Nanoseconds())/1e6)
					m.Reset()
					if q.cost == nil {
						return nil
					}
					return solver.Step(G.NodesToValueGrads(q.learn))
				}
				require.NoError(b, run[i]())
				took[i] = nil
			}
			b.ResetTimer()
			for b.Loop() {
				require.NoError(b, run[0]())
				require.NoError(b, run[0]())
				require.NoError(b, run[1]())
			}
			ours, tape := slices.Min(took[0]), slices.Min(took[1])
			b.ReportMetric(ours, "cpu-ms")
			b.ReportMetric(tape, "tape-ms")
			b.ReportMetric(tape/ours, "times")
		})
	}
}

// BenchmarkDropInAlone runs the programs of BenchmarkDropIn on this machine only, for
// profiling.
func BenchmarkDropInAlone(b *testing.B) {
	for _, p := range gorgoniaPrograms {
		b.Run(p.name, func(b *testing.B) {
			q := &gorgoniaProgram{g: G.NewGraph(), dtype: p.dtype}
			p.build(q)
			q.gradients(b)
			q.draw()
			m := New(q.g, q.options()...)
			defer m.Close()
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, m.RunAll())
				m.Reset()
			}
		})
	}
}

// gorgoniaPrograms are typical programs written for Gorgonia.
var gorgoniaPrograms = []struct {
	name  string
	dtype tensor.Dtype
	build func(p *gorgoniaProgram)
}{
	{"stacked autoencoder float64", tensor.Float64, stackedAutoencoder},
	{"residual net float32", tensor.Float32, residualNet},
	{"policy gradient float64", tensor.Float64, policyGradient},
	{"logistic regression float64", tensor.Float64, logisticRegression},
	{"convnet float32", tensor.Float32, convnet},
	{"convnet float64", tensor.Float64, convnet},
	{"tiny YOLO float32", tensor.Float32, tinyYOLO},
	{"CIFAR net float64", tensor.Float64, cifarNet},
}

// gorgoniaProgram is a graph under construction: its inputs, its weights, and its
// cost, if it has one.
type gorgoniaProgram struct {
	g      *G.ExprGraph
	dtype  tensor.Dtype
	inputs G.Nodes
	learn  G.Nodes
	cost   *G.Node
}

func (p *gorgoniaProgram) gradients(b *testing.B) {
	if p.cost != nil {
		_, err := G.Grad(p.cost, p.learn...)
		require.NoError(b, err)
	}
}

func (p *gorgoniaProgram) options() []G.VMOpt {
	if p.cost == nil {
		return nil
	}
	return []G.VMOpt{G.BindDualValues(p.learn...)}
}

func (p *gorgoniaProgram) input(shape ...int) *G.Node {
	n := G.NewTensor(p.g, p.dtype, len(shape), G.WithShape(shape...), G.WithName(fmt.Sprintf("x%d", len(p.inputs))))
	p.inputs = append(p.inputs, n)
	return n
}

func (p *gorgoniaProgram) weight(shape ...int) *G.Node {
	n := G.NewTensor(p.g, p.dtype, len(shape), G.WithShape(shape...), G.WithName(fmt.Sprintf("w%d", len(p.learn))))
	p.learn = append(p.learn, n)
	return n
}

// draw binds random numbers to inputs and weights, the same every time.
func (p *gorgoniaProgram) draw() {
	r := rand.New(rand.NewPCG(1, 2))
	for i, n := range append(slices.Clone(p.inputs), p.learn...) {
		shift, scale := 0.0, 1.0
		if i >= len(p.inputs) { // a range that preserves the scale of activations
			terms := n.Shape()[0]
			if n.Dims() == 4 {
				terms = n.Shape().TotalSize() / terms
			}
			shift, scale = .5, 3/math.Sqrt(float64(terms))
		}
		x := make([]float64, n.Shape().TotalSize())
		for k := range x {
			x[k] = scale * (r.Float64() - shift)
		}
		if err := value.Bind(n, x...); err != nil {
			panic(err)
		}
	}
}

// meanSquare sets the cost to the mean square of y.
func (p *gorgoniaProgram) meanSquare(y *G.Node) { p.cost = G.Must(G.Mean(G.Must(G.Square(y)))) }

// stackedAutoencoder uses the weights of its encoder, transposed, in its decoder.
func stackedAutoencoder(p *gorgoniaProgram) {
	sizes := []int{784, 500, 250, 100}
	x := p.input(100, sizes[0])
	h := G.Must(G.HadamardProd(x, G.BinomialRandomNode(p.g, p.dtype, 1, .7, 100, sizes[0])))
	var ws G.Nodes
	for i, n := range sizes[1:] {
		w := p.weight(sizes[i], n)
		ws = append(ws, w)
		h = G.Must(G.Sigmoid(G.Must(G.BroadcastAdd(G.Must(G.Mul(h, w)), p.weight(1, n), nil, []byte{0}))))
	}
	for i, w := range slices.Backward(ws) {
		h = G.Must(G.BroadcastAdd(G.Must(G.Mul(h, G.Must(G.Transpose(w, 1, 0)))), p.weight(1, sizes[i]), nil, []byte{0}))
		h = G.Must(G.Sigmoid(h))
	}
	p.meanSquare(G.Must(G.Sub(h, x)))
}

func (p *gorgoniaProgram) conv(x *G.Node, channels, kernel, pad, stride int) *G.Node {
	w := p.weight(channels, x.Shape()[1], kernel, kernel)
	return G.Must(G.Conv2d(x, w, tensor.Shape{kernel, kernel}, []int{pad, pad}, []int{stride, stride}, []int{1, 1}))
}

func (p *gorgoniaProgram) flat(x *G.Node) *G.Node {
	n := x.Shape()[0]
	return G.Must(G.Reshape(x, tensor.Shape{n, x.Shape().TotalSize() / n}))
}

func (p *gorgoniaProgram) dense(x *G.Node, n int) *G.Node {
	y := G.Must(G.Mul(x, p.weight(x.Shape()[1], n)))
	return G.Must(G.BroadcastAdd(y, p.weight(1, n), nil, []byte{0}))
}

// residualNet is a net for a board game, with a policy and a value.
func residualNet(p *gorgoniaProgram) {
	x := p.input(32, 4, 5, 5)
	h := G.Must(G.Rectify(p.conv(x, 32, 3, 1, 1)))
	for range 3 {
		y := G.Must(G.Rectify(p.conv(h, 32, 3, 1, 1)))
		h = G.Must(G.Rectify(G.Must(G.Add(p.conv(y, 32, 3, 1, 1), h))))
	}
	policy := G.Must(G.SoftMax(p.dense(p.flat(G.Must(G.Rectify(p.conv(h, 2, 1, 0, 1)))), 26)))
	value := G.Must(G.Tanh(p.dense(G.Must(G.Rectify(p.dense(p.flat(G.Must(G.Rectify(p.conv(h, 1, 1, 0, 1)))), 32))), 1)))
	played, won := p.input(32, 26), p.input(32, 1)
	loss := G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(value, won))))))
	likely := G.Must(G.Mean(G.Must(G.HadamardProd(played, G.Must(G.Log(policy))))))
	p.cost = G.Must(G.Sub(loss, likely))
}

// policyGradient is one step of an episode.
func policyGradient(p *gorgoniaProgram) {
	h := G.Must(G.Rectify(p.dense(p.input(1, 4), 128)))
	probs := G.Must(G.SoftMax(p.dense(h, 2)))
	chosen := G.Must(G.Sum(G.Must(G.HadamardProd(probs, p.input(1, 2)))))
	p.cost = G.Must(G.Neg(G.Must(G.Mul(G.Must(G.Log(chosen)), p.scalar()))))
}

func (p *gorgoniaProgram) scalar() *G.Node {
	n := G.NewScalar(p.g, p.dtype, G.WithName(fmt.Sprintf("x%d", len(p.inputs))))
	p.inputs = append(p.inputs, n)
	return n
}

func logisticRegression(p *gorgoniaProgram) {
	x := p.input(10000, 40)
	y := p.input(10000)
	w := p.weight(40)
	prob := G.Must(G.Sigmoid(G.Must(G.Mul(x, w))))
	one := G.NewConstant(1.0)
	gain := G.Must(G.HadamardProd(y, G.Must(G.Log(prob))))
	other := G.Must(G.HadamardProd(G.Must(G.Sub(one, y)), G.Must(G.Log(G.Must(G.Sub(one, prob))))))
	p.cost = G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Add(gain, other))))))
}

// convnet is Gorgonia's own MNIST example.
func convnet(p *gorgoniaProgram) {
	h := p.input(100, 1, 28, 28)
	for _, channels := range []int{32, 64, 128} {
		h = G.Must(G.MaxPool2D(G.Must(G.Rectify(p.conv(h, channels, 3, 1, 1))), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		h = G.Must(G.Dropout(h, .2))
	}
	h = G.Must(G.Rectify(G.Must(G.Mul(p.flat(h), p.weight(128*3*3, 625)))))
	h = G.Must(G.Dropout(h, .55))
	out := G.Must(G.SoftMax(G.Must(G.Mul(h, p.weight(625, 10)))))
	p.cost = G.Must(G.Neg(G.Must(G.Mean(G.Must(G.HadamardProd(G.Must(G.Log(out)), p.input(100, 10)))))))
}

// tinyYOLO is the body of a detector, forward only, for one image.
func tinyYOLO(p *gorgoniaProgram) {
	h := p.input(1, 3, 416, 416)
	for _, channels := range []int{16, 32, 64, 128, 256} {
		c := p.conv(h, channels, 3, 1, 1)
		h = G.Must(G.LeakyRelu(G.Must(G.Add(c, p.input(c.Shape()...))), .1))
		h = G.Must(G.MaxPool2D(h, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	}
	h = G.Must(G.LeakyRelu(p.conv(h, 512, 3, 1, 1), .1))
	h = G.Must(G.LeakyRelu(p.conv(h, 256, 1, 0, 1), .1))
	p.conv(h, 255, 1, 0, 1)
}

// cifarNet has two convolutions before each pool.
func cifarNet(p *gorgoniaProgram) {
	h := p.input(32, 3, 32, 32)
	for _, channels := range []int{32, 64, 128} {
		for range 2 {
			h = G.Must(G.Rectify(p.conv(h, channels, 3, 1, 1)))
		}
		h = G.Must(G.MaxPool2D(h, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	}
	h = G.Must(G.Rectify(p.dense(p.flat(h), 128)))
	p.meanSquare(p.dense(h, 10))
}
