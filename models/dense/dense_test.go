package dense_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

func TestParametersAreCountedByHand(t *testing.T) {
	for _, c := range []struct {
		config dense.Config
		want   int
	}{
		{dense.Config{}, 784*128 + 128*64 + 64*32 + 32*64 + 64*128 + 128*784 + 128 + 64 + 32 + 64 + 128 + 784},
		{dense.Config{Tied: true}, 784*128 + 128*64 + 64*32 + 128 + 64 + 32 + 64 + 128 + 784},
		{dense.Config{Input: 10, Hidden: []int{3}}, 10*3 + 3*10 + 3 + 10},
		{dense.Config{Input: 10, Hidden: []int{6, 3}, Decoder: []int{4}}, 10*6 + 6 + 6*3 + 3 + 3*4 + 4 + 4*10 + 10},
		{dense.Config{Input: 10, Hidden: []int{6, 3}, Decoder: []int{}}, 10*6 + 6 + 6*3 + 3 + 3*10 + 10},
		{dense.Config{Input: 10, Hidden: []int{6, 3}, BatchNorm: true}, 2*(10*6+6*3) + 3 + 10 + 2*2*6},
		{dense.Config{Input: 10, Hidden: []int{3}, Tied: true, Loss: graph.MSE}, 10*3 + 3 + 10},
	} {
		t.Run(c.config.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{Training: true})
			net := c.config.Build(b, 5)
			require.NoError(t, b.Err())
			require.Equal(t, c.want, p.Count(), "%v", p.All())
			require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape())
		})
	}
}

// fit runs full-batch Adam for the given number of steps, with a rate that falls
// linearly to 0. It returns the first and the last loss.
func fit(t *testing.T, c dense.Config, p *graph.Params, x []float64, batch, steps int, rate float64) (first, last float64) {
	t.Helper()
	b := graph.New(p, graph.Config{Training: true})
	net := c.Build(b, batch)
	optim.Minimize(b, optim.Adam{Beta2: new(0.9)}, net.Tasks[0])
	b.Output("loss", net.Tasks[0].Loss)
	m := modeltest.Compile(t, b, modeltest.Inputs{"x": x})
	for i := range steps {
		require.NoError(t, m.Set(net.Tasks[0].Name+"/rate", rate*(1-float64(i)/float64(steps))))
		if last = modeltest.Run(t, m)["loss"][0]; i == 0 {
			first = last
		}
	}
	return first, last
}

func TestOneBatchIsOverfitted(t *testing.T) {
	const batch, input = 4, 12
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, batch*input)
	for i := range x {
		x[i] = float64(r.IntN(2))
	}
	for _, c := range []dense.Config{
		{Input: input, Hidden: []int{16, 8}},
		{Input: input, Hidden: []int{16, 8}, Tied: true},
		{Input: input, Hidden: []int{16, 8}, Activation: "tanh", Loss: graph.MSE},
	} {
		t.Run(c.String(), func(t *testing.T) {
			first, last := fit(t, c, graph.NewParams(graph.Float32, 3), x, batch, 200, 0.03)
			require.Less(t, last, first/50)
		})
	}
}

func TestLinearAutoencoderReachesPCA(t *testing.T) {
	const n, d, code = 60, 10, 3
	r := rand.New(rand.NewPCG(7, 7))
	spread := []float64{1, 0.7, 0.5, 0.15} // one more dimension than the code has
	basis := make([]float64, len(spread)*d)
	for i := range basis {
		basis[i] = r.NormFloat64()
	}
	x, mean := make([]float64, n*d), make([]float64, d)
	for i := range n {
		for k, sd := range spread {
			z := sd * r.NormFloat64()
			for j := range d {
				x[i*d+j] += z * basis[k*d+j]
			}
		}
		for j := range d {
			x[i*d+j] += 0.5 + 0.05*r.NormFloat64()
			mean[j] += x[i*d+j] / n
		}
	}
	centred := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			centred.Set(i, j, x[i*d+j]-mean[j])
		}
	}
	var svd mat.SVD
	require.True(t, svd.Factorize(centred, mat.SVDNone))
	floor := 0.0
	for _, s := range svd.Values(nil)[code:] {
		floor += s * s / (n * d)
	}
	for _, tied := range []bool{false, true} {
		t.Run(fmt.Sprintf("tied=%v", tied), func(t *testing.T) {
			c := dense.Config{Input: d, Hidden: []int{code}, Activation: "linear", Loss: graph.MSE, Tied: tied}
			_, last := fit(t, c, graph.NewParams(graph.Float64, 1), x, n, 700, 0.02)
			require.GreaterOrEqual(t, last, floor*(1-1e-9), "no linear autoencoder beats PCA")
			require.LessOrEqual(t, last, floor*1.01)
		})
	}
}

