package suite

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/programs"
)

// programsOfAllKindsGiveTheSameNumbers runs whole programs on Gorgonia's machine and on
// this one, and compares all that they read in each step. Where Gorgonia's machine is
// wrong, it compares with the right values.
func (on Machine) programsOfAllKindsGiveTheSameNumbers(t *testing.T) {
	for _, p := range programs.All() {
		for dtype, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-10, tensor.Float32: 1e-4} {
			if on.Slow && dtype == tensor.Float64 {
				continue // for an emulator, the kernels of one float type are enough
			}
			t.Run(fmt.Sprint(p.Name, "/", dtype), func(t *testing.T) {
				const steps = 5
				want, err := p.Run(p.Small, dtype, programs.TapeMachine, steps)
				require.NoError(t, err)
				got, err := p.Run(p.Small, dtype, programs.On(on.New), steps)
				require.NoError(t, err)
				require.Len(t, got, len(want))
				seen := map[string][]float64{}
				for i, w := range want {
					require.Equal(t, w.What, got[i].What)
					seen[w.What] = w.Numbers
					if right, ok := p.Right[w.What]; ok {
						w.Numbers = right(seen)
					}
					require.Len(t, got[i].Numbers, len(w.Numbers), w.What)
					for j, x := range w.Numbers {
						require.InDelta(t, x, got[i].Numbers[j], tol*(1+math.Abs(x)), "step %d, %s, element %d", w.Step, w.What, j)
					}
				}
			})
		}
	}
}
