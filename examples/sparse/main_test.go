package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
)

func TestCodesAreSparseAndContractiveCodesChangeLess(t *testing.T) {
	var out strings.Builder
	folder := t.TempDir()
	r, err := run(&out, options{data: "digits", samples: 1000, epochs: 5, units: 1000, folder: folder})
	require.NoError(t, err)
	t.Log(out.String())
	plain, sparse, free, contractive := r[0], r[1], r[2], r[3]
	require.Greater(t, plain["active"], 0.2)
	require.Less(t, sparse["active"], 0.0321, "32 of 1000")
	require.Greater(t, sparse["active"], 0.02)
	require.Less(t, sparse["mse"], 0.06, "the mean picture's is 0.08")
	require.Less(t, contractive["jacobian"], 0.8*free["jacobian"])
	require.Less(t, contractive["mse"], 1.2*free["mse"])
	require.FileExists(t, filepath.Join(folder, "sparse.png"))
}

// The norm is that of the derivatives of every element of the code by every pixel, here
// differences of codes of pictures in which one pixel differs.
func TestTheNormIsThatOfTheJacobian(t *testing.T) {
	const step = 1.0 / 16
	for _, m := range []net{{20, "sigmoid", 0, 0.1}, {20, "relu", 12, 0}} {
		set := data.NewDigits(1, 1)
		ae, err := stheno.Train(t.Context(), m, set, stheno.Options{Batch: 1})
		require.NoError(t, err)
		defer ae.Close()
		means, err := ae.Evaluate(t.Context(), set)
		require.NoError(t, err)
		x, err := data.ArrayOf(set, "x")
		require.NoError(t, err)
		var moved []float32
		for i := range pixels {
			for _, by := range []float32{-step, step} {
				at := len(moved) + i
				moved = append(moved, x.Values...)
				moved[at] += by
			}
		}
		codes, err := ae.Encode(moved)
		require.NoError(t, err)
		norm := 0.0
		for i := range pixels {
			for k := range m.Units {
				slope := float64(codes[(2*i+1)*m.Units+k]-codes[2*i*m.Units+k]) / (2 * step)
				norm += slope * slope
			}
		}
		require.InEpsilon(t, norm, means["jacobian"], 0.01, m.Activation)
	}
}
