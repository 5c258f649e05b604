package main

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheStrangestRowIsExplained(t *testing.T) {
	var text strings.Builder
	text.WriteString("length,width,kind,odd\n")
	for i := range 200 {
		v := math.Sin(float64(i * i))
		kind, width, odd := []string{"a", "b"}[i%2], 2*v, 0
		if i == 77 {
			width, odd = width+9, 1
		}
		fmt.Fprintf(&text, "%.3f,%.3f,%s,%d\n", v, width, kind, odd)
	}
	file := filepath.Join(t.TempDir(), "table.csv")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, options{table: file, label: "odd"}))
	require.Contains(t, out.String(), "row 78: score")
	require.Contains(t, out.String(), "width 7.545, above")
	require.Contains(t, out.String(), "1 of 200 rows: ROC-AUC 1.000")
}

func TestASeriesIsDrawnWithItsScore(t *testing.T) {
	var text strings.Builder
	text.WriteString("timestamp,value\n")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 400 {
		v := math.Sin(float64(i) / 4)
		if i > 300 && i < 320 {
			v = 3
		}
		fmt.Fprintf(&text, "%s,%.3f\n", start.Add(time.Duration(i)*time.Hour).Format(time.DateTime), v)
	}
	dir := t.TempDir()
	file, labels, picture := filepath.Join(dir, "s.csv"), filepath.Join(dir, "labels.json"), filepath.Join(dir, "s.png")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	require.NoError(t, os.WriteFile(labels, []byte(`[["2026-01-13 13:00:00", "2026-01-14 07:00:00"]]`), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, options{series: file, labels: labels, picture: picture, known: 200}))
	require.Contains(t, out.String(), "strange around 2026-01-1")
	require.Contains(t, out.String(), "VUS-PR")
	f, err := os.Open(picture)
	require.NoError(t, err)
	defer f.Close()
	_, err = png.Decode(f)
	require.NoError(t, err)
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	for _, o := range []options{{}, {table: "a.txt"}, {table: "nowhere.csv"}, {table: "a.npz"}, {table: "a.mat"}, {series: "nowhere.csv"}, {table: "a", series: "b"}} {
		require.Error(t, run(t.Context(), &strings.Builder{}, o))
	}
}
