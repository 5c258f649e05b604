package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

// Images that a program can read are written to memory anyway.
func TestRegionsAreUsedWhereMostImagesStayInside(t *testing.T) {
	relu := lower.Max(lower.Arg(0), lower.Num(0))
	for _, c := range []struct {
		returned int // of four images, all of one size
		region   bool
	}{{1, true}, {2, true}, {3, false}, {4, false}} {
		f := lower.NewFunc(lower.Shape{16, 2, 6, 6}, lower.Shape{2, 2, 1, 1})
		x := f.In(0)
		var images []lower.Value
		for range 2 {
			x = f.Apply(lower.Conv{Geometry: lower.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}}, x, f.In(1))[0]
			images = append(images, x)
			x = f.Map(relu, x)
			images = append(images, x)
		}
		f.Return(images[4-c.returned:]...)
		g, err := Target{Regions: 1}.split(f)
		require.NoError(t, err)
		require.NoError(t, g.Err())
		require.Equal(t, c.region, strings.Contains(fmt.Sprint(g), "region["), "%d images returned", c.returned)
	}
}

// A filter gradient alone reads its images once, in the order in which they lie.
func TestASumOverImagesAloneIsNoRegion(t *testing.T) {
	f := lower.NewFunc(lower.Shape{16, 2, 6, 6}, lower.Shape{16, 3, 6, 6})
	p := lower.ConvFilter{Geometry: lower.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Kernel: [2]int{1, 1}}
	f.Return(f.Apply(p, f.In(0), f.In(1))...)
	g, err := Target{Regions: 1}.split(f)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(g), "region[")
}
