package baseline

// Checks that the nets' ops are right as they are used here: losses far from
// zero, gradients, and the solver. The gradients of Gorgonia's ops can be wrong
// without an error, and only for some shapes.

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestCrossEntropyAndItsGradientAreRightFarFromZero(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		logits := []float32{-100, -30, -15, -1, 0, 1, 15, 30, 100}
		for _, target := range []float64{0, .3, 1} {
			b := &builder{graph: G.NewGraph(), weights: newWeights(dtype, nil)}
			z := b.bias("z", 0, 1, len(logits))
			set(z.Value(), 0, logits)
			x := b.bias("t", target, 1, len(logits))
			each := crossEntropy(z, x)
			loss := G.Must(G.Sum(each))
			_, err := G.Grad(loss, z)
			require.NoError(t, err)
			var value G.Value // the machine reuses the memory of nodes
			G.Read(each, &value)
			vm := G.NewTapeMachine(b.graph, G.BindDualValues(z))
			require.NoError(t, vm.RunAll())

			grad, err := z.Grad()
			require.NoError(t, err)
			gotLoss, gotGrad := make([]float32, len(logits)), make([]float32, len(logits))
			get(gotLoss, value, 0)
			get(gotGrad, grad, 0)
			for i, l := range logits {
				v := float64(l)
				want := math.Max(v, 0) - v*target + math.Log1p(math.Exp(-math.Abs(v)))
				require.InDelta(t, want, gotLoss[i], 1e-6*(1+math.Abs(want)), "%v: loss at %v, target %v", dtype, l, target)
				require.InDelta(t, 1/(1+math.Exp(-v))-target, gotGrad[i], 1e-6, "%v: gradient at %v, target %v", dtype, l, target)
			}
			require.NoError(t, vm.Close())
		}
	}
}

// noisy returns n images of uniform noise, so that no two pixels cross the kink
// of a ReLU together, as those of a flat background would.
func noisy(n int) []float32 {
	r := rand.New(rand.NewPCG(9, 9))
	x := make([]float32, n*pixels)
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

// openFloat64 builds a net for two images that closes with the test.
func openFloat64(t *testing.T, model string, seed uint64) *Net {
	t.Helper()
	net, err := newNet(TapeMachine, model, 2, seed, tensor.Float64)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, net.Close()) })
	return net
}

func TestGradientsMatchCentralDifferences(t *testing.T) {
	x := noisy(2)
	for _, model := range Names() {
		t.Run(model, func(t *testing.T) {
			net := openFloat64(t, model, 1)
			_, err := net.Step(x) // away from biases of exactly zero
			require.NoError(t, err)
			loss, err := net.gradients(x)
			require.NoError(t, err)

			// The forward-only graph computes the differences, with the same
			// noise.
			net.eval.feed(x, rand.New(rand.NewPCG(0, 0)))
			if net.eval.noise != nil {
				copy(net.eval.noise.Value().Data().([]float64), net.train.noise.Value().Data().([]float64))
			}
			r := rand.New(rand.NewPCG(1, 1))
			for _, p := range net.train.learnables {
				grad, err := p.Grad()
				require.NoError(t, err)
				w, g := p.Value().Data().([]float64), grad.Data().([]float64)
				direction := randomNear(r, g)
				along := 0.
				for i := range g {
					along += g[i] * direction[i]
				}
				at := func(h float64) float64 {
					old := append([]float64(nil), w...)
					defer copy(w, old)
					for i := range w {
						w[i] += h * direction[i]
					}
					loss, err := net.eval.run()
					require.NoError(t, err)
					return loss
				}
				// A kink of a ReLU within h spoils a difference, and rounding
				// a small one; a wrong gradient agrees with none.
				apart := math.Inf(1)
				for _, h := range []float64{1e-5, 1e-6, 1e-7} {
					want := (at(h) - at(-h)) / (2 * h)
					if apart = min(apart, math.Abs(want-along)/(math.Abs(want)+1e-5*loss)); apart < 1e-4 {
						break
					}
				}
				require.Less(t, apart, 1e-4, "%s: %g along the direction", p.Name(), along)
			}
		})
	}
}

