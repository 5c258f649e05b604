package conv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("convolutional autoencoder "+c.String(), c.Build)
}

// String describes the net by its channels, such as "1-16-8-8-8-8-16-1 28x28 relu
// bce", with a dense code in parentheses. What is not the default follows, and the
// crops of images whose sides Factor does not divide, such as "crop 8x10 to 7x10".
func (c Config) String() string {
	c = c.withDefaults()
	back := append(slices.Clone(c.Decoder), c.Channels)
	if c.Tied && len(c.Encoder) > 0 {
		back = append([]int{c.Channels}, c.Encoder[:len(c.Encoder)-1]...)
		slices.Reverse(back)
	}
	var channels []string
	add := func(counts ...int) {
		for _, n := range counts {
			channels = append(channels, fmt.Sprint(n))
		}
	}
	add(c.Channels)
	add(c.Encoder...)
	if c.Code != 0 {
		channels = append(channels, fmt.Sprintf("(%d)", c.Code))
	}
	add(back...)
	size := c.dimensions(c.Size)
	if c.Steps != 0 {
		size += " steps"
	}
	parts := []string{strings.Join(channels, "-"), size, string(c.Activation), c.Loss.String()}
	for _, p := range []struct {
		said bool
		text string
	}{
		{c.Down == Stride && c.Up == Transpose, "strided"},
		{c.Down == Stride && c.Up != Transpose || c.Down == Average, "down " + string(c.Down)},
		{c.Up == Transpose && c.Down != Stride || c.Up == Bilinear, "up " + string(c.Up)},
		{c.ShrinkLast, "shrink last"},
		{c.Tied, "tied"},
		{c.Separable, "separable"},
		{c.Residual != 0, fmt.Sprintf("%d residual", c.Residual)},
		{c.Norm != "", string(c.Norm) + " norm"},
		{c.Noise.String() != "", c.Noise.String()},
		{c.crops() != "", c.crops()},
	} {
		if p.said {
			parts = append(parts, p.text)
		}
	}
	return strings.Join(parts, " ")
}

// crops lists the crops of enlarged images, or is "" if there are none. Bilinear
// interpolation has any size as its result, and crops nothing.
func (c Config) crops() string {
	if c.Up == Bilinear || len(c.Encoder) == 0 || min(c.Factor[0], c.Factor[1]) < 1 {
		return ""
	}
	var out []string
	for i := c.deepest(); i > 0; i-- {
		from, to := c.size(i), c.size(i-1)
		if from = (graph.Pair{from[0] * c.Factor[0], from[1] * c.Factor[1]}); from != to {
			out = append(out, fmt.Sprintf("crop %s to %s", c.dimensions(from), c.dimensions(to)))
		}
	}
	return strings.Join(out, ", ")
}

// dimensions are the rows and columns of images, or the steps of series.
func (c Config) dimensions(size graph.Pair) string {
	if c.Steps != 0 {
		return fmt.Sprint(size[1])
	}
	return dimensions(size)
}

func dimensions(size graph.Pair) string { return fmt.Sprintf("%dx%d", size[0], size[1]) }
