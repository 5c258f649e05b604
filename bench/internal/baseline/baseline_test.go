package baseline

// What a user of Net sees: shapes, losses, learning, evaluation, errors.

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// strokes returns n images, each with three soft bars of its own.
func strokes(n int) []float32 {
	r := rand.New(rand.NewPCG(7, 7))
	x := make([]float32, n*pixels)
	for image := range n {
		for range 3 {
			row, col, down := 4+r.IntN(20), 4+r.IntN(20), r.IntN(2)
			for i := range 12 {
				y, c := row+i*down, col+i*(1-down)
				if y < side && c < side {
					x[image*pixels+y*side+c] = .5 + r.Float32()/2
				}
			}
		}
	}
	return x
}

// open builds a net that closes with the test.
func open(t *testing.T, model string, batch int, seed uint64) *Net {
	t.Helper()
	net, err := New(model, batch, seed)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, net.Close()) })
	return net
}

// train returns the losses of some steps on one batch.
func train(t *testing.T, net *Net, x []float32, steps int) []float64 {
	t.Helper()
	losses := make([]float64, steps)
	for i := range losses {
		var err error
		losses[i], err = net.Step(x)
		require.NoError(t, err)
	}
	return losses
}

func TestNetsLearnOneBatch(t *testing.T) {
	for _, c := range []struct {
		model        string
		weights      int
		batch, steps int
		last         float64 // at most this fraction of the first loss
	}{
		{"dense", 2*(784*128+128*64+64*32) + 128 + 64 + 32 + 64 + 128 + 784, 4, 20, .6},
		{"conv", 9*(16+16*8+8*8+8*8+8*8+8*16+16) + 16 + 8 + 8 + 8 + 8 + 16 + 1, 4, 20, .8},
		{"vae", 2*784*400 + 3*400*20 + 400 + 20 + 20 + 400 + 784, 4, 15, .6},
		{"lstm", 4*(28*128+128*128+128) + 128*32 + 32 + 4*(32*128+128*128+128) + 128*28 + 28, 2, 8, .9},
	} {
		t.Run(c.model, func(t *testing.T) {
			net := open(t, c.model, c.batch, 1)
			require.Equal(t, c.weights, net.Params())
			require.Positive(t, net.CompileTime())
			require.Greater(t, net.Nodes(), 50)

			losses := train(t, net, strokes(c.batch), c.steps)
			start, within := math.Ln2, .03 // nothing is known of a pixel
			if c.model == "vae" {
				start, within = pixels*math.Ln2, 80
			}
			require.InDelta(t, start, losses[0], within)
			require.Less(t, losses[c.steps-1], c.last*losses[0], "%v", losses)
		})
	}
}

func TestTheSeedDecidesTheLosses(t *testing.T) {
	x := strokes(4)
	for _, model := range []string{"dense", "vae"} {
		a, b := train(t, open(t, model, 4, 5), x, 2), train(t, open(t, model, 4, 6), x, 2)
		require.NotEqual(t, a, b, model)
	}
}

func TestEvalSeesTheWeightsAndLeavesTrainingAlone(t *testing.T) {
	x, other := strokes(4)[:2*pixels], strokes(4)[2*pixels:]
	for _, model := range Names() {
		t.Run(model, func(t *testing.T) {
			undisturbed := train(t, open(t, model, 2, 2), x, 2)
			net := open(t, model, 2, 2) // the same seed
			for step, want := range undisturbed {
				_, _, err := net.Eval(other)
				require.NoError(t, err)
				before := snapshot(net)
				got, recon, err := net.Eval(x)
				require.NoError(t, err)
				require.Equal(t, before, snapshot(net))
				require.Len(t, recon, len(x))
				if model == "vae" { // another draw of the latent
					require.InEpsilon(t, want, got, .1, "step %d", step)
				} else {
					require.InEpsilon(t, want, got, 1e-6, "step %d", step)
					require.InEpsilon(t, want, meanCrossEntropy(recon, x), 1e-4, "step %d", step)
				}
				loss, err := net.Step(x)
				require.NoError(t, err)
				require.Equal(t, want, loss, "step %d", step)
			}
		})
	}
}

// meanCrossEntropy is the loss, from probabilities.
func meanCrossEntropy(p, x []float32) float64 {
	sum := 0.
	for i := range x {
		q, t := float64(p[i]), float64(x[i])
		sum -= t*math.Log(q) + (1-t)*math.Log1p(-q)
	}
	return sum / float64(len(x))
}

// snapshot copies all weights.
func snapshot(n *Net) map[string][]float32 {
	values := map[string][]float32{}
	for _, w := range n.train.learnables {
		v := make([]float32, w.Shape().TotalSize())
		get(v, w.Value(), 0)
		values[w.Name()] = v
	}
	return values
}

func TestWrongUseIsAnErrorThatSaysWhatToDo(t *testing.T) {
	_, err := New("mlp", 2, 1)
	require.ErrorContains(t, err, `no model "mlp"; there are [dense conv vae lstm]`)
	_, err = New("dense", 0, 1)
	require.ErrorContains(t, err, "give at least 1")

	net := open(t, "dense", 2, 1)
	bad := strokes(2)
	bad[pixels+5] = float32(math.NaN())
	for _, c := range []struct {
		x    []float32
		want string
	}{
		{strokes(3), "a batch of 2352 pixels; want 2 images of 784"},
		{bad, "image 1, pixel 5 is NaN; want it in [0,1]"},
	} {
		_, err := net.Step(c.x)
		require.ErrorContains(t, err, c.want)
		_, _, err = net.Eval(c.x)
		require.ErrorContains(t, err, c.want)
	}
	train(t, net, strokes(2), 1) // a refused batch changes nothing
}

func TestALossThatIsNotFiniteStopsTheNet(t *testing.T) {
	net := open(t, "dense", 1, 1)
	set(net.train.learnables[1].Value(), 0, []float32{float32(math.Inf(1))})
	_, err := net.Step(strokes(1))
	require.ErrorContains(t, err, "dense: step 1: the loss is")
	_, again := net.Step(strokes(1))
	require.Equal(t, err, again)
	_, _, again = net.Eval(strokes(1))
	require.Equal(t, err, again)
}

func TestAnUpdateThatIsNotFiniteNamesTheWeights(t *testing.T) {
	net := open(t, "conv", 1, 1)
	_, err := net.gradients(strokes(1))
	require.NoError(t, err)
	grad, err := net.train.learnables[2].Grad()
	require.NoError(t, err)
	set(grad, 0, []float32{float32(math.NaN())})
	require.ErrorContains(t, net.update(), "into conv2.w")
}

func TestAPanicOfGorgoniaIsAnErrorNamingNetAndStep(t *testing.T) {
	net := open(t, "dense", 1, 1)
	train(t, net, strokes(1), 1)
	net.train.images = nil // as a bug of Gorgonia's would
	_, err := net.Step(strokes(1))
	require.ErrorContains(t, err, "baseline: dense: step 2: gorgonia panicked")
	require.False(t, strings.Contains(err.Error(), "\n"))
}

func TestAClosedNetSaysSo(t *testing.T) {
	net, err := New("dense", 1, 1)
	require.NoError(t, err)
	require.NoError(t, net.Close())
	_, err = net.Step(strokes(1))
	require.ErrorContains(t, err, "closed")
}
