package seq_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/seq"
)

func TestNothingBeyondTheLengthIsRead(t *testing.T) {
	for _, c := range []seq.Config{
		{Steps: 5, Features: 2, Hidden: []int{6, 4}, Code: 2, Cell: seq.GRU, Bidirectional: true, Attention: true, TeacherForcing: true, Lengths: true, Loss: graph.MSE},
		{Steps: 5, Features: 2, Hidden: []int{6}, Code: 2, Lengths: true},
		{Steps: 5, Vocabulary: 6, Embedding: 4, Hidden: []int{7}, Code: 3, Bidirectional: true, TeacherForcing: true, Lengths: true},
	} {
		t.Run(c.String(), func(t *testing.T) {
			run := func(training bool, beyond float64) map[string][]float64 {
				p := newProgram(t, c, graph.NewParams(graph.Float64, 2), 4, training, func(p *program) {
					if training {
						var weights []*graph.Node
						for _, q := range p.b.Params().All() {
							weights = append(weights, p.b.Node(q))
						}
						for i, g := range p.b.Grad(p.net.Tasks[0].Loss, weights...) {
							p.b.Output("gradient of "+p.b.Params().All()[i].Name(), g)
						}
					}
				})
				p.in["lengths"] = []float64{5, 1, 3, 0}
				each := len(p.in["x"]) / 20
				for i := range p.in["x"] {
					if n, step := i/(5*each), i/each%5; step >= int(p.in["lengths"][n]) {
						p.in["x"][i] = beyond
					}
				}
				return p.run(t, 0)
			}
			other := 1.0
			if c.Loss == graph.MSE {
				other = math.NaN()
			}
			for _, training := range []bool{true, false} {
				a, b := run(training, other), run(training, 0)
				delete(a, "recon") // with its meaningless steps
				delete(b, "recon")
				require.Equal(t, a, b, "training %v", training)
				if !training {
					require.Zero(t, a["score"][3], "a sequence without steps has no loss")
					require.Positive(t, a["score"][1])
				}
			}
		})
	}
}

// TestAStepIsDecodedFromTheStepsBefore checks that the output of step t depends on
// steps before t and on no other.
func TestAStepIsDecodedFromTheStepsBefore(t *testing.T) {
	for _, c := range []seq.Config{
		{Steps: 4, Features: 2, Hidden: []int{6, 5}, Code: 2, TeacherForcing: true, Loss: graph.MSE},
		{Steps: 4, Vocabulary: 6, Embedding: 4, Hidden: []int{7}, Code: 3, Cell: seq.GRU, TeacherForcing: true},
	} {
		t.Run(c.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float64, 2)
			each := 1
			if c.Vocabulary == 0 {
				each = c.Features
			}
			decode := func(x []float64) [][]float64 {
				b := graph.New(p, graph.Config{})
				shape := []int{1, c.Steps}
				if c.Vocabulary == 0 {
					shape = append(shape, c.Features)
				}
				b.Output("y", c.DecodeAfter(b, b.Input("z", 1, c.Code), b.Input("x", shape...)))
				y := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "z": make([]float64, c.Code)}))["y"]
				var steps [][]float64
				for s := range c.Steps {
					steps = append(steps, y[s*len(y)/c.Steps:(s+1)*len(y)/c.Steps])
				}
				return steps
			}
			x := make([]float64, c.Steps*each)
			want := decode(x)
			for changed := range c.Steps {
				other := make([]float64, len(x))
				other[changed*each] = 3
				got := decode(other)
				for s := range c.Steps {
					if s <= changed {
						require.Equal(t, want[s], got[s])
					} else {
						require.NotEqual(t, want[s], got[s])
					}
				}
			}
		})
	}
}

// TestTheReconstructionReadsItsOwnSteps decodes freely, then with the reconstruction as
// the true steps, then step by step.
func TestTheReconstructionReadsItsOwnSteps(t *testing.T) {
	const batch = 3
	for _, c := range []seq.Config{
		{Steps: 4, Features: 2, Hidden: []int{6, 5}, Code: 2, TeacherForcing: true},
		{Steps: 4, Features: 2, Hidden: []int{6}, Code: 2, TeacherForcing: true, Cell: seq.RNN, Loss: graph.MSE},
		{Steps: 4, Vocabulary: 6, Embedding: 4, Hidden: []int{7, 6}, Code: 3, Cell: seq.GRU, TeacherForcing: true},
	} {
		t.Run(c.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float64, 5)
			z := make([]float64, batch*c.Code)
			for i := range z {
				z[i] = 3 * math.Sin(float64(7*i+1))
			}
			b := graph.New(p, graph.Config{})
			code := b.Input("z", batch, c.Code)
			y := c.Decode(b, code)
			recon := c.Recon(b, y)
			b.Output("y", y)
			b.Output("recon", recon)
			b.Output("again", c.DecodeAfter(b, code, recon))
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"z": z}))
			if c.Vocabulary == 0 {
				optest.RequireClose(t, "again", out["y"], out["again"], 1e-12)
			}

			s := graph.New(p, graph.Config{})
			modeltest.Name(s, c.BuildStep(s, batch))
			in := modeltest.Inputs{seq.InputCode: z, seq.InputPrev: make([]float64, batch)}
			if c.Vocabulary == 0 {
				in[seq.InputPrev] = make([]float64, batch*c.Features)
			}
			for i, units := range c.StateSizes() {
				for k := range c.StateParts() {
					in[seq.StateName(i, k)] = make([]float64, batch*units)
				}
			}
			m := modeltest.Compile(t, s, in)
			width := len(out["y"]) / (batch * c.Steps)
			ended := make([]bool, batch)
			for step := range c.Steps {
				next := modeltest.Run(t, m)
				for n := range batch {
					if got := next[seq.OutputNext][n*width : (n+1)*width]; !ended[n] {
						at := (n*c.Steps + step) * width
						optest.RequireClose(t, "step", out["y"][at:at+width], got, 1e-12)
					}
				}
				var prev []float64
				for n := range batch {
					each := len(out["recon"]) / (batch * c.Steps)
					at := (n*c.Steps + step) * each
					prev = append(prev, out["recon"][at:at+each]...)
					ended[n] = ended[n] || c.Vocabulary != 0 && out["recon"][at] == seq.End
				}
				require.NoError(t, m.SetFloats(seq.InputPrev, prev))
				for i := range c.StateSizes() {
					for k := range c.StateParts() {
						require.NoError(t, m.SetFloats(seq.StateName(i, k), next[seq.NextStateName(i, k)]))
					}
				}
			}
		})
	}
}

func TestNothingFollowsTheEnd(t *testing.T) {
	c := seq.Config{Steps: 6, Vocabulary: 4, Embedding: 4, Hidden: []int{7}, Code: 3, TeacherForcing: true}
	b := graph.New(graph.NewParams(graph.Float64, 4), graph.Config{})
	b.Output("recon", c.Recon(b, c.Decode(b, b.Input("z", 40, 3))))
	z := make([]float64, 120)
	for i := range z {
		z[i] = 4 * math.Sin(float64(13*i*i+1))
	}
	recon := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"z": z}))["recon"]
	ends := 0
	for i, token := range recon {
		if i%6 > 0 && recon[i-1] == seq.End {
			require.Zero(t, token)
			ends++
		}
	}
	require.Positive(t, ends)
}
