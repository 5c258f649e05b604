package zoo_test

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// A model that cannot learn eight samples by heart cannot learn anything.
func TestEveryModelLearnsEightSamplesByHeart(t *testing.T) {
	for _, e := range zoo.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s, err := train.NewTrainStep(e.Model, 8, train.Options{
				Backend: cpu.Config{Threads: 1}, Optimizer: optim.Adam{Rate: new(cmp.Or(e.Rate, 0.01))}, Seed: 1,
			})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			r := rand.New(rand.NewPCG(2, 1))
			for _, m := range s.Machines() {
				in := e.Feed(m.Program(), r)
				for _, name := range slices.Sorted(maps.Keys(in)) {
					x := in[name]
					for i := range x {
						if e.Draw[name] == nil {
							x[i] = float32(math.Round(float64(x[i]))) // the cross entropy of grey values does not fall to 0
						}
					}
					require.NoError(t, s.Feed(name, x))
				}
			}
			at := slices.Index(s.Names(), cmp.Or(e.Metric, s.Names()[0]))
			require.GreaterOrEqual(t, at, 0, "%q is not among %v", e.Metric, s.Names())
			var first, last float64
			for i := range cmp.Or(e.Steps, 300) {
				values, err := s.Run(i, 0)
				require.NoError(t, err)
				if last = values[at]; i == 0 {
					first = last
				}
			}
			require.Less(t, last, first*cmp.Or(e.Least, 0.5), "of %v at the start", first)
		})
	}
}

func TestNamesOfModelsAreUnique(t *testing.T) {
	names := map[string]bool{}
	for _, e := range zoo.All() {
		require.False(t, names[e.Name], e.Name)
		names[e.Name] = true
	}
}
