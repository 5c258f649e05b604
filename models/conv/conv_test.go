package conv_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/optim"
)

func TestParametersAreCountedByHand(t *testing.T) {
	for _, c := range []struct {
		config conv.Config
		want   int
		code   graph.Shape
	}{
		{conv.Config{}, (1*16+16*8+8*8+8*8+8*8+8*16+16*1)*9 + 16 + 8 + 8 + 8 + 8 + 16 + 1, graph.Shape{5, 8, 7, 7}},
		{conv.Config{Strided: true}, (1*16+16*8+8*8+8*8+8*8+8*16+16*1)*9 + 16 + 8 + 8 + 8 + 8 + 16 + 1, graph.Shape{5, 8, 7, 7}},
		{conv.Config{Encoder: []int{4}}, (1*4+4*4+4*1)*9 + 4 + 4 + 1, graph.Shape{5, 4, 28, 28}},
		{conv.Config{Encoder: []int{4, 2}, Decoder: []int{3, 5}, Channels: 3, Kernel: graph.Pair{5, 1}},
			(3*4+4*2+2*3+3*5+5*3)*5 + 4 + 2 + 3 + 5 + 3, graph.Shape{5, 2, 14, 14}},
	} {
		t.Run(c.config.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{Training: true})
			net := c.config.Build(b, 5)
			require.NoError(t, b.Err())
			require.Equal(t, c.want, p.Count())
			require.Equal(t, c.code, graph.Shape(net.Outputs["code"].Shape()))
			require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape())
		})
	}
}

func TestSummaryShowsStridedNets(t *testing.T) {
	s, err := conv.Config{Strided: true, Size: graph.Pair{7, 10}}.Summary()
	require.NoError(t, err)
	require.Equal(t, `convolutional autoencoder 1-16-8-8-8-8-16-1 7x10 relu bce strided crop 4x6 to 4x5, crop 8x10 to 7x10
----------------------------------------------------
Layer          Kind             Output       Weights
----------------------------------------------------
encoder/conv1  Conv2D           [N 16 4 5]       160
encoder/conv2  Conv2D           [N 8 2 3]      1,160
encoder/conv3  Conv2D           [N 8 2 3]        584
decoder/conv1  Conv2D           [N 8 2 3]        584
decoder/up1    ConvTranspose2D  [N 8 4 5]        584
decoder/up2    ConvTranspose2D  [N 16 7 10]    1,168
decoder/conv2  Conv2D           [N 1 7 10]       145
----------------------------------------------------
Trainable weights: 4,385 (17.1 KiB)
States: 0 (0 B)
`, s)
}

// TestFlopsMatchTheCountByHand counts the multiply-adds of a training step of 128
// images: those of all convolutions, of their filter gradients and, except for the
// first one, their data gradients.
func TestFlopsMatchTheCountByHand(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	net := conv.Config{}.Build(b, 128)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	require.NoError(t, b.Err())
	flops := int64(0)
	for _, n := range b.Graph().AllNodes() {
		if a, ok := op.At(n); ok {
			flops += a.Lowered().Flops()
		}
	}
	first := int64(1 * 16 * 9 * 28 * 28)
	all := first + 9*(16*8*14*14+8*8*7*7+8*8*7*7+8*8*14*14+8*16*28*28+16*1*28*28)
	require.Equal(t, 2*128*(3*all-first), flops)
	require.InEpsilon(t, 1.141e9, flops, 1e-3)
}

// rectangles returns 8 images of one rectangle each.
func rectangles(channels, rows, cols int) []float64 {
	x := make([]float64, 8*channels*rows*cols)
	for i := range x {
		n, r, c := i/(channels*rows*cols), i/cols%rows, i%cols
		if r >= n%4 && r < n%4+rows/3 && c >= n/2 && c < n/2+cols/2 {
			x[i] = 1
		}
	}
	return x
}

func TestOneBatchIsOverfitted(t *testing.T) {
	for _, c := range []conv.Config{
		{Size: graph.Pair{12, 10}},
		{Size: graph.Pair{13, 11}, Strided: true},
		{Size: graph.Pair{12}, Channels: 2, Encoder: []int{8, 8}, Loss: graph.MSE, Activation: "tanh"},
	} {
		t.Run(c.String(), func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 3), graph.Config{Training: true})
			net := c.Build(b, 8)
			optim.Minimize(b, optim.Adam{Rate: new(0.01)}, net.Tasks[0])
			b.Output("loss", net.Tasks[0].Loss)
			require.NoError(t, b.Err())
			s := b.InputNode("x").Shape()
			m := modeltest.Compile(t, b, modeltest.Inputs{"x": rectangles(s[1], s[2], s[3])})
			var losses []float64
			for range 120 {
				losses = append(losses, modeltest.Run(t, m)["loss"][0])
			}
			t.Logf("loss %.4f to %.4f", losses[0], losses[len(losses)-1])
			require.Less(t, losses[len(losses)-1], losses[0]/10)
		})
	}
}

