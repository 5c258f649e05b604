package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

const file = "testdata/valley.npz"

var update = flag.Bool("update", false, "regenerate the table")

func TestTheAutoencoderFindsAnomaliesThatTheDistanceFromTheMeanMisses(t *testing.T) {
	var out bytes.Buffer
	ae, mean, err := run(&out, options{file: file, epochs: 60, code: 2})
	require.NoError(t, err)
	require.Greater(t, ae, 0.9)
	require.Less(t, mean, 0.7)
	require.Contains(t, out.String(), fmt.Sprintf("30 anomalies and 285 other rows of 6 columns: ROC-AUC %.3f", ae))
}

func TestAFileWithoutATableOrAnomaliesIsAnError(t *testing.T) {
	_, _, err := run(&bytes.Buffer{}, options{file: "testdata"})
	require.ErrorContains(t, err, "testdata")
	plain := filepath.Join(t.TempDir(), "plain.npz")
	require.NoError(t, os.WriteFile(plain, npz(t, []float32{1, 2, 3, 4}, []int32{0, 0}), 0o644))
	_, _, err = run(&bytes.Buffer{}, options{file: plain, epochs: 1, code: 1})
	require.ErrorContains(t, err, "plain.npz: y is 1 for no row")
}

// TestTheBundledTableMatchesItsGenerator regenerates the table: rows of six columns that
// depend on two numbers, and 30 anomalies that mix columns of different rows.
func TestTheBundledTableMatchesItsGenerator(t *testing.T) {
	const rows, columns = 600, 6
	random := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, rows*columns), make([]int32, rows)
	for i := range rows {
		var row [columns]float64
		for k := range columns {
			if y[i] = int32(i % 20 / 19); k == 0 || y[i] == 1 {
				u, v := 2*random.Float64()-1, 2*random.Float64()-1
				row = [columns]float64{u, v, u * u, u * v, u - v*v, v + u}
			}
			x[i*columns+k] = float32(math.Round(1000 * row[k])) // in thousandths, which round the same on all platforms
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, npz(t, x, y), 0o644))
	}
	table, err := data.OpenNPZ(file)
	require.NoError(t, err)
	rowsOf, err := table.Array("X")
	require.NoError(t, err)
	require.Equal(t, x, rowsOf.Values)
	labels, err := table.Array("y")
	require.NoError(t, err)
	for i, v := range labels.Values {
		require.EqualValues(t, y[i], v, "row %d", i)
	}
}

// npz returns a file as numpy.savez_compressed writes it.
func npz(t *testing.T, x []float32, y []int32) []byte {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, array := range map[string]struct {
		header string
		values any
	}{
		"X.npy": {fmt.Sprintf("{'descr': '<i2', 'fortran_order': False, 'shape': (%d, %d), }\n", len(y), len(x)/len(y)), whole(x)},
		"y.npy": {fmt.Sprintf("{'descr': '<i4', 'fortran_order': False, 'shape': (%d,), }\n", len(y)), y},
	} {
		w, err := archive.Create(name)
		require.NoError(t, err)
		for _, part := range []any{[]byte("\x93NUMPY\x01\x00"), uint16(len(array.header)), []byte(array.header), array.values} {
			require.NoError(t, binary.Write(w, binary.LittleEndian, part))
		}
	}
	require.NoError(t, archive.Close())
	return out.Bytes()
}

func whole(x []float32) []int16 {
	out := make([]int16, len(x))
	for i, v := range x {
		out[i] = int16(v)
	}
	return out
}
