package main

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/vm"
)

func TestAbnormalBeatsAreReconstructedBadly(t *testing.T) {
	t.Setenv("STHENO_DATA", "")
	var out strings.Builder
	areas, err := run(&out, options{epochs: 15})
	require.NoError(t, err)
	t.Log(out.String())
	require.Contains(t, out.String(), "the beats are generated")
	require.Contains(t, out.String(), "167 normal beats of 140 steps; 167 others and 166 abnormal ones")
	require.Greater(t, areas[0], 0.9)
	require.Greater(t, areas[1], 0.7, "half of what differs is often cut off")
}

func TestNothingReadsBeyondTheLength(t *testing.T) {
	x, _ := generated(9)
	n := data.Array{Name: "lengths", Values: []float32{140, 1, 70, 90, 139, 80, 100, 75, 120}}
	set, err := data.InMemory(x, n)
	require.NoError(t, err)
	ae, err := stheno.Train(t.Context(), recurrent{140, 8, 2}, set, stheno.Options{Epochs: 2})
	require.NoError(t, err)
	defer ae.Close()
	array := vm.Array{Name: "lengths", Shape: []int{9}, Data: n.Values}
	want, err := ae.Score(x.Values, array)
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(want, func(v float32) bool { return !(v > 0) }))
	for i := range x.Values {
		if i%140 >= int(n.Values[i/140]) {
			x.Values[i] = float32(math.NaN())
		}
	}
	got, err := ae.Score(x.Values, array)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAFileIsReadAndAWrongOneIsAnErrorThatNamesIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beats.txt")
	require.NoError(t, os.WriteFile(file, []byte("  1.0e+00  0.5 -1.5\n 4.0e+00  2.5  3.5\n"), 0o600))
	x, label, err := open(io.Discard, file)
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, x.Shape)
	require.Equal(t, []float32{0.5, -1.5, 2.5, 3.5}, x.Values)
	require.Equal(t, []float32{0, 1}, label.Values)

	_, _, err = open(io.Discard, "nowhere.txt")
	require.ErrorContains(t, err, "nowhere.txt")
	require.NoError(t, os.WriteFile(file, []byte("1 0.5 high\n"), 0o600))
	_, _, err = open(io.Discard, file)
	require.ErrorContains(t, err, "beats.txt: line 1")
}
