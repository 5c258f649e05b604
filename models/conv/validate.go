package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Validate returns an error that names the first invalid layer or field.
func (c Config) Validate() error {
	if c.Steps != 0 && c.Size != (graph.Pair{}) && c.Size != (graph.Pair{1, c.Steps}) {
		return fmt.Errorf("conv: layer \"input\": Size is %v and Steps is %d: give Size for images or Steps for series", c.Size, c.Steps)
	}
	if c.Tied && c.Decoder != nil {
		return fmt.Errorf("conv: layer \"decoder\": Decoder is %v, and a Tied decoder has the channels of the encoder: leave Decoder nil", c.Decoder)
	}
	if c.Tied && c.Separable {
		return fmt.Errorf("conv: layer \"decoder\": Tied and Separable are set, and separable kernels are not shared: set one of them")
	}
	c = c.withDefaults()
	for _, check := range []func() error{c.checkShape, c.checkChannels, c.checkSizes, c.checkNames, c.checkNoise} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) checkShape() error {
	switch {
	case c.Steps < 0:
		return fmt.Errorf("conv: layer \"input\": Steps is %d, want at least 1, or 0 for images", c.Steps)
	case c.Size[0] < 1 || c.Size[1] < 1 || c.Channels < 1:
		return fmt.Errorf("conv: layer \"input\": Size is %v with %d Channels, want at least 1 of each", c.Size, c.Channels)
	case c.Code < 0:
		return fmt.Errorf("conv: layer \"encoder/code\": Code is %d, want at least 1, or 0 for the last convolution's image", c.Code)
	case float64(c.Code) > float64(c.Channels)*float64(c.Size[0])*float64(c.Size[1]):
		return fmt.Errorf("conv: layer \"encoder/code\": Code is %d, more than the values of an image of %v with %d channels: want at most as many", c.Code, c.Size, c.Channels)
	}
	return nil
}

func (c Config) checkChannels() error {
	if len(c.Encoder) == 0 {
		return fmt.Errorf("conv: layer \"encoder\": Encoder is empty: list at least the channels of the code, or set nil for 16, 8, 8")
	}
	if !c.Tied && len(c.Decoder) != len(c.Encoder) {
		return fmt.Errorf("conv: layer \"decoder\": Decoder has %d convolutions, Encoder %d: want the same number, or nil for the reverse of Encoder", len(c.Decoder), len(c.Encoder))
	}
	for i, n := range c.Encoder {
		if n < 1 {
			return fmt.Errorf("conv: layer \"encoder/conv%d\": Encoder[%d] is %d, want at least 1", i+1, i, n)
		}
		if hidden := i < len(c.Encoder)-1 || c.Code > 0; hidden && !c.groupsDivide(n) {
			return fmt.Errorf("conv: layer \"encoder/conv%d\": %d Groups do not divide its %d channels", i+1, c.Groups, n)
		}
	}
	for i, n := range c.Decoder {
		if n < 1 {
			return fmt.Errorf("conv: layer %q: Decoder[%d] is %d, want at least 1", "decoder/"+c.decoderName(i), i, n)
		}
		if !c.groupsDivide(n) {
			return fmt.Errorf("conv: layer %q: %d Groups do not divide its %d channels", "decoder/"+c.decoderName(i), c.Groups, n)
		}
	}
	return nil
}

func (c Config) checkSizes() error {
	if min(c.Kernel[0], c.Kernel[1]) < 1 {
		return fmt.Errorf("conv: layer \"encoder/conv1\": Kernel is %v, want at least 1", c.Kernel)
	}
	if min(c.Factor[0], c.Factor[1]) < 1 {
		return fmt.Errorf("conv: layer %q: Factor is %v, want at least 1", c.shrinkingLayer(0), c.Factor)
	}
	if (c.Down == Stride || c.Up == Transpose) && (c.Kernel[0] < c.Factor[0] || c.Kernel[1] < c.Factor[1]) {
		return fmt.Errorf("conv: layer \"encoder/conv1\": kernels of %v with a stride of %v skip pixels: make Kernel at least as large as Factor", c.Kernel, c.Factor)
	}
	for i := range c.deepest() {
		if c.size(i) == c.size(i+1) {
			return fmt.Errorf("conv: layer %q: an image of %v cannot shrink by %v: use fewer convolutions in Encoder", c.shrinkingLayer(i), c.size(i), c.Factor)
		}
	}
	if c.Residual < 0 {
		return fmt.Errorf("conv: layer \"encoder/block1_1\": Residual is %d, want at least 0", c.Residual)
	}
	return nil
}

func (c Config) checkNames() error {
	for _, name := range []struct {
		layer, field string
		check        func() error
	}{
		{c.shrinkingLayer(0), "Down", c.Down.Check},
		{"decoder/up1", "Up", c.Up.Check},
		{"encoder/conv1/norm", "Norm", c.Norm.Check},
		{"encoder/conv1", "Activation", c.Activation.Check},
		{fmt.Sprintf("encoder/conv%d", len(c.Encoder)), "CodeActivation", c.CodeActivation.Check},
		{"loss", "Loss", c.Loss.Check},
	} {
		if err := name.check(); err != nil {
			return fmt.Errorf("conv: layer %q: %s: %w", name.layer, name.field, err)
		}
	}
	if c.Groups != 0 && c.Norm != GroupNorm || c.Groups < 0 {
		return fmt.Errorf("conv: layer \"encoder/conv1/norm\": Groups is %d with the Norm %q: want a number above 0 with the Norm %q, or 0", c.Groups, c.Norm, GroupNorm)
	}
	return nil
}

// groupsDivide reports whether the groups divide a number of channels.
func (c Config) groupsDivide(channels int) bool {
	return c.Norm != GroupNorm || c.Groups < 1 || channels%c.Groups == 0
}

// shrinkingLayer names the layer in which the image shrinks for the i-th time, from
// 0.
func (c Config) shrinkingLayer(i int) string {
	if c.Down == Stride {
		return fmt.Sprintf("encoder/conv%d", i+1)
	}
	return fmt.Sprintf("encoder/pool%d", i+1)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

func (c Config) checkNoise() error {
	if err := c.Noise.Check(); err != nil {
		return fmt.Errorf("conv: layer \"noise\": %w", err)
	}
	return nil
}
