package dense_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// sparse is a kind of sparse autoencoder.
type sparse interface {
	modeltest.Model
	Validate() error
	Encode(b *graph.Builder, x *graph.Node) *graph.Node
	Decode(b *graph.Builder, z *graph.Node) *graph.Node
}

var (
	small   = dense.Dictionary{Input: 5, Units: 12}
	revived = dense.Revival{AuxK: 2, AuxPool: 4, DeadAfter: 6}
)

// kinds are small instances of every kind.
func kinds() []sparse {
	return []sparse{
		dense.L1SAE{Dictionary: small, Sparsity: new(0.05)},
		dense.TopKSAE{Dictionary: small, Revival: revived, K: 3},
		dense.BatchTopKSAE{Dictionary: small, Revival: revived, K: 3},
		dense.MatryoshkaSAE{Dictionary: small, Revival: revived, K: 3, Prefixes: []int{4, 12}},
		dense.JumpReLUSAE{Dictionary: small, Sparsity: new(0.02), Bandwidth: 0.5, Threshold: 0.3},
		dense.JumpReLUSAE{Dictionary: small, Target: 3},
		dense.GatedSAE{Dictionary: small, Sparsity: new(0.05)},
	}
}

// normals draws n numbers.
func normals(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func TestSparseAutoencodersAreAutoencoders(t *testing.T) {
	modeltest.Autoencoder(t, dense.L1SAE{}, dense.L1SAE{Dictionary: small, Sparsity: new(0.)})
	modeltest.Autoencoder(t, dense.TopKSAE{Dictionary: small}, dense.TopKSAE{Dictionary: small, Revival: revived, K: 3})
	modeltest.Autoencoder(t, dense.BatchTopKSAE{Dictionary: small, Revival: revived, K: 3})
	modeltest.Autoencoder(t, dense.MatryoshkaSAE{Dictionary: small, Revival: revived, K: 3, Prefixes: []int{4, 12}})
	modeltest.Autoencoder(t, dense.JumpReLUSAE{Dictionary: small, Revival: revived, Sparsity: new(0.5), Target: 2, Bandwidth: 0.2, Threshold: 0.1})
	modeltest.Autoencoder(t, dense.GatedSAE{Dictionary: small, Sparsity: new(0.)})
}

func TestNoArgumentMakesASparseAutoencoderPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		for _, c := range kinds() {
			receivers = append(receivers, c)
		}
		receivers = append(receivers, small, dense.Dictionary{Input: -1}, dense.Dictionary{Units: 1 << 40},
			dense.TopKSAE{Dictionary: small, K: -1}, dense.BatchTopKSAE{Dictionary: small, K: 1 << 40},
			dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{}}, dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{0, 12}})
		return receivers, nil, []any{b, b.Input("x", 2, 5), b.Input("z", 2, 12), b.Input("image", 2, 1, 5), b.Scalar("s", 1)}
	})
}

