package vae_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func TestParametersAreCountedByHand(t *testing.T) {
	for _, c := range []struct {
		config vae.Config
		want   int
	}{
		{vae.Config{}, 784*400 + 400 + 2*(400*20+20) + 20*400 + 400 + 400*784 + 784},
		{vae.Config{Input: 10, Hidden: []int{6, 5}, Latent: 2},
			10*6 + 6 + 6*5 + 5 + 2*(5*2+2) + 2*5 + 5 + 5*6 + 6 + 6*10 + 10},
		{vae.Config{Input: 10, Hidden: []int{}, Latent: 3}, 2*(10*3+3) + 3*10 + 10},
		{vae.Config{Conv: &vae.Conv{}},
			9*32 + 32 + 9*32*64 + 64 + 2*(64*7*7*20+20) + 20*64*7*7 + 64*7*7 + 9*64*32 + 32 + 9*32 + 1},
		{vae.Config{Latent: 2, Hidden: []int{4}, Conv: &vae.Conv{Shape: []int{2, 5, 7}, Channels: []int{3, 2, 6}, Kernel: 2}},
			4*2*3 + 3 + 4*3*2 + 2 + 4*2*6 + 6 + 6*4 + 4 + 2*(4*2+2) + 2*4 + 4 + 4*6 + 6 + 4*6*2 + 2 + 4*2*3 + 3 + 4*3*2 + 2},
	} {
		t.Run(c.config.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			for _, training := range []bool{true, false} {
				b := graph.New(p, graph.Config{Training: training})
				net := c.config.Build(b, 3)
				require.NoError(t, b.Err())
				require.Equal(t, c.want, p.Count())
				require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape())
			}
		})
	}
}

// step is the training step or the evaluation of a net, on the TapeMachine.
type step struct {
	net graph.Net
	b   *graph.Builder
	in  modeltest.Inputs
	vm  vm.Machine
}

func newStep(t *testing.T, c vae.Config, p *graph.Params, batch int, training bool, in modeltest.Inputs) step {
	t.Helper()
	s := step{b: graph.New(p, graph.Config{Training: training, Seed: 11}), in: in}
	s.net = c.Build(s.b, batch)
	require.NoError(t, s.b.Err())
	if training {
		optim.Minimize(s.b, optim.Adam{Rate: new(0.01)}, s.net.Tasks[0])
	}
	modeltest.Name(s.b, s.net)
	require.NoError(t, s.b.Err())
	return s
}

// run compiles the program on the first call, runs it in an epoch, and returns its
// outputs by name.
func (s *step) run(t *testing.T, epoch int) map[string][]float64 {
	t.Helper()
	if s.vm == nil {
		s.vm = modeltest.Compile(t, s.b, s.in)
	}
	require.NoError(t, s.vm.SetClock(epoch, 0))
	return modeltest.Run(t, s.vm)
}

// pixels draws grey values, of which most are 0 or 1.
func pixels(n int) []float64 {
	r := rand.New(rand.NewPCG(3, 3))
	x := make([]float64, n)
	for i := range x {
		x[i] = min(1, max(0, 3*r.Float64()-1))
	}
	return x
}

// TestLossIsReconPlusBetaKL computes both terms by formula from the code, the
// variance and the reconstruction.
func TestLossIsReconPlusBetaKL(t *testing.T) {
	const batch = 3
	for _, c := range []vae.Config{
		{Input: 6, Hidden: []int{5}, Latent: 2, Beta: new(0.3)},
		{Latent: 2, Beta: new(4.0), Conv: &vae.Conv{Shape: []int{1, 3, 2}, Channels: []int{2}}},
	} {
		t.Run(c.String(), func(t *testing.T) {
			x := pixels(batch * 6)
			s := newStep(t, c, graph.NewParams(graph.Float64, 2), batch, true, modeltest.Inputs{"x": x})
			_, logVar := c.Encode(s.b, s.b.InputNode("x"), nil) // the same node as in the net
			s.b.Output("logvar", logVar)
			out := s.run(t, 0)

			kl, recon := 0.0, 0.0
			lv := out["logvar"]
			for i, mu := range out["code"] {
				kl += 0.5 * (mu*mu + math.Exp(lv[i]) - 1 - lv[i]) / batch
			}
			for i, p := range out["recon"] {
				recon -= (x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)) / batch
			}
			task := s.net.Tasks[0]
			require.Equal(t, []string{"recon", "kl"}, []string{task.Metrics[0].Name, task.Metrics[1].Name})
			require.Positive(t, kl)
			optest.RequireClose(t, "kl", []float64{kl}, out[modeltest.Metric("kl")], 1e-12)
			optest.RequireClose(t, "recon", []float64{recon}, out[modeltest.Metric("recon")], 1e-12)
			optest.RequireClose(t, "loss", []float64{recon + *c.Beta*kl}, out["loss"], 1e-12)
		})
	}
}

