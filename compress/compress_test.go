package compress_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// models are nets of each kind of layer and likelihood, with the number of levels.
var models = []struct {
	name   string
	model  train.Model
	levels int
}{
	{"bernoulli", vae.Config{Input: 12, Hidden: []int{9}, Latent: 4}, 2},
	{"beta-binomial", vae.Config{Input: 12, Hidden: []int{9, 8}, Decoder: []int{7}, Latent: 4, BatchNorm: true, Likelihood: vae.BetaBinomial}, 256},
	{"logistic", vae.Config{Input: 12, Hidden: []int{9}, Latent: 4, Gated: true, Likelihood: vae.Logistic, Levels: 3000}, 3000},
	{"categorical", vae.Config{Conv: &vae.Conv{Shape: []int{2, 7, 5}, Channels: []int{3, 4}}, Latent: 3, Activation: "gelu", BatchNorm: true, Likelihood: vae.Categorical, Levels: 5}, 5},
	{"conv", vae.Config{Conv: &vae.Conv{Shape: []int{1, 8, 9}, Channels: []int{3, 4}, Kernel: 4}, Hidden: []int{6}, Latent: 3, Activation: "silu"}, 2},
	{"importance", vae.Importance{Config: vae.Config{Input: 12, Hidden: []int{9}, Latent: 4, Activation: "tanh"}}, 2},
}

// params are fixed weights of a model, by integer arithmetic.
func params(t testing.TB, m train.Model) *graph.Params {
	p := graph.NewParams(graph.Float32, 0)
	b := graph.New(p, graph.Config{})
	m.Build(b, 1)
	require.NoError(t, b.Err())
	state := uint64(1)
	for _, q := range p.All() {
		x := make([]float64, q.Shape().Size())
		for i := range x {
			state = state*6364136223846793005 + 1442695040888963407
			x[i] = (float64(state>>40) - 1<<23) / (1 << 24) // in [-1/2, 1/2)
			if strings.HasSuffix(q.Name(), "/var") {
				x[i] += 1
			}
		}
		require.NoError(t, q.SetFloats(x))
	}
	return p
}

// levels are n samples of a shape whose values are levels.
func levels(t testing.TB, n int, shape []int, levels int) data.Set {
	a := data.Array{Name: "x", Shape: shape, Values: make([]float32, n*graph.Shape(shape).Size())}
	for i := range a.Values {
		a.Values[i] = float32(i*i/7%levels) / float32(levels-1)
	}
	if n == 0 {
		return empty{[]data.Field{{Name: "x", Shape: shape}}}
	}
	set, err := data.InMemory(a)
	require.NoError(t, err)
	return set
}

// empty is a set without samples.
type empty struct{ fields []data.Field }

func (empty) Len() int                    { return 0 }
func (e empty) Fields() []data.Field      { return e.fields }
func (empty) Read(int, [][]float32) error { return errors.New("there are no samples") }

func values(t *testing.T, set data.Set) []float32 {
	a, err := data.ArrayOf(set, "x")
	require.NoError(t, err)
	return a.Values
}

func TestSamplesComeBackBitByBit(t *testing.T) {
	for _, c := range models {
		t.Run(c.name, func(t *testing.T) {
			m, err := compress.New(c.model, params(t, c.model))
			require.NoError(t, err)
			require.Equal(t, c.levels, m.Levels())
			for _, n := range []int{0, 1, 5, 60} {
				set := levels(t, n, m.Shape(), c.levels)
				var one, many bytes.Buffer
				calls := 0
				s, err := compress.Encode(&one, m, set, compress.Options{Threads: 1, Streams: 3, Progress: func(done, all int) {
					calls++
					require.Equal(t, n, all)
				}})
				require.NoError(t, err)
				require.Equal(t, min(n, 1), calls)
				require.Equal(t, one.Len(), s.Bytes)
				require.Equal(t, n, s.Samples)
				_, err = compress.Encode(&many, m, set, compress.Options{Threads: 5, Streams: 3})
				require.NoError(t, err)
				require.Equal(t, one.Bytes(), many.Bytes(), "the number of threads changes the file")
				a, back, err := compress.Decode(&one, m, compress.Options{})
				require.NoError(t, err)
				require.Equal(t, s, back)
				require.Equal(t, m.Shape(), a.Shape)
				if n > 0 {
					require.Equal(t, values(t, set), a.Values)
				}
			}
		})
	}
}

// A file of every model has these bytes on every machine.
func TestFilesHaveTheSameBytesAsEver(t *testing.T) {
	h := sha256.New()
	for _, c := range models {
		m, err := compress.New(c.model, params(t, c.model))
		require.NoError(t, err)
		_, err = compress.Encode(h, m, levels(t, 25, m.Shape(), c.levels), compress.Options{})
		require.NoError(t, err)
	}
	require.Equal(t, "4c518faae645f76f9a557820824c6f57dea1cb4c59697a87ec0334da4535944f", hex.EncodeToString(h.Sum(nil)))
}

