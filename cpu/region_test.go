package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/optim"
)

// randomImages builds a net of random layers on images, whose loss reads all of them.
// It returns the input and the nodes to compare: intermediate results and gradients.
func randomImages(r *rand.Rand, b *graph.Builder, n int) (x *graph.Node, kept []*graph.Node) {
	pair := func(lo, hi int) graph.Pair { return graph.Pair{lo + r.IntN(hi-lo+1), lo + r.IntN(hi-lo+1)} }
	activation := func() graph.Activation {
		return []graph.Activation{"relu", "relu", "relu", "", "sigmoid", "leaky_relu"}[r.IntN(6)]
	}
	rows := 6 + r.IntN(8)
	if r.IntN(8) == 0 {
		rows = 1
	}
	x = b.Input("x", n, 1+r.IntN(4), rows, 6+r.IntN(8))
	h, earlier := x, x
	for i := range 3 + r.IntN(5) {
		s, l := h.Shape(), b.Scope(fmt.Sprintf("layer%d", i))
		room := min(s[2], s[3])
		padding := []graph.Padding{graph.Same, graph.Valid}[r.IntN(2)]
		if room < 4 {
			padding = graph.Same
		}
		switch k := r.IntN(14); {
		case k < 3:
			h = graph.Conv2D{Filters: 1 + r.IntN(9), Kernel: pair(1, 3), Padding: padding, Stride: pair(1, 2), NoBias: k == 0, Activation: activation()}.Apply(l, h)
		case k == 3 && room > 6:
			h = graph.Conv2D{Filters: 1 + r.IntN(4), Kernel: pair(2, 3), Padding: graph.Same, Dilation: pair(1, 2), Activation: activation()}.Apply(l, h)
		case k == 4 && room < 12:
			h = graph.ConvTranspose2D{Filters: 1 + r.IntN(6), Kernel: pair(2, 3), Padding: graph.Same, Stride: pair(1, 2), Activation: activation()}.Apply(l, h)
		case k == 5 && room > 4:
			h = l.MaxPool2D(h, graph.PoolGeometry{Size: pair(2, 3)})
		case k == 6 && room > 4:
			h = l.MaxPool2D(h, graph.PoolGeometry{Size: pair(2, 3), Stride: pair(1, 2), Padding: graph.Same})
		case k == 7 && room > 4:
			h = l.AvgPool2D(h, graph.PoolGeometry{Size: pair(2, 3), Padding: graph.Same, CountPad: r.IntN(2) == 0})
		case k == 8 && room < 12:
			h = l.Upsample2D(h, pair(1, 3))
		case k == 9 && n*s[2]*s[3] > 1:
			h = graph.BatchNorm{}.Apply(l, h)
		case k == 10:
			h = graph.Dense{Units: 1 + r.IntN(20), Activation: "tanh"}.Apply(l, l.Reshape(h, n, -1))
			h = l.Reshape(h, n, -1, 1, 1)
			h = l.Upsample2D(h, pair(4, 6))
		case k == 11:
			h = graph.DepthwiseConv2D{Kernel: pair(1, 3), Multiplier: 1 + r.IntN(2), Padding: graph.Same, Stride: pair(1, 2), Activation: activation()}.Apply(l, h)
		case k == 12 && s[1]%2 == 0:
			h = graph.Conv2D{Filters: 2 + 2*r.IntN(3), Kernel: pair(1, 3), Groups: 2, Padding: graph.Same, Activation: activation()}.Apply(l, h)
		case graph.Shape(earlier.Shape()).Equal(graph.Shape(s)):
			h = l.Add(l.Relu(h), earlier)
		}
		if r.IntN(2) == 0 {
			earlier = h
		}
		if b.Err() != nil {
			return nil, nil
		}
		kept = append(kept, h)
	}
	loss := b.Mean(b.Mul(h, h))
	var weights []*graph.Node
	for _, p := range b.Params().Trainable() {
		weights = append(weights, b.Node(p))
	}
	kept = append(kept[r.IntN(len(kept)):], loss)
	return x, append(kept, b.Grad(loss, append(weights, x)...)...)
}