// randomNear returns the sum of the unit vector along g and a random one.
func randomNear(r *rand.Rand, g []float64) []float64 {
	d := make([]float64, len(g))
	var lengthG, lengthD float64
	for i := range d {
		d[i] = r.NormFloat64()
		lengthG += g[i] * g[i]
		lengthD += d[i] * d[i]
	}
	for i := range d {
		d[i] = d[i]/math.Sqrt(lengthD) + g[i]/math.Sqrt(lengthG)
	}
	return d
}

// Gorgonia merges slices whose bounds agree modulo 256, so that the gradient
// of a Concat of rows is right at a batch of 2 and wrong at 64.
func TestGradientsDoNotDependOnTheBatchSize(t *testing.T) {
	const small, large = 2, 64
	x := strokes(small)
	tiled := make([]float32, 0, large*pixels)
	for range large / small {
		tiled = append(tiled, x...)
	}
	for _, model := range Names() {
		t.Run(model, func(t *testing.T) {
			a, b := open(t, model, small, 1), open(t, model, large, 1)
			want, err := a.gradients(x)
			require.NoError(t, err)
			if a.train.noise == nil {
				got, err := b.gradients(tiled)
				require.NoError(t, err)
				require.InEpsilon(t, want, got, 1e-4)
			} else {
				b.train.feed(tiled, b.noise)
				some := a.train.noise.Value().Data().([]float32)
				for i := range large / small {
					set(b.train.noise.Value(), i*len(some), some)
				}
				got, err := b.train.run()
				require.NoError(t, err)
				require.InEpsilon(t, want, got, 1e-4)
			}
			for i, p := range a.train.learnables {
				ga, err := p.Grad()
				require.NoError(t, err)
				gb, err := b.train.learnables[i].Grad()
				require.NoError(t, err)
				requireClose(t, p.Name(), ga.Data().([]float32), gb.Data().([]float32), 1e-4)
			}
		})
	}
}

// requireClose requires the distance of two vectors to be below a fraction of
// their length.
func requireClose(t *testing.T, name string, want, got []float32, within float64) {
	t.Helper()
	var apart, length float64
	for i := range want {
		d := float64(want[i]) - float64(got[i])
		apart += d * d
		length += float64(want[i]) * float64(want[i])
	}
	require.LessOrEqual(t, math.Sqrt(apart), within*math.Sqrt(length), name)
}

func TestUpdatesAreAdam(t *testing.T) {
	net := openFloat64(t, "dense", 1)
	type moments struct{ w, m, v []float64 }
	want := map[string]*moments{}
	for _, p := range net.train.learnables {
		w := append([]float64(nil), p.Value().Data().([]float64)...)
		want[p.Name()] = &moments{w, make([]float64, len(w)), make([]float64, len(w))}
	}
	for step := 1; step <= 4; step++ {
		_, err := net.gradients(strokes(2))
		require.NoError(t, err)
		for _, p := range net.train.learnables {
			grad, err := p.Grad()
			require.NoError(t, err)
			s := want[p.Name()]
			for i, g := range grad.Data().([]float64) {
				s.m[i] = .9*s.m[i] + .1*g
				s.v[i] = .999*s.v[i] + .001*g*g
				m, v := s.m[i]/(1-math.Pow(.9, float64(step))), s.v[i]/(1-math.Pow(.999, float64(step)))
				s.w[i] -= 1e-3 * m / (math.Sqrt(v) + 1e-8)
			}
		}
		require.NoError(t, net.update())
		for _, p := range net.train.learnables {
			require.InDeltaSlice(t, want[p.Name()].w, p.Value().Data(), 1e-12, "%s, step %d", p.Name(), step)
		}
	}
}
