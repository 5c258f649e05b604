package plan

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// programs are whole training steps as Gorgonia's users write them.
func programs() []builtinCase {
	return []builtinCase{
		{"perceptron", func(p *program) {
			x, y := p.in(8, 6), p.pos(8, 3)
			w1, b1, w2, b2 := p.in(6, 5), p.in(1, 5), p.in(5, 3), p.in(1, 3)
			h := p.must(G.BroadcastAdd(p.must(G.Mul(x, w1)), b1, nil, []byte{0}))
			h = p.must(G.Rectify(h))
			logits := p.must(G.BroadcastAdd(p.must(G.Mul(h, w2)), b2, nil, []byte{0}))
			losses := p.must(G.HadamardProd(y, p.must(G.Log(p.must(G.SoftMax(logits))))))
			p.grad(p.must(G.Neg(p.must(G.Mean(losses)))), w1, b1, w2, b2)
		}},
		{"logistic regression", func(p *program) {
			x, y, w := p.in(10, 4), p.pos(10), p.in(4)
			pred := p.must(G.Sigmoid(p.must(G.Mul(x, w))))
			one := p.num(1)
			left := p.must(G.HadamardProd(p.must(G.Neg(y)), p.must(G.Log(pred))))
			right := p.must(G.HadamardProd(p.must(G.Sub(one, y)), p.must(G.Log(p.must(G.Sub(one, pred))))))
			reg := p.must(G.HadamardProd(p.num(0.01), p.must(G.Sum(p.must(G.Square(w))))))
			cost := p.must(G.Add(p.must(G.Mean(p.must(G.Sub(left, right)))), reg))
			p.grad(cost, w)
		}},
		{"convnet", func(p *program) {
			x, y := p.in(4, 1, 8, 8), p.pos(4, 3)
			w0, w1, w2 := p.in(3, 1, 3, 3), p.in(4, 3, 3, 3), p.in(16, 3)
			h := x
			for _, w := range []*node{w0, w1} {
				h = p.must(G.Conv2d(h, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
				h = p.must(G.MaxPool2D(p.must(G.Rectify(h)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
			}
			h = p.must(G.Reshape(h, tensor.Shape{4, 16}))
			losses := p.must(G.HadamardProd(p.must(G.Log(p.must(G.SoftMax(p.must(G.Mul(h, w2)))))), y))
			p.grad(p.must(G.Neg(p.must(G.Mean(losses)))), w0, w1, w2)
		}},
		{"convolutional autoencoder", func(p *program) {
			x := p.in(2, 1, 8, 8)
			w0, w1, scale, shift := p.in(4, 1, 3, 3), p.in(1, 4, 3, 3), p.in(1, 4, 1, 1), p.in(1, 4, 1, 1)
			h := p.must(G.Conv2d(x, w0, tensor.Shape{3, 3}, []int{1, 1}, []int{2, 2}, []int{1, 1}))
			h, _, _, _, err := G.BatchNorm(h, scale, shift, 0.1, 1e-5)
			require.NoError(p.t, err)
			h = p.must(G.Upsample2D(p.must(G.LeakyRelu(h, 0.2)), 2))
			h = p.must(G.Conv2d(h, w1, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
			p.grad(p.must(G.Mean(p.must(G.Square(p.must(G.Sub(x, h)))))), w0, w1, scale, shift)
		}},
		{"recurrent cell of long short-term memory, three steps", func(p *program) {
			const n, in, hidden = 3, 4, 5
			gates := [4][3]*node{}
			var params []*node
			for i := range gates {
				gates[i] = [3]*node{p.in(in, hidden), p.in(hidden, hidden), p.in(1, hidden)}
				params = append(params, gates[i][:]...)
			}
			out := p.in(hidden, in)
			params = append(params, out)
			gate := func(i int, x, h *node) *node {
				sum := p.must(G.Add(p.must(G.Mul(x, gates[i][0])), p.must(G.Mul(h, gates[i][1]))))
				return p.must(G.BroadcastAdd(sum, gates[i][2], nil, []byte{0}))
			}
			h, c := p.in(n, hidden), p.in(n, hidden)
			xs := p.in(n, 3, in)
			var costs []*node
			for step := range 3 {
				x := p.must(G.Slice(xs, nil, G.S(step)))
				input := p.must(G.Sigmoid(gate(0, x, h)))
				forget := p.must(G.Sigmoid(gate(1, x, h)))
				output := p.must(G.Sigmoid(gate(2, x, h)))
				cell := p.must(G.Tanh(gate(3, x, h)))
				c = p.must(G.Add(p.must(G.HadamardProd(forget, c)), p.must(G.HadamardProd(input, cell))))
				h = p.must(G.HadamardProd(output, p.must(G.Tanh(c))))
				costs = append(costs, p.must(G.Mean(p.must(G.Square(p.must(G.Sub(p.must(G.Mul(h, out)), x)))))))
			}
			p.grad(p.must(G.Add(p.must(G.Add(costs[0], costs[1])), costs[2])), params...)
		}},
		{"recurrent cell of vectors", func(p *program) {
			const in, hidden = 4, 5
			wx, wh, b := p.in(hidden, in), p.in(hidden, hidden), p.in(hidden)
			decoder, h := p.in(in, hidden), p.in(hidden)
			var cost *node
			for range 3 {
				sum := p.must(G.Add(p.must(G.Mul(wx, p.in(in))), p.must(G.Mul(wh, h))))
				h = p.must(G.Tanh(p.must(G.Add(sum, b))))
				chances := p.must(G.SoftMax(p.must(G.Mul(decoder, h))))
				loss := p.must(G.Neg(p.must(G.Log(p.must(G.Slice(chances, G.S(1)))))))
				if cost == nil {
					cost = loss
				} else {
					cost = p.must(G.Add(cost, loss))
				}
			}
			p.grad(cost, wx, wh, b, decoder)
		}},
	}
}

// TestWholeProgramsAreRecognised requires that every node of a training step is
// recognised, has no fault and equals TapeMachine's.
func TestWholeProgramsAreRecognised(t *testing.T) {
	for _, c := range programs() {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			t.Run(c.name+" "+dt.String(), func(t *testing.T) {
				p := newProgram(t, dt)
				c.build(p)
				o := p.compare()
				require.Empty(t, o.hosts)
				require.Empty(t, o.faults)
				for _, n := range p.g.AllNodes() {
					require.True(t, n.Op() == nil || o.compared[KindOf(n.Op())] > 0, "no %s was compared", n.Op())
				}
			})
		}
	}
}

// TestEveryKindIsCompared requires that each kind of op occurs in a case that is
// compared with TapeMachine, except for the kinds with their own tests.
func TestEveryKindIsCompared(t *testing.T) {
	separate := []string{"atOp", "avgPoolDiffOp", "avgPoolOp", "constantTensor", "dropoutDiffOp", "dropoutOp", "randomOp"}
	seen := map[string]bool{}
	for _, list := range [][]builtinCase{unaryCases(), binaryCases(), productCases(), axesCases(), imageCases(), programs()} {
		for _, c := range list {
			p := newProgram(t, tensor.Float64)
			c.build(p)
			for _, n := range p.g.AllNodes() {
				seen[KindOf(n.Op())] = true
			}
		}
	}
	var missing []string
	for _, kind := range slices.Sorted(maps.Keys(builtinOps)) {
		if !seen[kind] {
			missing = append(missing, kind)
		}
	}
	require.Equal(t, separate, missing)
}