// TestPartsShareTheParameters builds the decoder alone, with the parameters of the
// whole net, and runs it on the code of the whole net.
func TestPartsShareTheParameters(t *testing.T) {
	for _, tied := range []bool{false, true} {
		c := dense.Config{Input: 6, Hidden: []int{4, 2}, Tied: tied, CodeActivation: "linear"}
		p := graph.NewParams(graph.Float32, 5)
		dec := graph.New(p, graph.Config{})
		dec.Output("recon", c.Recon(dec, c.Decode(dec, dec.Input("z", 3, 2))))

		whole := graph.New(p, graph.Config{})
		modeltest.Name(whole, c.Build(whole, 3))
		x := make([]float64, 18)
		for i := range x {
			x[i] = math.Abs(math.Sin(float64(i)))
		}
		want := modeltest.Run(t, modeltest.Compile(t, whole, modeltest.Inputs{"x": x}))
		got := modeltest.Run(t, modeltest.Compile(t, dec, modeltest.Inputs{"z": want["code"]}))
		require.Equal(t, want["recon"], got["recon"])
	}
}

func TestInvalidConfigsAreErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		config dense.Config
		batch  int
		want   string
	}{
		{"negative input", dense.Config{Input: -1}, 1, "Input is -1"},
		{"no layers", dense.Config{Hidden: []int{}}, 1, "Hidden is empty"},
		{"layer without units", dense.Config{Hidden: []int{64, 0}}, 1, "Hidden[1] is 0"},
		{"negative layer", dense.Config{Hidden: []int{-3}}, 1, "Hidden[0] is -3"},
		{"unknown activation", dense.Config{Activation: "rellu"}, 1, "Activation: activation \"rellu\" is unknown: want one of"},
		{"unknown code activation", dense.Config{CodeActivation: "softmax"}, 1, "CodeActivation: activation \"softmax\""},
		{"unknown output activation", dense.Config{OutputActivation: "step", Loss: graph.MSE}, 1, "OutputActivation: activation \"step\""},
		{"output activation of logits", dense.Config{OutputActivation: "sigmoid"}, 1, "OutputActivation is \"sigmoid\" with the loss bce"},
		{"decoder layer without units", dense.Config{Decoder: []int{64, 0}}, 1, "Decoder[1] is 0"},
		{"tied to nothing", dense.Config{Tied: true, Decoder: []int{64}}, 1, "Tied with Decoder [64]"},
		{"code larger than the sample", dense.Config{Input: 10, Hidden: []int{11}}, 1, "the code has 11 values, more than the 10 of a sample"},
		{"default code larger than the sample", dense.Config{Input: 10}, 1, "set Overcomplete"},
		{"negative dropout", dense.Config{Dropout: -0.1}, 1, "Dropout is -0.1"},
		{"all dropped", dense.Config{Dropout: 1}, 1, "Dropout is 1"},
		{"unknown loss", dense.Config{Loss: "mae"}, 1, `Loss: "mae" is unknown: want "bce" or "mse"`},
		{"no batch", dense.Config{}, 0, `input "x"`},
		{"negative batch", dense.Config{}, -4, `input "x"`},
		{"input too large", dense.Config{Input: 1 << 40}, 1, `input "x"`},
		{"layer too large", dense.Config{Hidden: []int{1 << 40}, Overcomplete: true}, 1, "encoder/fc1"},
		{"bad initialiser", dense.Config{Init: graph.Uniform(1, -1)}, 1, "encoder/fc1/w"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NotPanics(t, func() {
				b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
				require.Zero(t, c.config.Build(b, c.batch))
				require.ErrorContains(t, b.Err(), c.want)
				if c.batch == 1 {
					_, err := c.config.Summary()
					require.ErrorContains(t, err, c.want)
				}
			})
		})
	}
}

func TestInvalidOperandsNameThePart(t *testing.T) {
	for want, wrong := range map[string]func(b *graph.Builder){
		`layer "encoder": dense: want [N, 784], have [2 10]`: func(b *graph.Builder) { dense.Config{}.Encode(b, b.Input("x", 2, 10)) },
		`layer "encoder": dense: want [N, 784], have nil`:    func(b *graph.Builder) { dense.Config{}.Encode(b, nil) },
		`layer "decoder": dense: want [N, 32], have [2 3 4]`: func(b *graph.Builder) { dense.Config{}.Decode(b, b.Input("z", 2, 3, 4)) },
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.NotPanics(t, func() { wrong(b) })
		require.ErrorContains(t, b.Err(), want)
	}
}
