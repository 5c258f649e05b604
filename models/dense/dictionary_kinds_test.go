package dense_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// plain has the parts of a small net in plain Go.
type plain struct{ w, c, v, b []float64 }

func plainOf(p *graph.Params) plain {
	l := plain{p.Get("encoder/w").Floats(), p.Get("encoder/b").Floats(), p.Get("decoder/w").Floats(), p.Get("decoder/b").Floats()}
	for row := range slices.Chunk(l.v, small.Input) {
		norm := math.Sqrt(dot(row, row))
		for j := range row {
			row[j] /= norm
		}
	}
	return l
}

// project is (x - b) W of a sample.
func (l plain) project(x []float64) []float64 {
	q := make([]float64, small.Units)
	for i := range q {
		for j, v := range x {
			q[i] += (v - l.b[j]) * l.w[j*small.Units+i]
		}
	}
	return q
}

// decode is z V + b, of the first units of a code.
func (l plain) decode(z []float64) []float64 {
	y := slices.Clone(l.b)
	for i, v := range z {
		for j := range y {
			y[j] += v * l.v[i*small.Input+j]
		}
	}
	return y
}

func squaredError(x, y []float64) (sum float64) {
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return sum
}

// shaken are float64 parameters of a net, moved away from their start.
func shaken(t *testing.T, c sparse) *graph.Params {
	p := graph.NewParams(graph.Float64, 4)
	b := graph.New(p, graph.Config{})
	c.Build(b, 1)
	require.NoError(t, b.Err())
	for i, q := range p.Trainable() {
		w := q.Floats()
		for k, v := range normals(uint64(i+10), len(w)) {
			w[k] += 0.2 * v
		}
		require.NoError(t, q.SetFloats(w))
	}
	return p
}

func TestLossesEqualTheirDefinitions(t *testing.T) {
	const batch, lambda = 4, 0.3
	x := normals(1, batch*small.Input)
	relu := func(v float64) float64 { return max(v, 0) }
	for _, c := range []struct {
		model sparse
		of    func(p *graph.Params, l plain, x []float64) (z []float64, loss float64)
	}{
		{dense.L1SAE{Dictionary: small, Sparsity: new(lambda)}, func(_ *graph.Params, l plain, x []float64) ([]float64, float64) {
			z, sum := l.project(x), 0.0
			for i := range z {
				z[i] = relu(z[i] + l.c[i])
				sum += z[i]
			}
			return z, squaredError(x, l.decode(z)) + lambda*sum
		}},
		{dense.TopKSAE{Dictionary: small, K: 3}, func(_ *graph.Params, l plain, x []float64) ([]float64, float64) {
			z := l.project(x)
			for i := range z {
				z[i] = relu(z[i] + l.c[i])
			}
			limit := slices.Sorted(slices.Values(z))[len(z)-3]
			for i := range z {
				if z[i] < limit {
					z[i] = 0
				}
			}
			return z, squaredError(x, l.decode(z))
		}},
		{dense.JumpReLUSAE{Dictionary: small, Sparsity: new(lambda), Threshold: 0.4}, func(p *graph.Params, l plain, x []float64) ([]float64, float64) {
			z, active := l.project(x), 0.0
			for i, log := range p.Get("encoder/logThreshold").Floats() {
				if z[i] += l.c[i]; z[i] > math.Exp(log) {
					active++
				} else {
					z[i] = 0
				}
			}
			return z, squaredError(x, l.decode(z)) + lambda*active
		}},
		{dense.GatedSAE{Dictionary: small, Sparsity: new(lambda)}, func(p *graph.Params, l plain, x []float64) ([]float64, float64) {
			gate, scale, sum := p.Get("encoder/gate").Floats(), p.Get("encoder/scale").Floats(), 0.0
			z, open := l.project(x), l.project(x)
			for i := range z {
				z[i] = relu(z[i]*math.Exp(scale[i]) + l.c[i])
				if open[i] = relu(open[i] + gate[i]); open[i] == 0 {
					z[i] = 0
				}
				sum += open[i]
			}
			return z, squaredError(x, l.decode(z)) + lambda*sum + squaredError(x, l.decode(open))
		}},
		{dense.MatryoshkaSAE{Dictionary: small, K: 3, Prefixes: []int{2, 5, 12}}, func(_ *graph.Params, l plain, x []float64) ([]float64, float64) {
			z, loss := l.project(x), 0.0
			for i := range z {
				z[i] = relu(z[i] + l.c[i])
			}
			for _, m := range []int{2, 5, 12} {
				loss += squaredError(x, l.decode(z[:m]))
			}
			return z, loss
		}},
	} {
		t.Run(c.model.String(), func(t *testing.T) {
			p := shaken(t, c.model)
			got, loss, active := evaluated(t, c.model, p, x, batch), 0.0, 0.0
			for i := range batch {
				sample := x[i*small.Input : (i+1)*small.Input]
				z, l := c.of(p, plainOf(p), sample)
				loss += l / batch
				require.InDeltaSlice(t, z, got["code"][i*small.Units:(i+1)*small.Units], 1e-12)
				recon := plainOf(p).decode(z)
				require.InDeltaSlice(t, recon, got["recon"][i*small.Input:(i+1)*small.Input], 1e-12)
				require.InDelta(t, squaredError(sample, recon), got["score"][i], 1e-12)
				for _, v := range z {
					if v > 0 {
						active++
					}
				}
			}
			require.InDelta(t, loss, got["loss"][0], 1e-12)
			require.InDelta(t, active/batch, got["metrics/l0"][0], 1e-12)
		})
	}
}

