package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

func TestAllReadersLearnToReadDigits(t *testing.T) {
	var out strings.Builder
	folder := t.TempDir()
	require.NoError(t, run(&out, options{data: "digits", samples: 1500, epochs: 4, folder: folder}))
	t.Log(out.String())
	accuracies := map[string]float64{"unrolled GRU": 0, "graph.GRU": 0, "transformer": 0}
	for name := range accuracies {
		accuracies[name] = last(t, out.String(), name, "accuracy")
		require.Greater(t, accuracies[name], 0.7, "%s: chance is a tenth", name)
	}
	require.InDelta(t, accuracies["graph.GRU"], accuracies["unrolled GRU"], 0.05)
	require.Less(t, last(t, out.String(), "hidden rows", "hidden"), last(t, out.String(), "hidden rows", "around"))
	require.FileExists(t, filepath.Join(folder, "attention.png"))
}

// last reads a number of the last epoch of a net.
func last(t *testing.T, out, net, number string) (v float64) {
	_, line, found := strings.Cut(out, net+" epoch 4/4")
	require.True(t, found)
	_, line, found = strings.Cut(line, "validation "+number+" ")
	require.True(t, found)
	_, err := fmt.Sscan(line, &v)
	require.NoError(t, err)
	return v
}

func TestTheUnrolledUnitIsThatOfTheLibrary(t *testing.T) {
	p := graph.NewParams(graph.Float64, 3)
	x, err := data.ArrayOf(data.NewDigits(1, 5), "x")
	require.NoError(t, err)
	values := func(read func(*graph.Builder, *graph.Node) *graph.Node) (all [][]float64) {
		b := graph.New(p, graph.Config{Training: true})
		h := read(b.Scope("reader"), b.Input("x", 5, rows, columns))
		b.Output("h", h)
		for i, grad := range b.Grad(b.Sum(b.Square(h)), b.Node(p.Get("reader/wx")), b.Node(p.Get("reader/wh")), b.Node(p.Get("reader/b"))) {
			b.Output(fmt.Sprint(i), grad)
		}
		program, err := b.Program()
		require.NoError(t, err)
		m, err := cpu.Config{Strict: true}.Compile(program)
		require.NoError(t, err)
		defer m.Close()
		require.NoError(t, m.Feed("x", x.Values))
		require.NoError(t, vm.Run(m))
		for _, name := range []string{"h", "0", "1", "2"} {
			v, err := m.Floats(name)
			require.NoError(t, err)
			all = append(all, v)
		}
		return all
	}
	want := values(layer)
	for i, got := range values(unrolled) {
		require.InDeltaSlice(t, want[i], got, 1e-10)
	}
}