// The size without clean bits and header is the bound that the compiled machine
// computes, with codes drawn from the posterior.
func TestTheSizeIsTheBound(t *testing.T) {
	for _, c := range models {
		t.Run(c.name, func(t *testing.T) {
			p := params(t, c.model)
			m, err := compress.New(c.model, p)
			require.NoError(t, err)
			set := levels(t, 400, m.Shape(), c.levels)
			s, err := compress.Encode(&bytes.Buffer{}, m, set, compress.Options{LatentBits: 16})
			require.NoError(t, err)
			bound, err := estimate.Bound(context.Background(), c.model.(estimate.Model), set, estimate.Options{Backend: cpu.Config{}, Params: p, Draws: 8})
			require.NoError(t, err)
			bits := float64(8*(s.Bytes-s.Header)-s.Clean) / 400
			require.InEpsilon(t, -bound.ELBO/math.Ln2, bits, 0.01)
		})
	}
}

// What cannot be predicted does not get smaller: uniform noise takes eight bits a value.
func TestIndependentValuesDoNotCompress(t *testing.T) {
	draw := uint64(1)
	a := data.Array{Name: "x", Shape: []int{16}, Values: make([]float32, 16*500)}
	for i := range a.Values {
		draw = draw*6364136223846793005 + 1442695040888963407
		a.Values[i] = float32(draw>>56) / 255
	}
	set, err := data.InMemory(a)
	require.NoError(t, err)
	config := vae.Config{Input: 16, Hidden: []int{16}, Latent: 4, Likelihood: vae.BetaBinomial}
	r, err := train.Fit(context.Background(), config, set, train.Options{Backend: cpu.Config{}, Batch: 50, Epochs: 60, Optimizer: optim.Adam{Rate: new(1e-2)}, Seed: 1})
	require.NoError(t, err)
	m, err := compress.New(config, r.Params)
	require.NoError(t, err)
	s, err := compress.Encode(&bytes.Buffer{}, m, set, compress.Options{})
	require.NoError(t, err)
	require.Greater(t, s.BitsPerValue(), 8.)
	require.Less(t, s.BitsPerValue(), 8.2)
}

func TestModelsThatCannotCodeAreErrors(t *testing.T) {
	for want, m := range map[string]train.Model{
		"is a density and codes no values":              vae.Config{Likelihood: vae.Gaussian},
		"has blocks of columns":                         vae.Config{Blocks: []vae.Block{{}}},
		"is conditional":                                vae.Config{Classes: 10},
		"dense.Config cannot code without loss":         dense.Config{},
		"there is no model":                             nil,
		"vae: Latent is -1, want at least 1":            vae.Config{Latent: -1},
		`the likelihood "multinomial" is a density`:     vae.Config{Likelihood: vae.Multinomial},
		`the parameters have no "encoder/fc1/w", which`: vae.Config{},
	} {
		_, err := compress.New(m, graph.NewParams(graph.Float32, 0))
		require.ErrorContains(t, err, want)
	}
	_, err := compress.New(vae.Config{}, nil)
	require.ErrorContains(t, err, "there are no parameters")
	p := params(t, vae.Config{})
	_, err = compress.New(vae.Config{Hidden: []int{300}}, p)
	require.ErrorContains(t, err, "encoder/fc1/w")
	require.NoError(t, p.Get("encoder/mu/b").SetFloats(append(make([]float64, 19), math.NaN())))
	_, err = compress.New(vae.Config{}, p)
	require.ErrorContains(t, err, `the parameter "encoder/mu/b" has the value NaN at element 19`)
}

func TestSamplesThatAreNoLevelsAreErrors(t *testing.T) {
	m, err := compress.New(models[1].model, params(t, models[1].model))
	require.NoError(t, err)
	for _, v := range []float32{0.3, -1. / 255, 256. / 255, float32(math.NaN()), float32(math.Inf(1)), 1. / 255 * 1.0001} {
		x := make([]float32, 24)
		x[13] = v
		set, err := data.InMemory(data.Array{Name: "x", Shape: []int{12}, Values: x})
		require.NoError(t, err)
		_, err = compress.Encode(&bytes.Buffer{}, m, set, compress.Options{})
		require.ErrorContains(t, err, fmt.Sprintf("sample 1: value 1 is %g, which is none of the model's 256 levels", v))
	}
	_, err = compress.Encode(&bytes.Buffer{}, m, levels(t, 2, []int{13}, 2), compress.Options{})
	require.ErrorContains(t, err, "the samples have the shape [13], and the model codes [12]")
	y, err := data.InMemory(data.Array{Name: "y", Shape: []int{12}, Values: make([]float32, 12)})
	require.NoError(t, err)
	_, err = compress.Encode(&bytes.Buffer{}, m, y, compress.Options{})
	require.ErrorContains(t, err, `no field "x"`)
	_, err = compress.Encode(&bytes.Buffer{}, m, nil, compress.Options{})
	require.ErrorContains(t, err, "the set is nil")
	_, err = compress.Encode(nil, m, levels(t, 2, []int{12}, 2), compress.Options{})
	require.ErrorContains(t, err, "nothing to write to")
	_, err = compress.Encode(&bytes.Buffer{}, nil, levels(t, 2, []int{12}, 2), compress.Options{})
	require.ErrorContains(t, err, "there is no model")
	for _, o := range []compress.Options{{LatentBits: 21}, {LatentBits: -1}, {PosteriorBits: 9}, {ObservationBits: 8}, {ObservationBits: 32}, {Streams: 5000}, {Threads: -1}, {MaxBytes: -1}, {MaxValues: -1}} {
		_, err = compress.Encode(&bytes.Buffer{}, m, levels(t, 2, []int{12}, 2), o)
		require.ErrorContains(t, err, "the setting ")
	}
}