func TestBatchTopKSharesItsUnitsAmongTheSamples(t *testing.T) {
	const batch, k = 6, 2
	c := dense.BatchTopKSAE{Dictionary: small, K: k}
	p := shaken(t, c)
	x := normals(5, batch*small.Input)
	for i := range small.Input {
		x[i] *= 10 // the first sample takes more than its share
	}
	b := graph.New(p, graph.Config{Training: true})
	modeltest.Name(b, c.Build(b, batch))
	m := modeltest.Compile(t, b, modeltest.Inputs{"x": x})
	code := modeltest.Run(t, m)["code"]
	var kept []float64
	perSample := make([]int, batch)
	for i, v := range code {
		if v > 0 {
			kept, perSample[i/small.Units] = append(kept, v), perSample[i/small.Units]+1
		}
	}
	require.Len(t, kept, batch*k)
	require.Greater(t, perSample[0], k)

	least := slices.Min(kept)
	require.InDelta(t, least, p.Get("encoder/threshold").Floats()[0], 1e-12, "the first batch sets the threshold")
	for i := range x {
		x[i] *= 2
	}
	require.NoError(t, m.SetFloats("x", x))
	next := least
	for _, v := range modeltest.Run(t, m)["code"] {
		if v > 0 && (next == least || v < next) {
			next = v
		}
	}
	require.InDelta(t, .99*least+.01*next, p.Get("encoder/threshold").Floats()[0], 1e-12)
}

func TestBatchTopKEvaluatesEachSampleByTheThreshold(t *testing.T) {
	c := dense.BatchTopKSAE{Dictionary: small, K: 2}
	p := shaken(t, c)
	x := normals(5, 4*small.Input)
	require.NoError(t, p.Get("encoder/threshold").SetFloats([]float64{0.5}))
	all := evaluated(t, c, p, x, 4)["code"]
	for i := range 4 {
		alone := evaluated(t, c, p, x[i*small.Input:(i+1)*small.Input], 1)["code"]
		require.Equal(t, all[i*small.Units:(i+1)*small.Units], alone)
	}
	require.True(t, slices.ContainsFunc(all, func(v float64) bool { return v > 0.5 }))
	require.False(t, slices.ContainsFunc(all, func(v float64) bool { return v > 0 && v <= 0.5 }))
}

// gradient returns the gradient of the loss of a training step with respect to a weight.
func gradient(t *testing.T, c sparse, p *graph.Params, x []float64, batch int, weight string) []float64 {
	b := graph.New(p, graph.Config{Training: true})
	task := c.Build(b, batch).Tasks[0]
	task.Trains = []string{weight}
	_, grads := task.Gradients(b)
	require.NoError(t, b.Err())
	b.Output("gradient", grads[0])
	return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))["gradient"]
}