func TestImagesOfAnySizeAreRestored(t *testing.T) {
	for _, size := range []graph.Pair{{1, 9}, {5, 5}, {7, 12}, {13, 13}, {28, 30}, {31, 17}} {
		for _, factor := range []graph.Pair{{}, {3}, {1, 2}} {
			for _, strided := range []bool{false, true} {
				c := conv.Config{Size: size, Channels: 2, Encoder: []int{3, 2, 4}, Factor: factor, Strided: strided}
				name := fmt.Sprintf("%v, factor %v, strided=%v", size, factor, strided)
				p := graph.NewParams(graph.Float32, 1)
				b := graph.New(p, graph.Config{})
				net := c.Build(b, 2)
				require.NoError(t, b.Err(), name)
				require.Equal(t, b.InputNode("x").Shape(), net.Outputs["recon"].Shape(), name)
				require.Len(t, b.Grad(net.Tasks[0].Loss, b.InputNode("x")), 1)
				require.NoError(t, b.Err(), name)
			}
		}
	}
}

// TestPartsShareTheParameters builds the decoder alone, with the parameters of the
// whole net, and runs it on the code of the whole net.
func TestPartsShareTheParameters(t *testing.T) {
	for _, strided := range []bool{false, true} {
		c := conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Strided: strided}
		p := graph.NewParams(graph.Float32, 5)
		dec := graph.New(p, graph.Config{})
		dec.Output("recon", c.Recon(dec, c.Decode(dec, dec.Input("z", 2, 2, 3, 3))))

		whole := graph.New(p, graph.Config{})
		modeltest.Name(whole, c.Build(whole, 2))
		x := make([]float64, 2*5*6)
		for i := range x {
			x[i] = math.Abs(math.Sin(float64(i)))
		}
		want := modeltest.Run(t, modeltest.Compile(t, whole, modeltest.Inputs{"x": x}))
		got := modeltest.Run(t, modeltest.Compile(t, dec, modeltest.Inputs{"z": want["code"]}))
		require.Equal(t, want["recon"], got["recon"])
	}
}

