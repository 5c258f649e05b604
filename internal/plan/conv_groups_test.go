package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

// A machine is asked about the same convolution for its result and for both gradients.
func TestDepthwiseConvolutionsStayWholeWhereTheMachineRunsThem(t *testing.T) {
	g := lower.Geometry{Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 4}
	x, w, y := lower.Shape{2, 4, 7, 7}, lower.Shape{4, 1, 3, 3}, lower.Shape{2, 4, 3, 3}
	for _, c := range []struct {
		prim lower.Prim
		in   [2]lower.Shape
	}{
		{lower.Conv{Geometry: g}, [2]lower.Shape{x, w}},
		{lower.ConvData{Geometry: g, In: [2]int{7, 7}}, [2]lower.Shape{y, w}},
		{lower.ConvFilter{Geometry: g, Kernel: [2]int{3, 3}}, [2]lower.Shape{x, y}},
	} {
		for _, runs := range []bool{false, true} {
			f := lower.NewFunc(c.in[:]...)
			f.Return(f.Apply(c.prim, f.In(0), f.In(1))...)
			target := Target{Depthwise: func(geometry lower.Geometry, images, kernels, result lower.Shape) bool {
				require.Equal(t, []any{g, x, w, y}, []any{geometry, images, kernels, result})
				return runs
			}}
			out, err := target.splitGroups(f)
			require.NoError(t, err)
			require.Equal(t, runs, strings.Contains(fmt.Sprint(out), fmt.Sprintf("= %v", c.prim)))
		}
	}
}
