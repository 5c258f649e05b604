package detect

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/metrics"
)

var (
	onlyTables = flag.String("tables", "", "names of tables for TestODDS and TestADBench, with commas; all by default")
	seeds      = flag.Int("seeds", 5, "trainings of each table in TestODDS and TestADBench")
)

// oddsTables are the 17 tables of PyOD's benchmark.
var oddsTables = []string{"arrhythmia", "cardio", "glass", "ionosphere", "letter", "lympho", "mnist", "musk", "optdigits",
	"pendigits", "pima", "satellite", "satimage-2", "shuttle", "vertebral", "vowels", "wbc"}

var adbenchTables = []string{"6_cardio", "38_thyroid", "31_satimage-2", "32_shuttle", "24_mnist", "43_WDBC", "4_breastw"}

// rocAUCs fits the default consensus to all rows of a table, and returns the ROC-AUC of
// its members and, last, its own: the means over the seeds.
func rocAUCs(t *testing.T, set data.Set) []float64 {
	table, err := NewTable(set, TableOptions{})
	require.NoError(t, err)
	anomaly, err := Labels(set)
	require.NoError(t, err)
	areas := make([]float64, len(Default().Members)+1)
	for seed := range *seeds {
		m, err := Default().Fit(t.Context(), table, Options{Seed: uint64(seed) + 1, Backend: cpu.Config{Threads: 1}})
		require.NoError(t, err)
		models := []Model{}
		for _, member := range m.(*consensus).of {
			models = append(models, member.Model)
		}
		for k, one := range append(models, m) {
			scores, err := one.Score(table)
			require.NoError(t, err)
			areas[k] += metrics.ROCAUC(scores, anomaly) / float64(*seeds)
		}
		require.NoError(t, m.Close())
	}
	return areas
}

func benchmark(t *testing.T, folder string, names []string, ext string) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" || os.Getenv("STHENO_FIGURES") == "" {
		t.Skipf("set STHENO_DATA to the folder that holds %s, and STHENO_FIGURES=1: many minutes of training", folder)
	}
	fmt.Printf("%-14s", "table")
	for _, m := range Default().Members {
		fmt.Printf(" %-12.12s", m.Detector)
	}
	fmt.Printf(" consensus, means of %d seeds\n", *seeds)
	sum, tables := make([]float64, len(Default().Members)+1), 0
	for _, name := range names {
		if *onlyTables != "" && !strings.Contains(","+*onlyTables+",", ","+name+",") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			set, err := Open(filepath.Join(dir, folder, name+ext), data.CSVOptions{})
			require.NoError(t, err)
			start := time.Now()
			line := fmt.Sprintf("%-14s", name)
			tables++
			for k, a := range rocAUCs(t, set) {
				line += fmt.Sprintf(" %-12.4f", a)
				sum[k] += a
			}
			fmt.Printf("%s   %.1f s\n", line, time.Since(start).Seconds())
		})
	}
	line := fmt.Sprintf("%-14s", "mean")
	for _, s := range sum {
		line += fmt.Sprintf(" %-12.4f", s/math.Max(1, float64(tables)))
	}
	fmt.Println(line)
}

// TestODDS and TestADBench print the ROC-AUC of the default detectors, fitted to all rows
// and scored on all rows:
//
//	STHENO_DATA=DIR STHENO_FIGURES=1 go test ./detect -run 'ODDS|ADBench' -v -timeout 1h
func TestODDS(t *testing.T) {
	benchmark(t, "odds", oddsTables, ".mat")
}

func TestADBench(t *testing.T) { benchmark(t, "tabular", adbenchTables, ".npz") }