func TestInvalidConfigsNameTheLayer(t *testing.T) {
	for _, c := range []struct {
		name   string
		config conv.Config
		batch  int
		want   string
	}{
		{"negative size", conv.Config{Size: graph.Pair{28, -1}}, 1, `layer "input": Size is [28 -1]`},
		{"no rows", conv.Config{Size: graph.Pair{0, 28}}, 1, `layer "input": Size is [0 28]`},
		{"negative channels", conv.Config{Channels: -1}, 1, `layer "input": Size is [28 28] with -1`},
		{"no convolutions", conv.Config{Encoder: []int{}}, 1, `layer "encoder": Encoder is empty`},
		{"short decoder", conv.Config{Decoder: []int{8, 16}}, 1, `layer "decoder": Decoder has 2 convolutions, Encoder 3`},
		{"convolution to no channels", conv.Config{Encoder: []int{16, 0, 8}}, 1, `layer "encoder/conv2": Encoder[1] is 0`},
		{"negative decoder", conv.Config{Decoder: []int{8, 8, -16}}, 1, `layer "decoder/conv3": Decoder[2] is -16`},
		{"negative transposed convolution", conv.Config{Strided: true, Decoder: []int{8, -8, 16}}, 1, `layer "decoder/up1": Decoder[1] is -8`},
		{"negative kernel", conv.Config{Kernel: graph.Pair{3, -3}}, 1, `layer "encoder/conv1": Kernel is [3 -3]`},
		{"kernel without rows", conv.Config{Kernel: graph.Pair{0, 3}}, 1, `layer "encoder/conv1": Kernel is [0 3]`},
		{"negative factor", conv.Config{Factor: graph.Pair{-2}}, 1, `layer "encoder/pool1": Factor is [-2 -2]`},
		{"factor of one", conv.Config{Factor: graph.Pair{1}}, 1, `layer "encoder/pool1": an image of [28 28] cannot shrink by [1 1]`},
		{"strides that skip pixels", conv.Config{Strided: true, Factor: graph.Pair{4}}, 1, `layer "encoder/conv1": kernels of [3 3] with a stride of [4 4]`},
		{"too deep", conv.Config{Encoder: []int{8, 8, 8, 8, 8, 8, 8}}, 1, `layer "encoder/pool6": an image of [1 1] cannot shrink`},
		{"too deep, strided", conv.Config{Strided: true, Size: graph.Pair{4}, Encoder: []int{8, 8, 8, 8}}, 1, `layer "encoder/conv3": an image of [1 1]`},
		{"unknown activation", conv.Config{Activation: "rellu"}, 1, `layer "encoder/conv1": Activation: activation "rellu"`},
		{"unknown code activation", conv.Config{CodeActivation: "softmax"}, 1, `layer "encoder/conv3": CodeActivation`},
		{"unknown loss", conv.Config{Loss: "mae"}, 1, `layer "loss": Loss: "mae" is unknown`},
		{"series with a size", conv.Config{Steps: 10, Size: graph.Pair{28}}, 1, `layer "input": Size is [28 0] and Steps is 10`},
		{"negative steps", conv.Config{Steps: -1}, 1, `layer "input": Steps is -1`},
		{"negative code", conv.Config{Code: -1}, 1, `layer "encoder/code": Code is -1`},
		{"code larger than the image", conv.Config{Code: 785}, 1, `layer "encoder/code": Code is 785, more than the values of an image of [28 28] with 1 channels`},
		{"tied with a decoder", conv.Config{Tied: true, Decoder: []int{8, 8, 16}}, 1, `layer "decoder": Decoder is [8 8 16], and a Tied decoder`},
		{"tied and separable", conv.Config{Tied: true, Separable: true}, 1, `layer "decoder": Tied and Separable are set`},
		{"unknown down", conv.Config{Down: "min"}, 1, `layer "encoder/pool1": Down: "min" is unknown`},
		{"unknown up", conv.Config{Up: "cubic"}, 1, `layer "decoder/up1": Up: "cubic" is unknown`},
		{"unknown norm", conv.Config{Norm: "layer"}, 1, `layer "encoder/conv1/norm": Norm: "layer" is unknown`},
		{"groups without a norm", conv.Config{Groups: 2}, 1, `layer "encoder/conv1/norm": Groups is 2`},
		{"groups that do not divide", conv.Config{Norm: conv.GroupNorm, Groups: 3}, 1, `layer "encoder/conv1": 3 Groups do not divide its 16 channels`},
		{"groups that do not divide the decoder's", conv.Config{Norm: conv.GroupNorm, Groups: 8, Decoder: []int{8, 4, 16}}, 1, `layer "decoder/conv2": 8 Groups do not divide its 4 channels`},
		{"negative groups", conv.Config{Norm: conv.GroupNorm, Groups: -2}, 1, `layer "encoder/conv1/norm": Groups is -2`},
		{"negative blocks", conv.Config{Residual: -1}, 1, `layer "encoder/block1_1": Residual is -1`},
		{"transposed strides with gaps", conv.Config{Up: conv.Transpose, Factor: graph.Pair{4}}, 1, `kernels of [3 3] with a stride of [4 4]`},
		{"unknown noise", conv.Config{Noise: graph.Corruption{Kind: "pink"}}, 1, `layer "noise": kind "pink" is unknown`},
		{"noise of no kind", conv.Config{Noise: graph.Corruption{Level: .1}}, 1, `layer "noise": level 0.1 without a kind`},
		{"negative noise", conv.Config{Noise: graph.Corruption{Kind: graph.AddedNoise, Level: -1}}, 1, `layer "noise": level -1`},
		{"infinite noise", conv.Config{Noise: graph.Corruption{Kind: graph.AddedNoise, Level: math.Inf(1)}}, 1, `layer "noise": level +Inf`},
		{"masking above one", conv.Config{Noise: graph.Corruption{Kind: graph.Masking, Level: 1.5}}, 1, `layer "noise": level 1.5`},
		{"no probability", conv.Config{Noise: graph.Corruption{Kind: graph.SaltAndPepper, Level: math.NaN()}}, 1, `layer "noise": level NaN`},
		{"no batch", conv.Config{}, 0, `input "x"`},
		{"negative batch", conv.Config{}, -3, `input "x"`},
		{"image too large", conv.Config{Size: graph.Pair{1 << 20}}, 1, `input "x"`},
		{"kernel too large", conv.Config{Kernel: graph.Pair{1 << 20}}, 1, "encoder/conv1"},
		{"largest kernel", conv.Config{Kernel: graph.Pair{math.MaxInt}}, 1, "encoder/conv1"},
		{"too many channels", conv.Config{Encoder: []int{1 << 40}}, 1, "encoder/conv1"},
		{"bad initialiser", conv.Config{Init: graph.Uniform(1, -1)}, 1, "encoder/conv1/w"},
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
		`layer "encoder": conv: want images [N, 1, 28, 28], have [2 784]`:     func(b *graph.Builder) { conv.Config{}.Encode(b, b.Input("x", 2, 784)) },
		`layer "encoder": conv: want images [N, 1, 28, 28], have nil`:         func(b *graph.Builder) { conv.Config{}.Encode(b, nil) },
		`layer "decoder": conv: want images [N, 8, 7, 7], have [2 16 7 7]`:    func(b *graph.Builder) { conv.Config{}.Decode(b, b.Input("z", 2, 16, 7, 7)) },
		`layer "encoder": conv: want images [N, 1, 28, 28], have [2 3 28 28]`: func(b *graph.Builder) { conv.Config{}.Encode(b, b.Input("x", 2, 3, 28, 28)) },
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.NotPanics(t, func() { wrong(b) })
		require.ErrorContains(t, b.Err(), want)
	}
}
