package main

import (
	"encoding/json"
	"image/png"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// codesPlace is a workplace with runs of a variational autoencoder, a conditional one, a
// table with classes, one without, and a code of one value.
func codesPlace(t *testing.T) {
	t.Helper()
	workplace(t)
	for _, line := range []string{
		"train vae.yaml -o runs/vae -q",
		"train vae.yaml --classes 10 -o runs/cvae -q",
		"train vae.yaml --latent 1 -o runs/one -q",
		"train --data table.csv --label kind --model dense --hidden 4,2 --epochs 1 -o runs/table -q",
		"train --data table.csv --drop kind --model dense --hidden 4,2 --epochs 1 -o runs/bare -q",
	} {
		ok(t, strings.Fields(line)...)
	}
}

func TestMistakesInUsesOfCodesAreErrors(t *testing.T) {
	codesPlace(t)
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"plot runs/vae -o x.png --vs pac", exitUsage, `did you mean "pca"?`},
		{"plot runs/vae -o x.jpg", exitUsage, "want the name of a png file"},
		{"plot -o x.png", exitUsage, "stheno plot RUN..."},
		{"plot runs/vae runs/vea -o x.png", exitFailed, "did you mean runs/vae?"},
		{"plot runs/one -o x.png --vs pca", exitFailed, "points of one dimension are no plane"},
		{"probe runs/bare", exitFailed, "set data.label"},
		{"probe runs/cvae", exitFailed, "reads the class"},
		{"probe runs/table --labels 5000", exitFailed, "5000: the training part has 32 samples"},
		{"probe runs/table --labels some", exitFailed, `"some" is neither a number`},
		{"probe runs/table --labels 1", exitFailed, "from 2 on"},
		{"probe runs/table --labels=", exitFailed, "want numbers of labels"},
		{"probe runs/table --labels 4 --neighbours 5", exitFailed, "5 neighbours among 4 labels"},
		{"probe runs/table --neighbours 0", exitFailed, "0 neighbours"},
		{"probe runs/table --steps -1", exitFailed, "-1 steps"},
		{"cluster runs/table -k 1", exitFailed, "at least 2"},
		{"cluster runs/table -k 100", exitFailed, "100 clusters of 4 samples"},
		{"cluster runs/table -k 2 --method dce", exitFailed, `did you mean "dec"?`},
		{"cluster runs/table -k 2 --rounds 3", exitFailed, "settings of the method dec"},
		{"cluster runs/table -k 2 --method dec --keep -1", exitFailed, "keep -1"},
		{"cluster runs/table -k 2 --method dec --rounds -1", exitFailed, "-1 rounds"},
		{"cluster runs/table -k 2 --picture x.jpg", exitUsage, "want the name of a png file"},
		{"cluster runs/table -k 2 --picture x.png", exitFailed, "are no pictures"},
		{"cluster runs/table -k 2 -o x.xls", exitUsage, "want one of"},
		{"generate runs/vae -o x.png --sampler flwo", exitFailed, `did you mean "flow"?`},
		{"generate runs/vae -o x.png --sampler flow --epochs -1", exitFailed, "negative"},
		{"generate runs/one -o x.png --sampler flow", exitFailed, "at least 2 values"},
		{"generate runs/vae -o x.png --sampler prior --components 3", exitFailed, "of the sampler gmm"},
		{"generate runs/vae -o x.png --sampler gmm --components 3000", exitFailed, "3000 components for"},
		{"generate runs/vae -o x.png --epochs 3", exitFailed, "of the sampler flow"},
		{"generate runs/vae -o x.png --class 7", exitFailed, "not conditional"},
		{"generate runs/vae -o x.png --class 12 --sampler gmm", exitFailed, "class 12 (the classes are 0 to 9)"},
		{"generate runs/bare -o x.csv --class 1 --sampler gmm", exitFailed, "have no classes"},
		{"generate runs/cvae -o x.png --class 10", exitFailed, "the classes 0 to 9"},
		{"generate runs/cvae -o x.png --class -1", exitFailed, "the classes 0 to 9"},
		{"generate runs/vae -o x.png --walk 1,99", exitFailed, "has the samples 0 to"},
		{"generate runs/vae -o x.png --walk -1,2", exitFailed, "has the samples 0 to"},
		{"generate runs/vae -o x.png --walk 1,2,3", exitFailed, "want the numbers of two"},
		{"generate runs/vae -o x.png --walk 1,2 -n 1", exitFailed, "at least 2"},
		{"generate runs/vae -o x.png --walk 1,2 --sampler gmm", exitFailed, "leave the sampler out"},
		{"generate runs/vae -o x.png --walk 1,2 --class 3", exitFailed, "leave the class out"},
		{"generate runs/vae -o x.png --walk 1,2 --check", exitFailed, "without one"},
		{"generate runs/vae -o x.png -n 1 --check", exitFailed, "too few"},
		{"generate runs/bare -o x.csv --check", exitFailed, "set data.label"},
	} {
		t.Run(c.line, func(t *testing.T) {
			code, out, errs := call(t, strings.Fields(c.line)...)
			require.Equal(t, c.code, code, errs)
			require.Empty(t, out)
			require.Contains(t, errs, c.want)
		})
	}
}

