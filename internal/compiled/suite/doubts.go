package suite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func (on Machine) doubtfulNodesAreReportedAndLogged(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(512), gorgonia.WithInit(gorgonia.Ones()))
	first := must(gorgonia.Slice(x, gorgonia.S(0, 128)))
	y := must(gorgonia.Add(must(gorgonia.Tanh(first)), must(gorgonia.Slice(x, gorgonia.S(256, 384)))))
	must(gorgonia.Sum(y))
	var log strings.Builder
	m := on.With(Settings{Log: &log}).New(g)
	defer m.Close()
	const want = "slices 0:128 and 256:384 of axis 0 of x are one node"
	require.Contains(t, log.String(), want)
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	for _, n := range m.Report() {
		if n.Node == first {
			require.Contains(t, n.Doubt, want)
		} else {
			require.Empty(t, n.Doubt, "%v", n.Node)
		}
	}
	require.Contains(t, m.Report().String(), "doubtful: "+want)

	log.Reset()
	plain := gorgonia.NewGraph()
	must(gorgonia.Sum(must(gorgonia.Tanh(vector(plain, "x", 1, 2)))))
	require.NoError(t, on.With(Settings{Log: &log}).New(plain).Close())
	require.Empty(t, log.String())
}
