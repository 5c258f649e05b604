package seq_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/seq"
)

// TestTheBoundIsReconPlusBetaKL computes both terms by formula from the code, the
// variance and the decoder's output.
func TestTheBoundIsReconPlusBetaKL(t *testing.T) {
	const batch, steps = 3, 4
	for _, v := range []seq.VAE{
		{Config: seq.Config{Steps: steps, Features: 3, Hidden: []int{6}, Code: 2}, Beta: new(0.3)},
		{Config: seq.Config{Steps: steps, Features: 3, Hidden: []int{6}, Code: 2, Loss: graph.MSE, TeacherForcing: true, Lengths: true}, Beta: new(2.0), FreeBits: 0.02},
		{Config: seq.Config{Steps: steps, Vocabulary: 5, Embedding: 3, Hidden: []int{6}, Code: 2, TeacherForcing: true, Lengths: true}, FreeBits: 0.01},
	} {
		t.Run(v.String(), func(t *testing.T) {
			params := graph.NewParams(graph.Float64, 2)
			more := func(p *program) {
				x := p.b.InputNode("x")
				mu, logVar := v.Encode(p.b, x, p.b.InputNode("lengths")) // the same nodes as in the net
				p.b.Output("logvar", logVar)
				p.b.Output("y", v.DecodeAfter(p.b, mu, x))
			}
			p := newProgram(t, v, params, batch, false, more)
			if v.Lengths {
				p.in["lengths"] = []float64{4, 2, 1}
			}
			out := p.run(t, 0)

			kl, each := 0.0, make([]float64, v.Code)
			for i, mu := range out["code"] {
				lv := out["logvar"][i]
				d := 0.5 * (mu*mu + math.Exp(lv) - 1 - lv) / batch
				kl, each[i%v.Code] = kl+d, each[i%v.Code]+d
			}
			freed := 0.0
			for _, d := range each {
				freed += max(d, v.FreeBits)
			}
			width := len(out["y"]) / (batch * steps)
			recon := 0.0
			for n := range batch {
				for s := range steps {
					if v.Lengths && s >= int(p.in["lengths"][n]) {
						continue
					}
					row := n*steps + s
					recon += nll(v.Config, out["y"][row*width:(row+1)*width], p.in["x"][row*len(p.in["x"])/(batch*steps):]) / batch
				}
			}
			task := p.net.Tasks[0]
			require.Equal(t, []string{"recon", "kl"}, []string{task.Metrics[0].Name, task.Metrics[1].Name})
			optest.RequireClose(t, "kl", []float64{kl}, out[modeltest.Metric("kl")], 1e-12)
			score := (out["score"][0] + out["score"][1] + out["score"][2]) / batch
			optest.RequireClose(t, "score", []float64{recon + kl}, []float64{score}, 1e-12)
			beta := 1.0
			if v.Beta != nil {
				beta = *v.Beta
			}
			optest.RequireClose(t, "loss", []float64{out[modeltest.Metric("recon")][0] + beta*freed}, out["loss"], 1e-12)
			if v.FreeBits > 0 {
				require.Greater(t, freed, kl, "a dimension is below its free bits")
			}
		})
	}
}

// nll is -log p of one step.
func nll(c seq.Config, y, x []float64) (sum float64) {
	if c.Vocabulary > 0 {
		for _, v := range y {
			sum += math.Exp(v)
		}
		return math.Log(sum) - y[int(x[0])]
	}
	for i, v := range y {
		if c.Loss == graph.MSE {
			sum += 0.5*(v-x[i])*(v-x[i]) + 0.5*math.Log(2*math.Pi)
			continue
		}
		p := 1 / (1 + math.Exp(-v))
		sum -= x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)
	}
	return sum
}

func TestBetaIsAScalarInput(t *testing.T) {
	v := seq.VAE{Config: seq.Config{Steps: 4, Features: 3, Hidden: []int{6}, Code: 2}}
	p := newProgram(t, v, graph.NewParams(graph.Float64, 2), 3, true, nil)
	one := p.run(t, 0)
	require.NoError(t, p.m.SetFloats(seq.InputBeta, []float64{0}))
	zero := p.run(t, 0)
	require.InDelta(t, one["loss"][0]-one[modeltest.Metric("kl")][0], zero["loss"][0], 1e-12)
}

func TestOnlyTrainingHidesSteps(t *testing.T) {
	for _, c := range []seq.Config{
		{Steps: 5, Vocabulary: 6, Embedding: 4, Hidden: []int{7}, Code: 3, TeacherForcing: true, WordDropout: 0.5},
		{Steps: 5, Features: 2, Hidden: []int{7}, Code: 3, TeacherForcing: true, WordDropout: 0.5},
	} {
		for _, training := range []bool{true, false} {
			p := newProgram(t, c, graph.NewParams(graph.Float64, 2), 3, training, nil)
			first, second := p.run(t, 0)["loss"], p.run(t, 1)["loss"]
			require.Equal(t, !training, first[0] == second[0], "%v, training %v", c, training)
		}
	}
}

func TestTheReconstructionOfAVAEUsesTheMean(t *testing.T) {
	v := seq.VAE{Config: seq.Config{Steps: 4, Vocabulary: 6, Embedding: 3, Hidden: []int{6}, Code: 2, TeacherForcing: true}}
	p := newProgram(t, v, graph.NewParams(graph.Float64, 2), 3, false, nil)
	first, second := p.run(t, 0), p.run(t, 1)
	require.Equal(t, first["recon"], second["recon"])
	require.Equal(t, first["score"], second["score"])
	require.NotEqual(t, first["loss"], second["loss"], "the loss uses a sample")
	require.NotEqual(t, first["prior"], second["prior"])
}

func ExampleVAE() {
	v := seq.VAE{Config: seq.Config{
		Steps: 16, Vocabulary: 28, Hidden: []int{64}, Code: 8, Cell: seq.GRU,
		Bidirectional: true, TeacherForcing: true, WordDropout: 0.2, Lengths: true,
	}}
	s, err := v.Summary()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(s)
	// Output:
	// variational autoencoder 16 of 28 tokens 64-8-64 gru bidirectional teacher forcing word dropout 0.2 lengths beta 1
	// ---------------------------------------------
	// Layer           Kind       Output     Weights
	// ---------------------------------------------
	// embedding       Embedding  [N 16 32]      896
	// encoder/gru1    GRU        [N 128]     37,376
	// encoder/mu      Dense      [N 8]        1,032
	// encoder/logvar  Dense      [N 8]        1,032
	// latent          Sample     [N 8]            0
	// embedding       Embedding  [N 16 32]        0
	// decoder/gru1    GRU        [N 16 64]   20,224
	// decoder/out     Dense      [N 16 28]    1,820
	// ---------------------------------------------
	// Trainable weights: 62,380 (243.7 KiB)
	// States: 0 (0 B)
}
