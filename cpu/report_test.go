package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

func TestReportSaysWhereEveryNodeIs(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := dense.Config{Input: 8, Hidden: []int{4}}.Build(b, 3)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	m := suite.MachineOf(t, Config{Strict: true}, b, nil, net.Tasks[0].Loss)
	defer m.Close()
	places := map[string]int{}
	for _, n := range m.Report() {
		require.NotEmpty(t, n.Place)
		require.Less(t, n.Step, len(m.(*compiled.Program).Plan().Steps))
		if n.Node.Op() != nil {
			require.NotEmpty(t, n.Op)
		}
		switch {
		case n.Place == "input":
			places["input"]++
		case n.Step < 0:
			require.Equal(t, "not needed", n.Place)
		default:
			places[n.Place[:5]]++ // "step " or "withi"
		}
	}
	require.NotZero(t, places["input"])
	require.NotZero(t, places["step "])
	require.NotZero(t, places["withi"])
	text := m.Report().String()
	require.Contains(t, text, ", in ", "updates are computed in the parameters' memory")
	require.Contains(t, text, "encoder/fc1: matmul (3, 4): within step ")
	require.Contains(t, text, "\n4 bytes published in each run\n", "the loss alone")
	require.NoError(t, m.Close())
	require.Nil(t, m.Report())
}
