package conv_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// The net of the Keras blog has a code of 8x4x4 and 4,385 weights.
func TestTheCodeCanBeThePooledImage(t *testing.T) {
	for _, c := range []struct {
		config conv.Config
		code   graph.Shape
		want   int
		text   string
	}{
		{conv.Config{ShrinkLast: true}, graph.Shape{2, 8, 4, 4}, 4385, "1-16-8-8-8-8-16-1 28x28 relu bce shrink last crop 8x8 to 7x7"},
		{conv.Config{Encoder: []int{32, 32}, ShrinkLast: true, Up: conv.Transpose}, graph.Shape{2, 32, 7, 7},
			(1*32+32*32+32*32+32*32+32*1)*9 + 4*32 + 1, "1-32-32-32-32-1 28x28 relu bce up transpose shrink last"},
		{conv.Config{Encoder: []int{4, 2}, Code: 10}, graph.Shape{2, 10},
			(1*4+4*2+2*2+2*4+4*1)*9 + 4 + 2 + 2 + 4 + 1 + 2*2*14*14*10 + 10 + 2*14*14, "1-4-2-(10)-2-4-1 28x28 relu bce"},
		{conv.Config{Encoder: []int{4, 2}, Code: 10, Tied: true}, graph.Shape{2, 10},
			(1*4+4*2)*9 + 4 + 2 + 4 + 1 + 2*14*14*10 + 10 + 2*14*14, "1-4-2-(10)-4-1 28x28 relu bce tied"},
		{conv.Config{Encoder: []int{4, 2}, Residual: 1}, graph.Shape{2, 2, 14, 14},
			(1*4+4*2+2*2+2*4+4*1)*9 + 4 + 2 + 2 + 4 + 1 + (2*4*4+2*2*2+2*4*4)*9 + 2*(4+2+4), "1-4-2-2-4-1 28x28 relu bce 1 residual"},
		{conv.Config{Encoder: []int{4, 2}, Norm: conv.BatchNorm}, graph.Shape{2, 2, 14, 14},
			(1*4+4*2+2*2+2*4+4*1)*9 + 2*4 + 2 + 2*2 + 2*4 + 1, "1-4-2-2-4-1 28x28 relu bce batch norm"},
		{conv.Config{Encoder: []int{4, 2}, Separable: true}, graph.Shape{2, 2, 14, 14},
			1*4*9 + (4+2+2+4)*9 + (4*2 + 2*2 + 2*4 + 4*1) + 4 + 2 + 2 + 4 + 1, "1-4-2-2-4-1 28x28 relu bce separable"},
		{conv.Config{Steps: 140, Encoder: []int{4, 2}}, graph.Shape{2, 2, 70},
			(1*4+4*2+2*2+2*4+4*1)*3 + 4 + 2 + 2 + 4 + 1, "1-4-2-2-4-1 140 steps relu bce"},
	} {
		t.Run(c.config.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{Training: true})
			net := c.config.Build(b, 2)
			require.NoError(t, b.Err())
			weights := 0
			for _, q := range p.Trainable() {
				weights += q.Shape().Size()
			}
			require.Equal(t, c.want, weights)
			require.Equal(t, c.code, graph.Shape(net.Outputs["code"].Shape()))
			require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape())
			require.Equal(t, c.text, c.config.String())
		})
	}
}

func TestEveryVariantRestoresAnySize(t *testing.T) {
	for _, c := range variants {
		for _, size := range []graph.Pair{{28, 30}, {13, 31}, {17, 9}} {
			if c.Steps > 0 {
				c.Steps = size[1]
			} else {
				c.Size = size
			}
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			net := c.Build(b, 2)
			require.NoError(t, b.Err(), c)
			require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape(), c)
		}
	}
}

// With linear layers and biases of 0, a tied decoder D is the transpose of the encoder
// E: the inner products z E(x) and D(z) x are equal.
func TestATiedDecoderIsTheTransposeOfTheEncoder(t *testing.T) {
	for _, c := range []conv.Config{
		{Size: graph.Pair{7, 6}, Channels: 2, Encoder: []int{3, 4}, Strided: true},
		{Size: graph.Pair{7, 6}, Encoder: []int{3, 4}, Strided: true, ShrinkLast: true, Code: 5},
		{Steps: 9, Encoder: []int{3}},
	} {
		c.Tied, c.Activation, c.Loss = true, "linear", graph.MSE
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		net := c.Build(b, 1)
		require.NoError(t, b.Err())
		code := net.Outputs["code"]
		z := b.Input("z", code.Shape()...)
		y := c.Decode(b, z)
		b.Output("zEx", b.Sum(b.Mul(z, code)))
		b.Output("Dzx", b.Sum(b.Mul(y, b.InputNode("x"))))
		require.NoError(t, b.Err())
		in := modeltest.Inputs{}
		for _, name := range []string{"x", "z"} {
			for i := range b.InputNode(name).DataSize() {
				in[name] = append(in[name], math.Sin(float64(i*i+len(name))))
			}
		}
		out := modeltest.Run(t, modeltest.Compile(t, b, in))
		require.NotZero(t, out["zEx"][0])
		require.InDelta(t, out["zEx"][0], out["Dzx"][0], 1e-12, c)
	}
}

func TestResidualBlocksStartFromTheIdentityIfTheirLastKernelsAreZero(t *testing.T) {
	x := make([]float64, 5*6)
	for i := range x {
		x[i] = math.Abs(math.Sin(float64(i)))
	}
	recon := func(residual int) []float64 {
		c := conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Residual: residual}
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{})
		modeltest.Name(b, c.Build(b, 1))
		require.NoError(t, b.Err())
		for k := range 2 * residual {
			for _, block := range []string{"encoder/block1_", "decoder/block1_", "decoder/block2_"} {
				if w := p.Get(block + string(rune('1'+k)) + "/conv2/w"); w != nil {
					require.NoError(t, w.SetFloats(make([]float64, w.Shape().Size())))
				}
			}
		}
		return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))["recon"]
	}
	require.Equal(t, recon(0), recon(2))
}
