package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Down names how the image shrinks in the encoder.
type Down string

const (
	Max     Down = "max"     // the greatest value of every window of the size Factor
	Average Down = "average" // the mean of every window of the size Factor
	Stride  Down = "stride"  // the convolution itself, with the stride Factor
)

// Check returns an error unless it is "" or one of the above.
func (d Down) Check() error {
	if d != "" && d != Max && d != Average && d != Stride {
		return fmt.Errorf("%q is unknown: want %q, %q or %q", string(d), string(Max), string(Average), string(Stride))
	}
	return nil
}

// Up names how the image grows in the decoder.
type Up string

const (
	Nearest   Up = "nearest"   // copies of every pixel, followed by a convolution
	Bilinear  Up = "bilinear"  // interpolation, followed by a convolution
	Transpose Up = "transpose" // a transposed convolution with the stride Factor
)

// Check returns an error unless it is "" or one of the above.
func (u Up) Check() error {
	if u != "" && u != Nearest && u != Bilinear && u != Transpose {
		return fmt.Errorf("%q is unknown: want %q, %q or %q", string(u), string(Nearest), string(Bilinear), string(Transpose))
	}
	return nil
}

// pool shrinks the image by Factor, rounded up.
func (c Config) pool(b *graph.Builder, x *graph.Node) *graph.Node {
	if c.Down == Average {
		return graph.AvgPool2D{Size: c.Factor, Padding: graph.Same}.Apply(b, x)
	}
	return graph.MaxPool2D{Size: c.Factor, Padding: graph.Same}.Apply(b, x)
}

// grow enlarges the image to a size for the i-th time.
func (c Config) grow(b *graph.Builder, i int, x *graph.Node, to graph.Pair) *graph.Node {
	up := b.Scope(fmt.Sprintf("up%d", i))
	if c.Up == Bilinear {
		return graph.Resize2D{Size: to}.Apply(up, x)
	}
	return cut(b.Scope(fmt.Sprintf("cut%d", i)), graph.Upsample2D{Factor: c.Factor}.Apply(up, x), to)
}

// cut keeps the first rows and columns of images that are larger than to.
func cut(b *graph.Builder, x *graph.Node, to graph.Pair) *graph.Node {
	if x == nil || x.Shape()[2] == to[0] && x.Shape()[3] == to[1] {
		return x
	}
	return b.Layer("Cut", b.Slice(b.Slice(x, 2, 0, to[0]), 3, 0, to[1]))
}