func TestThresholdsHaveTheGradientOfTheKernelEstimate(t *testing.T) {
	const lambda, width = 0.3, 0.6
	for _, target := range []float64{0, 3} {
		c := dense.JumpReLUSAE{Dictionary: small, Sparsity: new(lambda), Target: target, Bandwidth: width, Threshold: 0.4}
		p := shaken(t, c)
		x := normals(1, small.Input)
		l, q := plainOf(p), plainOf(p).project(x)
		z, active, logs := make([]float64, small.Units), 0.0, p.Get("encoder/logThreshold").Floats()
		for i := range z {
			if q[i] += l.c[i]; q[i] > math.Exp(logs[i]) {
				z[i] = q[i]
				active++
			}
		}
		slope := lambda // of the penalty by the number of active units
		if target > 0 {
			slope = 2 * lambda * (active/target - 1) / target
		}
		recon, hits := l.decode(z), 0
		want := make([]float64, small.Units)
		for i := range want {
			threshold := math.Exp(logs[i])
			if math.Abs(q[i]-threshold) >= width/2 {
				continue
			}
			hits++
			for j := range recon { // by z, then by the threshold, then by its logarithm
				want[i] += 2 * (recon[j] - x[j]) * l.v[i*small.Input+j] * -threshold / width * threshold
			}
			want[i] -= slope / width * threshold
		}
		require.Greater(t, hits, 2)
		require.InDeltaSlice(t, want, gradient(t, c, p, x, 1, "encoder/logThreshold"), 1e-12)
	}
}

func TestTheGateOfAGatedNetLearnsOnlyFromThePenaltyAndTheAuxiliaryLoss(t *testing.T) {
	c := dense.GatedSAE{Dictionary: small, Sparsity: new(0.3)}
	p := shaken(t, c)
	x := normals(1, small.Input)
	l, q, gate := plainOf(p), plainOf(p).project(x), p.Get("encoder/gate").Floats()
	open := make([]float64, small.Units)
	for i := range open {
		open[i] = max(q[i]+gate[i], 0)
	}
	recon, want := l.decode(open), make([]float64, small.Units)
	for i := range want {
		if open[i] > 0 {
			want[i] = 0.3
			for j := range recon {
				want[i] += 2 * (recon[j] - x[j]) * l.v[i*small.Input+j]
			}
		}
	}
	require.InDeltaSlice(t, want, gradient(t, c, p, x, 1, "encoder/gate"), 1e-12)
}

func TestDeadUnitsLearnFromTheResidualOnlyOnceTheyAreDead(t *testing.T) {
	const batch = 4
	for _, c := range []sparse{
		dense.TopKSAE{Dictionary: small, K: 3, Revival: dense.Revival{AuxK: 12, DeadAfter: 3 * batch}},
		dense.BatchTopKSAE{Dictionary: small, K: 3, Revival: dense.Revival{AuxK: 12, DeadAfter: 3 * batch}},
	} {
		p := shaken(t, c)
		bias := p.Get("encoder/b").Floats()
		bias[0], bias[7] = -20, -30 // activations below 0 for any sample
		require.NoError(t, p.Get("encoder/b").SetFloats(bias))
		b := graph.New(p, graph.Config{Training: true})
		net := c.Build(b, batch)
		_, grads := graph.Task{Name: "g", Loss: net.Tasks[0].Loss, Trains: []string{"encoder/b"}}.Gradients(b)
		b.Output("gradient", grads[0])
		modeltest.Name(b, net)
		m := modeltest.Compile(t, b, modeltest.Inputs{"x": normals(2, batch*small.Input)})
		for step := range 4 {
			out := modeltest.Run(t, m)
			g, dead := out["gradient"], step >= 2
			require.Equal(t, dead, g[0] != 0, "step %d", step)
			require.Equal(t, dead, g[7] != 0, "step %d", step)
			require.Equal(t, dead, out["metrics/dead"][0] > 0, "step %d", step)
		}
		require.Equal(t, 4.*batch, p.Get("revival/idle").Floats()[7])
	}
}