func TestInvalidSparseAutoencodersAreErrors(t *testing.T) {
	for want, c := range map[string]sparse{
		"Input is -1, want at least 1":                     dense.L1SAE{Dictionary: dense.Dictionary{Input: -1}},
		"Units is -2, want at least 1":                     dense.GatedSAE{Dictionary: dense.Dictionary{Units: -2}},
		"Sparsity is -0.1":                                 dense.L1SAE{Sparsity: new(-0.1)},
		"Sparsity is NaN":                                  dense.GatedSAE{Sparsity: new(math.NaN())},
		"Sparsity is +Inf":                                 dense.JumpReLUSAE{Sparsity: new(math.Inf(1))},
		"K is 13, want from 1 to the 12 units":             dense.TopKSAE{Dictionary: small, K: 13},
		"K is -1, want from 1 to the 12 units":             dense.BatchTopKSAE{Dictionary: small, K: -1},
		"K is 14, want from 1 to the 12 units":             dense.MatryoshkaSAE{Dictionary: small, K: 14},
		"AuxK is 13, want from 1 to the 12 units":          dense.TopKSAE{Dictionary: small, Revival: dense.Revival{AuxK: 13}},
		"AuxPool is 2, want from AuxK, 3, to the 12 units": dense.TopKSAE{Dictionary: small, Revival: dense.Revival{AuxK: 3, AuxPool: 2}},
		"DeadAfter is -1, want from 1":                     dense.TopKSAE{Dictionary: small, Revival: dense.Revival{DeadAfter: -1}},
		"Aux is -1, want a finite number of at least 0":    dense.BatchTopKSAE{Dictionary: small, Revival: dense.Revival{Aux: new(-1.)}},
		"Prefixes[1] is 4, want ascending sizes":           dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{4, 4, 12}},
		"Prefixes[0] is 0, want ascending sizes":           dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{0, 12}},
		"Prefixes is [4 8], want the 12 units last":        dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{4, 8}},
		"Prefixes is [], want the 12 units last":           dense.MatryoshkaSAE{Dictionary: small, Prefixes: []int{}},
		"Bandwidth is -1, want a finite number above 0":    dense.JumpReLUSAE{Bandwidth: -1},
		"Threshold is NaN, want a finite number above 0":   dense.JumpReLUSAE{Threshold: math.NaN()},
		"Target is 13, want from 0 to the 12 units":        dense.JumpReLUSAE{Dictionary: small, Target: 13},
		"AuxK is 14, want from 1 to the 12 units":          dense.JumpReLUSAE{Dictionary: small, Revival: dense.Revival{AuxK: 14}},
		"Target is -1, want from 0 to the 12 units":        dense.JumpReLUSAE{Dictionary: small, Target: -1},
	} {
		t.Run(want, func(t *testing.T) {
			require.ErrorContains(t, c.Validate(), want)
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			require.Zero(t, c.Build(b, 2))
			require.ErrorContains(t, b.Err(), want)
			_, err := c.Summary()
			require.ErrorContains(t, err, want)
		})
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	require.Nil(t, dense.TopKSAE{Dictionary: small, K: 2}.Encode(b, b.Input("x", 2, 6)))
	require.ErrorContains(t, b.Err(), `layer "encoder": dense: want [N, 5], have [2 6]`)
}

// trained runs Adam on the batch and returns the losses.
func trained(t *testing.T, c sparse, p *graph.Params, x []float64, batch, steps int, rate float64) (losses []float64) {
	b := graph.New(p, graph.Config{Training: true})
	net := c.Build(b, batch)
	require.NoError(t, b.Err())
	optim.Minimize(b, optim.Adam{Rate: &rate}, net.Tasks[0])
	b.Output(modeltest.Loss, net.Tasks[0].Loss)
	m := modeltest.Compile(t, b, modeltest.Inputs{"x": x})
	for range steps {
		losses = append(losses, modeltest.Run(t, m)[modeltest.Loss][0])
	}
	return losses
}

// evaluated runs the net in evaluation and returns its outputs.
func evaluated(t *testing.T, c sparse, p *graph.Params, x []float64, batch int) map[string][]float64 {
	b := graph.New(p, graph.Config{})
	modeltest.Name(b, c.Build(b, batch))
	return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
}

func TestSparseAutoencodersOverfitEightSamples(t *testing.T) {
	const batch = 8
	x := normals(3, batch*small.Input)
	for _, c := range kinds() {
		t.Run(c.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 2)
			before := evaluated(t, c, p, x, batch)["metrics/mse"][0]
			trained(t, c, p, x, batch, 150, 0.03)
			require.Less(t, evaluated(t, c, p, x, batch)["metrics/mse"][0], before/3)
		})
	}
}

func TestRowsOfADictionaryKeepNormOne(t *testing.T) {
	p := graph.NewParams(graph.Float64, 2)
	trained(t, dense.TopKSAE{Dictionary: small, K: 3}, p, normals(3, 40), 8, 50, 0.05)
	b := graph.New(p, graph.Config{})
	b.Output("rows", small.Directions(b))
	rows := modeltest.Run(t, modeltest.Compile(t, b, nil))["rows"]
	for row := range slices.Chunk(rows, small.Input) {
		require.InDelta(t, 1, dot(row, row), 1e-12)
	}
	require.NotEqual(t, rows, p.Get("decoder/w").Floats(), "training left the weights at norm 1")
}

func TestAnEncoderStartsAtTheTransposeOfItsDecoder(t *testing.T) {
	p := graph.NewParams(graph.Float32, 2)
	b := graph.New(p, graph.Config{Training: true})
	dense.L1SAE{Dictionary: small}.Build(b.Scope("part"), 2)
	require.NoError(t, b.Err())
	w, v := p.Get("part/encoder/w").Floats(), p.Get("part/decoder/w").Floats()
	for i := range small.Units {
		require.InDelta(t, 1, dot(v[i*5:i*5+5], v[i*5:i*5+5]), 1e-6)
		for j := range small.Input {
			require.Equal(t, v[i*5+j], w[j*12+i])
		}
	}
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}
