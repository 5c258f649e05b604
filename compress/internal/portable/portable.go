// Package portable computes what must have the same bits on every machine, for the tests
// that run it on several.
package portable

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/compress/internal/bitsback"
	"github.com/stheno-ml/stheno/compress/internal/exact"
)

// Sum is a hash of functions at many points, and of samples coded by a net of each kind
// of layer with each kind of likelihood. It also decodes them.
func Sum() (string, error) {
	h := sha256.New()
	write := func(v uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, v)) }
	for i := range 4001 {
		x := float64(i-2000) / 64
		for _, y := range []float64{exact.Exp(x), exact.Sigmoid(x), exact.Tanh(x), exact.Softplus(x), exact.Phi(x), exact.Log(float64(i+1) / 7)} {
			write(math.Float64bits(y))
		}
	}
	for _, kind := range []exact.Kind{exact.Bernoulli, exact.BetaBinomial, exact.Categorical, exact.Logistic} {
		m := model(kind)
		samples := make([]uint16, 20*m.Values.Values)
		var w weights
		for i := range samples {
			samples[i] = uint16(w.next() % uint64(m.Values.Levels))
		}
		jobs := []bitsback.Job{{Samples: samples[:len(samples)/2]}, {Number: 1, Samples: samples[len(samples)/2:]}}
		if err := m.Encode(jobs, 1, func() {}); err != nil {
			return "", fmt.Errorf("%s: %w", kind, err)
		}
		for i := range jobs {
			write(jobs[i].Stream.State)
			for _, v := range jobs[i].Stream.Words {
				write(uint64(v))
			}
			jobs[i].Samples = make([]uint16, len(jobs[i].Samples))
		}
		if err := m.Decode(jobs, 2, func() {}); err != nil {
			return "", fmt.Errorf("%s: %w", kind, err)
		}
		for i, v := range samples {
			if half := len(samples) / 2; jobs[i/half].Samples[i%half] != v {
				return "", fmt.Errorf("%s: value %d is decoded to another one", kind, i)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// weights are numbers from -1/2 to 1/2, by integers alone.
type weights uint64

func (w *weights) next() uint64 {
	*w = *w*6364136223846793005 + 1442695040888963407
	return uint64(*w) >> 33
}

func (w *weights) list(n int, scale float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64((float64(float64(w.next()%4096)/4096) - 0.5) * scale)
	}
	return out
}

// model codes images of 5 by 4 pixels.
func model(kind exact.Kind) *bitsback.Model {
	const latent, bits, precision = 6, 8, 24
	levels := 37
	if kind == exact.Bernoulli {
		levels = 2
	}
	var w weights
	m := &bitsback.Model{
		Values: exact.Likelihood{Kind: kind, Levels: levels, Values: 20, Precision: precision},
		Size:   latent, Lo: -30, Hi: 20, Latent: exact.NewLatent(bits, precision), Precision: precision,
	}
	for k := range levels {
		m.Value = append(m.Value, float64(k)/float64(levels-1))
	}
	act := func(name string, size int) exact.Layer {
		a, _ := exact.NewActivation(name, size)
		return a
	}
	g := exact.SameGeometry(5, 4, 3, 2) // to 3 by 2
	var gated exact.Product
	gated.A.Add(exact.Dense{In: 18, Out: 18, W: w.list(18*18, 1), Bias: w.list(18, 1)}, act("elu", 18))
	gated.B.Add(exact.Dense{In: 18, Out: 18, W: w.list(18*18, 1)}, act("sigmoid", 18))
	gamma, variance := w.list(3, 1), w.list(3, 1)
	for i := range variance {
		variance[i] = float64(variance[i] * variance[i])
	}
	m.Encoder.Add(exact.Conv{Geometry: g, In: 1, Out: 3, W: w.list(27, 2), Bias: w.list(3, 1)},
		exact.Normalise(6, w.list(3, 1), variance, gamma, w.list(3, 1), 1e-5), act("gelu", 18), gated, act("silu", 18),
		exact.Dense{In: 18, Out: 2 * latent, W: w.list(18*2*latent, 2), Bias: w.list(2*latent, 2)})
	parameters := m.Values.Parameters()
	m.Decoder.Add(exact.Dense{In: latent, Out: 12, W: w.list(latent*12, 2)}, act("tanh", 12), act("leaky_relu", 12), act("softplus", 12),
		exact.ConvTranspose{Geometry: g, In: 2, Out: parameters, W: w.list(2*parameters*9, 2), Bias: w.list(parameters, 2)})
	return m
}