func TestSamplesFollowMuAndLogVar(t *testing.T) {
	const n = 20000
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true, Seed: 1})
	mu, logVar := b.Input("mu", n, 1), b.Input("logvar", n, 1)
	z := vae.Config{}.Sample(b, mu, logVar)
	grads := b.Grad(b.Sum(z), mu, logVar)
	b.Output("z", z)
	b.Output("mu's gradient", grads[0])
	b.Output("logvar's gradient", grads[1])
	require.NoError(t, b.Err())
	m, v := make([]float64, n), make([]float64, n)
	for i := range m {
		m[i], v[i] = 3, math.Log(0.25)
	}
	out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"mu": m, "logvar": v}))

	mean, variance := 0.0, 0.0
	dMu, dLogVar := out["mu's gradient"], out["logvar's gradient"]
	for i, x := range out["z"] {
		mean += x / n
		variance += (x - 3) * (x - 3) / n
		require.Equal(t, 1.0, dMu[i])
		require.InDelta(t, (x-3)/2, dLogVar[i], 1e-12)
	}
	require.InDelta(t, 3, mean, 5*0.5/math.Sqrt(n))
	require.InDelta(t, 0.25, variance, 5*0.25*math.Sqrt(2.0/n))
}

func TestOneBatchIsOverfitted(t *testing.T) {
	for _, c := range []vae.Config{
		{Input: 16, Hidden: []int{24}, Latent: 4},
		{Latent: 4, Conv: &vae.Conv{Shape: []int{1, 4, 4}, Channels: []int{8, 16}}},
	} {
		t.Run(c.String(), func(t *testing.T) {
			x := pixels(4 * 16)
			for i := range x {
				x[i] = math.Round(x[i])
			}
			s := newStep(t, c, graph.NewParams(graph.Float32, 4), 4, true, modeltest.Inputs{"x": x})
			var first, last, kl float64
			for i := range 300 {
				out := s.run(t, i)
				last, kl = out[modeltest.Metric("recon")][0], out[modeltest.Metric("kl")][0]
				if i == 0 {
					first = last
				}
			}
			require.Greater(t, first, 16*0.6, "each pixel initially costs about log 2")
			require.Less(t, last, first/4, "nats per image")
			require.Less(t, kl, 12.0)
		})
	}
}

func TestEvaluationReconstructsFromTheMean(t *testing.T) {
	c := vae.Config{Input: 8, Hidden: []int{5}, Latent: 2}
	p := graph.NewParams(graph.Float32, 2)
	s := newStep(t, c, p, 2, false, modeltest.Inputs{"x": pixels(16)})
	first, second := s.run(t, 0), s.run(t, 1)
	require.Equal(t, first["recon"], second["recon"], "the reconstruction uses the mean")
	require.NotEqual(t, first["loss"], second["loss"], "the loss uses a sample")

	dec := graph.New(p, graph.Config{})
	dec.Output("recon", c.Recon(dec, c.Decode(dec, dec.Input("z", 2, 2), nil)))
	m := modeltest.Compile(t, dec, modeltest.Inputs{"z": first["code"]})
	require.Nil(t, m.Program().Clock(), "the decoder uses no random numbers")
	require.Equal(t, first["recon"], modeltest.Run(t, m)["recon"])
}

func TestInvalidConfigsAreErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		config vae.Config
		batch  int
		want   string
	}{
		{"negative input", vae.Config{Input: -1}, 1, "Input is -1"},
		{"negative latent", vae.Config{Latent: -2}, 1, "Latent is -2"},
		{"layer without units", vae.Config{Hidden: []int{64, 0}}, 1, "Hidden[1] is 0"},
		{"negative beta", vae.Config{Beta: new(-1.0)}, 1, "Beta is -1"},
		{"beta not a number", vae.Config{Beta: new(math.NaN())}, 1, "Beta is NaN"},
		{"infinite beta", vae.Config{Beta: new(math.Inf(1))}, 1, "Beta is +Inf"},
		{"unknown activation", vae.Config{Activation: "rellu"}, 1, `Activation: activation "rellu" is unknown: want one of`},
		{"image without channels", vae.Config{Conv: &vae.Conv{Shape: []int{28, 28}}}, 1, "Conv.Shape is [28 28], want channels, rows and columns"},
		{"empty image", vae.Config{Conv: &vae.Conv{Shape: []int{1, 0, 28}}}, 1, "extent 0 at axis 1"},
		{"image too large", vae.Config{Conv: &vae.Conv{Shape: []int{1, 1 << 20, 1 << 20}}}, 1, "Conv.Shape: shape [1 1048576 1048576] has more than"},
		{"input and image differ", vae.Config{Input: 100, Conv: &vae.Conv{}}, 1, "Input is 100, but Conv.Shape [1 28 28] has 784 values"},
		{"no convolution", vae.Config{Conv: &vae.Conv{Channels: []int{}}}, 1, "Conv.Channels is empty"},
		{"no channels", vae.Config{Conv: &vae.Conv{Channels: []int{8, -1}}}, 1, "Conv.Channels[1] is -1"},
		{"negative kernel", vae.Config{Conv: &vae.Conv{Kernel: -3}}, 1, "Conv.Kernel is -3"},
		{"negative capacity", vae.Config{Capacity: new(-1.0)}, 1, "Capacity is -1"},
		{"negative free bits", vae.Config{FreeBits: -1}, 1, "FreeBits is -1"},
		{"decoder's layer without units", vae.Config{Decoder: []int{0}}, 1, "Decoder[0] is 0"},
		{"negative condition", vae.Config{Condition: -1}, 1, "Condition is -1"},
		{"log variances in the wrong order", vae.Config{LogVar: []float64{2, -2}}, 1, "LogVar is [2 -2], want two finite numbers, the lower one first"},
		{"one bound of log variances", vae.Config{LogVar: []float64{2}}, 1, "LogVar is [2]"},
		{"unknown likelihood", vae.Config{Likelihood: "normal"}, 1, `Likelihood: "normal" is unknown: want one of ["bernoulli" "beta-binomial"`},
		{"negative scale", vae.Config{Scale: -1}, 1, "Scale is -1"},
		{"one level", vae.Config{Levels: 1}, 1, "Levels is 1, want from 2 to 65536"},
		{"likelihood beside blocks", vae.Config{Likelihood: vae.Laplace, Blocks: []vae.Block{{}}}, 1, `Likelihood is "laplace", but Blocks have theirs`},
		{"block without columns", vae.Config{Blocks: []vae.Block{{}, {Size: -1}}}, 1, "Blocks[1].Size is -1"},
		{"block of an unknown likelihood", vae.Config{Blocks: []vae.Block{{Likelihood: "normal"}}}, 1, `Blocks[0].Likelihood: "normal" is unknown`},
		{"block that shares a variance", vae.Config{Blocks: []vae.Block{{Likelihood: vae.GaussianShared}}}, 1, `Blocks[0].Likelihood is "gaussian-shared"`},
		{"blocks of another width", vae.Config{Input: 3, Blocks: []vae.Block{{Size: 2}}}, 1, "Input is 3, but Blocks have 2 columns"},
		{"blocks of images", vae.Config{Conv: &vae.Conv{}, Blocks: []vae.Block{{Size: 784}}}, 1, "both Conv and Blocks"},
		{"no batch", vae.Config{}, 0, `input "x"`},
		{"batch too large", vae.Config{}, 1 << 30, `input "x"`},
		{"layer too large", vae.Config{Hidden: []int{1 << 40}}, 1, "encoder/fc1"},
		{"channels too many", vae.Config{Conv: &vae.Conv{Channels: []int{1 << 40}}}, 1, "encoder/conv1"},
		{"bad initialiser", vae.Config{Init: graph.Uniform(1, -1)}, 1, "encoder/fc1/w"},
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
	conv := vae.Config{Conv: &vae.Conv{}}
	for want, wrong := range map[string]func(b *graph.Builder){
		`layer "encoder": vae: want a batch of samples of shape [784], have [2 10]`:      func(b *graph.Builder) { vae.Config{}.Encode(b, b.Input("x", 2, 10), nil) },
		`layer "encoder": vae: want samples of shape [784], have nil`:                    func(b *graph.Builder) { vae.Config{}.Encode(b, nil, nil) },
		`layer "encoder": vae: want a batch of samples of shape [1 28 28], have [2 784]`: func(b *graph.Builder) { conv.Encode(b, b.Input("x", 2, 784), nil) },
		`layer "decoder": vae: want a batch of samples of shape [20], have [2 32]`:       func(b *graph.Builder) { conv.Decode(b, b.Input("z", 2, 32), nil) },
		`layer "latent": vae: mu or logVar is nil`:                                       func(b *graph.Builder) { conv.Sample(b, b.Input("mu", 2, 3), nil) },
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.NotPanics(t, func() { wrong(b) })
		require.ErrorContains(t, b.Err(), want)
	}
}