// runRandomImages runs a random net twice. It returns the names and values of the
// kept nodes and the plan.
func runRandomImages(t *testing.T, seed uint64, dtype graph.Dtype, c Config) (names []string, values [][]float64, listing string) {
	r := rand.New(rand.NewPCG(seed, 11))
	n := []int{3, 9, 16, 17, 33}[r.IntN(5)]
	b := graph.New(graph.NewParams(dtype, seed), graph.Config{Training: true})
	x, kept := randomImages(r, b, n)
	require.NoError(t, b.Err())
	m := suite.MachineOf(t, c, b, nil, kept...)
	defer func() { require.NoError(t, m.Close()) }()
	for range 2 { // the second run starts with what the first has left in the arena
		data := make([]float64, x.DataSize())
		for i := range data {
			data[i] = float64(float32(r.NormFloat64()))
		}
		require.NoError(t, m.SetFloats("x", data))
		values = append(values, suite.Outputs(t, m)...)
		for _, k := range kept {
			names = append(names, k.Name())
		}
	}
	return names, values, m.String()
}

func TestRandomNetsOnImagesEqualThoseWithoutRegions(t *testing.T) {
	regions := 0
	for seed := range uint64(120) {
		names, want, _ := runRandomImages(t, seed, graph.Float64, Config{})
		isa := kernel.Supported()[int(seed)%len(kernel.Supported())]
		_, got, listing := runRandomImages(t, seed, graph.Float32, Config{ISA: string(isa)})
		regions += strings.Count(listing, "region[")
		for i, w := range want {
			largest := 0.0
			for _, v := range w {
				largest = max(largest, math.Abs(v))
			}
			for k, v := range w {
				if !(math.Abs(v-got[i][k]) <= 2e-4*max(largest, 2e-2)) {
					t.Fatalf("seed %d, %s: %s: element %d of %d is %v, want %v (largest %v)\n%s", seed, isa, names[i], k, len(w), got[i][k], v, largest, listing)
				}
			}
		}
	}
	require.Greater(t, regions, 120)
}

func TestRegionsHaveTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for seed := range uint64(20) {
		_, want, _ := runRandomImages(t, seed, graph.Float32, Config{Threads: 1})
		for _, threads := range []int{2, 5} {
			_, got, _ := runRandomImages(t, seed, graph.Float32, Config{Threads: threads})
			require.Equal(t, want, got, "seed %d", seed)
		}
	}
}

// TestConvolutionsAlongARowRunInRegions: an axis of one row has strides of its own, and
// layers of signals reshape what they pass on.
func TestConvolutionsAlongARowRunInRegions(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	h := graph.Conv1D{Filters: 4, Kernel: 3, Padding: graph.Same, Activation: "relu"}.Apply(b.Scope("in"), b.Input("x", minImages, 2, 12))
	h = graph.MaxPool1D{Size: 2}.Apply(b.Scope("pool"), h)
	h = graph.Conv1D{Filters: 6, Kernel: 3, Stride: 2, Padding: graph.Same, Activation: "relu"}.Apply(b.Scope("middle"), h)
	h = graph.ConvTranspose1D{Filters: 3, Kernel: 3, Stride: 2, Padding: graph.Same}.Apply(b.Scope("out"), h)
	loss := b.Mean(b.Square(h))
	optim.Minimize(b, optim.SGD{}, graph.Task{Loss: loss})
	m := suite.MachineOf(t, Config{}, b, nil)
	defer func() { require.NoError(t, m.Close()) }()
	require.Contains(t, m.String(), "region[")
	for _, line := range strings.Split(m.String(), "\n") {
		if strings.HasPrefix(line, "%") { // not in a region
			require.NotContains(t, line, "= conv")
			require.NotContains(t, line, "= pool")
		}
	}
}

// TestSmallBatchesRunWithoutRegions: most lanes of a region's group would be idle.
func TestSmallBatchesRunWithoutRegions(t *testing.T) {
	for batch, regions := range map[int]bool{1: false, minImages - 1: false, minImages: true} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		net := conv.Config{}.Build(b, batch)
		optim.Minimize(b, optim.Adam{}, net.Tasks[0])
		m := suite.MachineOf(t, Config{}, b, nil)
		require.Equal(t, regions, strings.Contains(m.String(), "region["), "a batch of %d", batch)
		require.NoError(t, m.Close())
	}
}
