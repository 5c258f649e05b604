package plan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

func TestConvolvingBeforeUpsamplingComputesTheSame(t *testing.T) {
	for _, c := range []struct {
		factor, kernel [2]int
		pad            lower.Margins
		rewritten      bool
	}{
		{[2]int{2, 2}, [2]int{3, 3}, lower.Margins{Top: 1, Bottom: 1, Left: 1, Right: 1}, true},
		{[2]int{2, 2}, [2]int{3, 3}, lower.Margins{}, true},
		{[2]int{3, 2}, [2]int{3, 5}, lower.Margins{Top: 1, Bottom: 1, Left: 2, Right: 2}, true},
		{[2]int{2, 2}, [2]int{5, 5}, lower.Margins{Top: 2, Bottom: 2, Left: 2, Right: 2}, true},
		{[2]int{2, 2}, [2]int{2, 2}, lower.Margins{Bottom: 1, Right: 1}, true},
		{[2]int{2, 2}, [2]int{4, 4}, lower.Margins{Top: 2, Left: 1, Bottom: 1, Right: 2}, true},
		{[2]int{1, 2}, [2]int{2, 3}, lower.Margins{Left: 1, Right: 1}, true},
		{[2]int{2, 2}, [2]int{1, 1}, lower.Margins{}, false},
		{[2]int{2, 2}, [2]int{3, 3}, lower.Margins{Top: 2, Bottom: 2, Left: 2, Right: 2}, true},
	} {
		t.Run(fmt.Sprint(c.factor, c.kernel, c.pad), func(t *testing.T) {
			g := lower.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Pad: c.pad}
			const n, ins, outs, h, w = 2, 3, 2, 4, 3
			large := [2]int{h * c.factor[0], w * c.factor[1]}
			result, err := g.Windows(large, c.kernel)
			require.NoError(t, err)
			f := lower.NewFunc(lower.Shape{n, ins, h, w}, lower.Shape{outs, ins, c.kernel[0], c.kernel[1]}, lower.Shape{n, outs, result[0], result[1]})
			x := f.Apply(lower.PoolSpread{Window: upsampleWindow(c.factor), Divisor: lower.NoDivisor, In: large}, 0)[0]
			y := f.Apply(lower.Conv{Geometry: g}, x, 1)[0]
			dw := f.Apply(lower.ConvFilter{Geometry: g, Kernel: c.kernel}, x, 2)[0]
			dx := f.Apply(lower.PoolSum{Window: upsampleWindow(c.factor), Divisor: lower.NoDivisor},
				f.Apply(lower.ConvData{Geometry: g, In: large}, 2, 1)[0])[0]
			f.Return(y, dw, dx)
			require.NoError(t, f.Err())

			short, err := stepwise(Target{}.convOfUpsampled)(f)
			require.NoError(t, err)
			short, err = dropDead(short)
			require.NoError(t, err)
			require.NoError(t, short.Err())
			require.Equal(t, c.rewritten, !strings.Contains(short.String(), "pool_spread"), short.String())
			r := rand.New(rand.NewPCG(1, 2))
			var in []lower.Array[float64]
			for i := range f.Inputs() {
				a := lower.NewArray[float64](f.Shape(lower.Value(i)))
				for k := range a.Data {
					a.Data[k] = r.NormFloat64()
				}
				in = append(in, a)
			}
			want, err := interp.Run(f, in...)
			require.NoError(t, err)
			got, err := interp.Run(short, in...)
			require.NoError(t, err)
			for i := range want {
				require.InDeltaSlice(t, want[i].Data, got[i].Data, 1e-12)
			}
		})
	}
}