func TestDeadUnitsComeBackToLife(t *testing.T) {
	const batch, units, steps = 32, 20, 200
	alive := func(aux float64) (n int) {
		c := dense.TopKSAE{Dictionary: dense.Dictionary{Input: 5, Units: units}, K: 2, Revival: dense.Revival{Aux: &aux, DeadAfter: 10 * batch}}
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{Training: true})
		net := c.Build(b, batch)
		bias := make([]float64, units)
		for i := range units / 2 {
			bias[i] = -5
		}
		require.NoError(t, p.Get("encoder/b").SetFloats(bias))
		optim.Minimize(b, optim.Adam{Rate: new(0.02)}, net.Tasks[0])
		b.Output("code", net.Outputs["code"])
		m := modeltest.Compile(t, b, nil)
		fires := map[int]bool{}
		for step := range steps {
			require.NoError(t, m.SetFloats("x", normals(uint64(step), batch*5)))
			for i, v := range modeltest.Run(t, m)["code"] {
				if step >= steps-30 && v > 0 {
					fires[i%units] = true
				}
			}
		}
		return len(fires)
	}
	require.LessOrEqual(t, alive(0), units/2)
	require.Greater(t, alive(1./4), units*3/4)
}

// The training step of a large dictionary multiplies only chosen rows, evaluation all.
func TestChosenRowsDecodeAsAllRowsDo(t *testing.T) {
	const batch = 3
	c := dense.TopKSAE{Dictionary: dense.Dictionary{Input: 5, Units: 256}, Revival: dense.Revival{Aux: new(0.)}, K: 2}
	p := graph.NewParams(graph.Float64, 4)
	x := normals(1, batch*5)
	grads := map[bool]map[string][]float64{}
	for _, training := range []bool{false, true} {
		b := graph.New(p, graph.Config{Training: training})
		task := c.Build(b, batch).Tasks[0]
		weights, of := task.Gradients(b)
		require.NoError(t, b.Err())
		b.Output("loss", task.Loss)
		for i, w := range weights {
			b.Output(b.ParamOf(w).Name(), of[i])
		}
		grads[training] = modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
	}
	require.Len(t, grads[true], 5)
	for name, want := range grads[false] {
		require.InDeltaSlice(t, want, grads[true][name], 1e-12, name)
	}
}

func TestAPoolOfAllUnitsIsTheLossOfThePaper(t *testing.T) {
	const batch = 3
	c := dense.TopKSAE{Dictionary: small, K: 2, Revival: dense.Revival{Aux: new(0.5), AuxK: 2, AuxPool: 12, DeadAfter: 1}}
	p := shaken(t, c)
	x := normals(1, batch*small.Input)
	b := graph.New(p, graph.Config{Training: true})
	modeltest.Name(b, c.Build(b, batch))
	out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
	l := plainOf(p)
	dead := make([]bool, small.Units)
	for i := range dead {
		dead[i] = out["code"][i] == 0 && out["code"][12+i] == 0 && out["code"][24+i] == 0
	}
	want := 0.0
	for n := range batch {
		sample := x[n*small.Input : (n+1)*small.Input]
		q := l.project(sample)
		var activations []float64
		for i := range q {
			if q[i] += l.c[i]; dead[i] {
				activations = append(activations, q[i])
			}
		}
		slices.Sort(activations)
		limit := activations[len(activations)-2]
		r := make([]float64, small.Units)
		for i := range r {
			if dead[i] && q[i] >= limit {
				r[i] = q[i]
			}
		}
		recon := l.decode(out["code"][n*small.Units : (n+1)*small.Units])
		ahead := l.decode(r)
		for j := range ahead {
			ahead[j] += recon[j] - l.b[j]
		}
		want += (squaredError(sample, recon) + 0.5*squaredError(sample, ahead)) / batch
	}
	require.InDelta(t, want, out["loss"][0], 1e-12)
}
