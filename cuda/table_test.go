//go:build gpu

package cuda

import (
	"context"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda/internal/emulated"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// tableOf is a table whose element k of row i is 10 i + k.
func tableOf(t *testing.T, dtype graph.Dtype, rows, size int) vm.Table {
	table, err := Config{}.Hold(dtype, rows, size)
	require.NoError(t, err)
	x := make([]float32, rows*size)
	for i := range x {
		x[i] = float32(10*(i/size) + i%size)
	}
	require.NoError(t, table.Write(1, x[size:]))
	require.NoError(t, table.Write(0, x[:size]))
	return table
}

// Rows come from the table, scalars and other inputs from the host, with two runs in
// flight; a fed input is no longer a table's.
func TestInputsAreRowsOfATable(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x, y, s := b.Input("x", 2, 3), b.Input("y", 2), b.Scalar("s", 100)
		m := suite.MachineOf(t, Config{}, b, nil, b.Add(b.Add(b.Sum(x, 1), y), s))
		g := m.(vm.Gatherer)
		table := tableOf(t, dtype, 300, 3)
		want := func(a, b float64) {
			require.NoError(t, m.Wait())
			got, err := m.Floats("out0")
			require.NoError(t, err)
			require.Equal(t, []float64{a, b}, got)
		}
		index := []int{299, 7}
		require.NoError(t, g.Gather("x", table, index))
		require.NoError(t, m.Feed("y", []float32{1, 2}))
		require.NoError(t, m.Start())
		index[0] = 0 // the machine has copied it
		require.NoError(t, g.Gather("x", table, []int{0, 0}))
		require.NoError(t, m.Set("s", 200))
		require.NoError(t, m.Start())
		want(3*2990+3+1+100, 3*70+3+2+100)
		want(3+1+200, 3+2+200)
		require.NoError(t, m.Verify())
		require.NoError(t, m.Start())
		want(3+1+200, 3+2+200)
		require.NoError(t, m.Feed("x", make([]float32, 6)))
		require.NoError(t, m.Start())
		want(201, 202)
		require.NoError(t, m.Close())
		require.NoError(t, table.Close())
		require.NoError(t, table.Close())
	}
}

// Tables of both types, made and closed at the same time, share the kernels.
func TestTablesShareTheirKernels(t *testing.T) {
	d := emulator(t)
	before := d.Calls("cuModuleLoadDataEx")
	first := tableOf(t, graph.Float32, 2, 1)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			dtype := []graph.Dtype{graph.Float32, graph.Float64}[i%2]
			table, err := Config{}.Hold(dtype, 3, 2)
			if assert.NoError(t, err) {
				assert.NoError(t, table.Write(0, make([]float32, 6)))
				assert.NoError(t, table.Close())
			}
		})
	}
	wait.Wait()
	require.NoError(t, first.Close())
	require.Equal(t, 1, d.Calls("cuModuleLoadDataEx")-before)
	require.Equal(t, emulated.Live{}, d.Live())
}

func TestMistakesWithTablesAreErrors(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	m := suite.MachineOf(t, Config{}, b, nil, b.Add(b.Sum(b.Input("x", 2, 3)), b.Scalar("s", 1)))
	defer m.Close()
	g := m.(vm.Gatherer)
	table, other, wide := tableOf(t, graph.Float32, 4, 3), tableOf(t, graph.Float32, 4, 2), tableOf(t, graph.Float64, 4, 3)
	defer other.Close()
	defer wide.Close()
	_, tooLarge := Config{}.Hold(graph.Float32, math.MaxInt32, 1<<24)
	require.ErrorIs(t, tooLarge, vm.ErrNoRoom)
	_, empty := Config{}.Hold(graph.Float32, 0, 3)
	cases := []struct {
		err  error
		says string
	}{
		{tooLarge, "a table may take half"},
		{empty, "a table of 0 rows of 3 elements"},
		{g.Gather("x", nil, []int{0, 0}), "there is no table"},
		{g.Gather("z", table, []int{0, 0}), `"z"`},
		{g.Gather("s", table, []int{0}), "it is a scalar"},
		{g.Gather("x", table, []int{0}), "want 2 rows for shape [2 3], got 1"},
		{g.Gather("x", table, []int{0, 4}), "index 4, for sample 1 of the batch, is not in a table of 4 rows"},
		{g.Gather("x", table, []int{-1, 0}), "index -1"},
		{g.Gather("x", other, []int{0, 0}), "want rows of 3 elements"},
		{g.Gather("x", wide, []int{0, 0}), "float64"},
		{table.Write(3, make([]float32, 6)), "rows 3 to 4 of a table of 4"},
		{table.Write(0, make([]float32, 4)), "no whole rows of 3"},
		{table.Read(4, make([]float64, 3)), "row 4"},
	}
	for _, c := range cases {
		require.ErrorContains(t, c.err, c.says)
	}
	require.NoError(t, g.Gather("x", table, []int{0, 1}))
	require.NoError(t, table.Close())
	require.ErrorContains(t, m.Start(), "the table is closed")
	require.ErrorContains(t, table.Write(0, nil), "closed")
	require.NoError(t, m.Feed("x", make([]float32, 6)))
	require.NoError(t, vm.Run(m)) // the error left the machine usable
}

// sending is a backend whose samples are sent in each step: it hides the tables of cuda.
type sending struct{ vm.Backend }

// The samples are on the GPU; the losses are, to the bit, those of samples that are sent.
func TestTrainingFromTablesIsThatFromTheHost(t *testing.T) {
	fit := func(on vm.Backend) []train.Epoch {
		r, err := train.Fit(context.Background(), dense.Config{Input: 16, Hidden: []int{8, 3}}, squares(50),
			train.Options{Backend: on, Epochs: 3, Batch: 12, Seed: 7, Validation: squares(20)})
		require.NoError(t, err)
		return r.Epochs
	}
	want, got := fit(sending{Config{}}), fit(Config{})
	for i := range want {
		require.Equal(t, want[i].Losses, got[i].Losses)
		require.Equal(t, want[i].Validation, got[i].Validation)
	}
	require.InEpsilonSlice(t, fit(cpu.Config{})[2].Losses, got[2].Losses, 1e-5)
}