func TestEveryModelGeneratesByEverySampler(t *testing.T) {
	codesPlace(t)
	for _, c := range []struct {
		line   string
		values int // of a sample
	}{
		{"generate runs/vae -n 4 -o x.csv", 784},
		{"generate runs/vae -n 4 --sampler gmm -o x.csv", 784},
		{"generate runs/vae -n 4 --sampler flow --epochs 1 -o x.csv", 784},
		{"generate runs/vae -n 4 --class 3 --sampler gmm --components 1 -o x.csv", 784},
		{"generate runs/vae -n 4 --walk 1,2 -o x.csv", 784},
		{"generate runs/cvae -n 4 -o x.csv", 784},
		{"generate runs/cvae -n 4 --class 7 -o x.csv", 784},
		{"generate runs/cvae -n 4 --class 7 --sampler gmm --components 1 -o x.csv", 784},
		{"generate runs/cvae -n 4 --sampler flow --epochs 1 -o x.csv", 784},
		{"generate runs/cvae -n 4 --walk 1,2 -o x.csv", 784},
		{"generate runs/cvae -n 4 --walk 1,2 --class 3 -o x.csv", 784},
		{"generate runs/table -n 4 -o x.csv", 5},
		{"generate runs/table -n 4 --sampler flow --epochs 1 -o x.csv", 5},
		{"generate runs/table -n 4 --class 1 --components 1 -o x.csv", 5},
		{"generate runs/table -n 4 --walk 0,1 -o x.csv", 5},
		{"generate runs/bare -n 4 --sampler gmm -o x.csv", 5},
	} {
		t.Run(c.line, func(t *testing.T) {
			ok(t, append(strings.Fields(c.line), "-q")...)
			rows := readCSV(t, "x.csv")
			require.Len(t, rows, 5)
			require.Len(t, rows[1], c.values)
			if c.values == 5 {
				require.Contains(t, rows[0], "length", "the columns of the table have their names")
			}
		})
	}
}

func TestClustersAreWrittenWithTheirConfidence(t *testing.T) {
	codesPlace(t)
	for _, method := range []string{"kmeans", "dec --rounds 1"} {
		line := "cluster runs/vae -k 3 -o clusters.csv --picture clusters.png --json -q --method " + method
		var found struct {
			Cluster    []int
			Confidence []float64
			Sizes      []int
			Agreement  []struct{ Method string }
		}
		require.NoError(t, json.Unmarshal([]byte(ok(t, strings.Fields(line)...)), &found))
		rows := readCSV(t, "clusters.csv")
		require.Equal(t, []string{"cluster", "confidence"}, rows[0])
		require.Len(t, rows, 31)
		counts := make([]int, 3)
		for i, row := range rows[1:] {
			c, err := strconv.Atoi(row[0])
			require.NoError(t, err)
			require.Equal(t, found.Cluster[i], c)
			counts[c]++
			sure, err := strconv.ParseFloat(row[1], 64)
			require.NoError(t, err)
			require.Greater(t, sure, 1./3-1e-6, "that of the most probable cluster of three")
			require.LessOrEqual(t, sure, 1.)
		}
		require.Equal(t, counts, found.Sizes)
		require.Len(t, found.Agreement, map[string]int{"kmeans": 2}[method]+map[bool]int{true: 3}[method != "kmeans"])
		f, err := os.Open("clusters.png")
		require.NoError(t, err)
		_, err = png.Decode(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
}
