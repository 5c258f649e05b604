package detect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
)

// plane returns rows of five columns that depend on two numbers, and in every 20th row
// one column does not: by 4 deviations more in column 3.
func plane(t *testing.T, n int) (*detect.Table, []bool) {
	r := rand.New(rand.NewPCG(1, 2))
	var x []float32
	anomaly := make([]bool, n)
	for i := range n {
		u, v := r.NormFloat64(), r.NormFloat64()
		row := []float64{u, v, u + v, u - v, 2*v + u}
		for j := range row {
			row[j] = 100 + 10*(row[j]+.1*r.NormFloat64())
		}
		if anomaly[i] = i%20 == 7; anomaly[i] {
			row[3] += 60
		}
		for _, v := range row {
			x = append(x, float32(v))
		}
	}
	return tableOf(t, x, 5), anomaly
}

func tableOf(t *testing.T, x []float32, columns int) *detect.Table {
	set, err := data.Table(data.Array{Shape: []int{columns}, Values: x}, data.Array{})
	require.NoError(t, err)
	table, err := detect.NewTable(set, detect.TableOptions{File: "plane.npz"})
	require.NoError(t, err)
	return table
}

func detectors() []detect.Detector {
	return []detect.Detector{detect.Autoencoder{}, detect.VAE{}, detect.PCA{}, detect.PCA{Whiten: 1}, detect.PCA{Residual: .9},
		detect.IsolationForest{}, detect.Neighbours{}, detect.Neighbours{K: 10, Sample: 1000, Samples: 1}, detect.Default(), detect.Consensus{Combine: detect.ByRank}}
}

func TestEachDetectorFindsRowsThatBreakTheRule(t *testing.T) {
	table, anomaly := plane(t, 600)
	for _, d := range detectors() {
		t.Run(d.String(), func(t *testing.T) {
			m, err := d.Fit(t.Context(), table, detect.Options{Seed: 1})
			require.NoError(t, err)
			defer m.Close()
			scores, err := m.Score(table)
			require.NoError(t, err)
			q, err := detect.Evaluate(scores, anomaly)
			require.NoError(t, err)
			require.Greater(t, q.ROCAUC, .88, q)
			parts, err := m.Explain(table, 7)
			require.NoError(t, err)
			require.Len(t, parts, 5)
			sum := 0.
			for _, p := range parts {
				sum += p.Share
			}
			require.InDelta(t, 1, sum, 1e-9)
			top := detect.Strongest(parts, 1)
			require.Len(t, top, 1)
			if n, ok := d.(detect.Neighbours); ok && n.Samples == 1 {
				return // of the nearest rows, those with the same mistake are near
			}
			require.Equal(t, "c4", top[0].Column)
			require.Equal(t, 1, top[0].Direction)
			require.Contains(t, top[0].String(), "above")
		})
	}
}

func TestTheSameSeedGivesTheSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	table, _ := plane(t, 600)
	var first []float64
	for _, processors := range []int{1, 3} {
		before := runtime.GOMAXPROCS(processors)
		m, err := detect.Default().Fit(t.Context(), table, detect.Options{Seed: 5, Backend: cpu.Config{Threads: processors}})
		require.NoError(t, err)
		scores, err := m.Score(table)
		runtime.GOMAXPROCS(before)
		require.NoError(t, err)
		require.NoError(t, m.Close())
		if first == nil {
			first = scores
		}
		require.Equal(t, first, scores)
	}
}

func TestMissingValuesAndConstantColumnsAreNoAnomalies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 300
	x := make([]float32, 0, n*4)
	for i := range n {
		v := float32(r.NormFloat64())
		row := []float32{v, -v, 7, v * 2}
		if i%10 == 3 {
			row[1] = float32(math.NaN())
		}
		x = append(x, row...)
	}
	x[0], x[1] = 9, 9 // row 0 is strange
	table := tableOf(t, x, 4)
	for _, d := range detectors() {
		if p, ok := d.(detect.PCA); ok && p.Residual > 0 {
			continue // it does not see that a row is extreme
		}
		t.Run(d.String(), func(t *testing.T) {
			m, err := d.Fit(t.Context(), table, detect.Options{})
			require.NoError(t, err)
			defer m.Close()
			scores, err := m.Score(table)
			require.NoError(t, err)
			for i, s := range scores {
				require.False(t, math.IsNaN(s) || math.IsInf(s, 0), i)
				require.LessOrEqual(t, s, scores[0], i)
			}
			parts, err := m.Explain(table, 3)
			require.NoError(t, err)
			require.Zero(t, parts[1].Share)
			require.Empty(t, parts[1].Value)
			require.Contains(t, parts[1].String(), "missing")
			parts, err = m.Explain(table, 0)
			require.NoError(t, err)
			require.Zero(t, parts[2].Share, "the column that does not vary")
			huge := tableOf(t, []float32{3e38, -3e38, 3e38, float32(math.NaN())}, 4)
			scores, err = m.Score(huge)
			require.NoError(t, err)
			require.False(t, math.IsNaN(scores[0]) || math.IsInf(scores[0], 0))
		})
	}
}

func TestCategoriesAreJudgedByTheOthers(t *testing.T) {
	var text strings.Builder
	text.WriteString("size,colour,weight\n")
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		size := r.IntN(2)
		colour := []string{"red", "blue"}[size]
		if i == 50 {
			colour = "blue"
			size = 0
		}
		fmt.Fprintf(&text, "%s,%s,%.3f\n", []string{"small", "large"}[size], colour, float64(size)*10+r.NormFloat64())
	}
	frame, err := data.ReadCSV(strings.NewReader(text.String()), "things.csv", data.CSVOptions{})
	require.NoError(t, err)
	table, err := detect.NewTable(frame, detect.TableOptions{})
	require.NoError(t, err)
	require.Equal(t, []detect.Column{{Name: "size", Categories: []string{"large", "small"}}, {Name: "colour", Categories: []string{"blue", "red"}}, {Name: "weight"}}, table.Columns())
	m, err := detect.VAE{Training: detect.Training{Steps: 1500}}.Fit(t.Context(), table, detect.Options{Seed: 2})
	require.NoError(t, err)
	defer m.Close()
	scores, err := m.Score(table)
	require.NoError(t, err)
	higher := 0
	for _, s := range scores {
		if s > scores[50] {
			higher++
		}
	}
	require.Less(t, higher, 5)
	parts, err := m.Explain(table, 50)
	require.NoError(t, err)
	require.Equal(t, "blue", parts[1].Value)
	require.Zero(t, parts[1].Direction)
	other, err := data.ReadCSV(strings.NewReader("size,colour,weight\nsmall,green,1\nlarge,red,2\n"), "other.csv", data.CSVOptions{})
	require.NoError(t, err)
	strange, err := detect.NewTable(other, detect.TableOptions{})
	require.NoError(t, err)
	_, err = m.Score(strange)
	require.ErrorContains(t, err, `other.csv has other columns than the table that was fitted: column 2, "colour", has other categories`)
}

func TestBadTablesAreErrorsThatSayWhere(t *testing.T) {
	table, _ := plane(t, 40)
	for _, d := range detectors() {
		m, err := d.Fit(t.Context(), table, detect.Options{})
		require.NoError(t, err)
		_, err = m.Score(tableOf(t, make([]float32, 12), 4))
		require.ErrorContains(t, err, `plane.npz has other columns than the table that was fitted: column 5, "c5", is missing`)
		_, err = m.Score(nil)
		require.ErrorContains(t, err, "no table")
		_, err = m.Explain(table, 40)
		require.ErrorContains(t, err, "no row 40 in a table of 40 rows")
		require.NoError(t, m.Close())
		_, err = d.Fit(t.Context(), nil, detect.Options{})
		require.ErrorContains(t, err, "no rows")
		_, err = d.Fit(t.Context(), tableOf(t, make([]float32, 20), 4), detect.Options{})
		require.ErrorContains(t, err, "no column of plane.npz varies")
		_, err = d.Fit(t.Context(), tableOf(t, []float32{1, 2}, 2), detect.Options{})
		require.ErrorContains(t, err, "plane.npz has 1 rows, want at least 2")
		//lint:ignore SA1012 an error is wanted
		_, err = d.Fit(nil, table, detect.Options{})
		require.ErrorContains(t, err, "no context")
	}
	set, err := data.Table(data.Array{Shape: []int{2}, Values: []float32{1, 2, 3, float32(math.Inf(-1))}}, data.Array{})
	require.NoError(t, err)
	_, err = detect.NewTable(set, detect.TableOptions{File: "a.mat", Names: []string{"age", "income"}})
	require.ErrorContains(t, err, `a.mat: row 2, column "income" is -Inf`)
	_, err = detect.NewTable(set, detect.TableOptions{Names: []string{"age"}})
	require.ErrorContains(t, err, "1 names for 2 columns")
	_, err = detect.NewTable(nil, detect.TableOptions{})
	require.Error(t, err)
	_, err = table.Where([]bool{true})
	require.ErrorContains(t, err, "1 rows to choose from")
	_, err = table.Where(make([]bool, 40))
	require.ErrorContains(t, err, "no row of plane.npz is left")
	frame, err := data.ReadCSV(strings.NewReader("a,b\n1,2\n2,x3\n"), "t.csv", data.CSVOptions{Kinds: map[string]data.ColumnKind{"b": data.NumberColumn}})
	require.ErrorContains(t, err, `t.csv: line 3, column "b": "x3" is not a number`)
	require.Nil(t, frame)
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 30 {
		fmt.Fprintf(&text, "1,%d\n", i)
	}
	frame, err = data.ReadCSV(strings.NewReader(text.String()+"1,x3\n"), "t.csv", data.CSVOptions{})
	require.NoError(t, err)
	_, err = detect.NewTable(frame, detect.TableOptions{})
	require.ErrorContains(t, err, `t.csv: column "b": "x3" is no number, but 30 of its 31 values are`)
}

func TestSettingsOutOfRangeAreErrors(t *testing.T) {
	table, _ := plane(t, 40)
	for _, d := range []detect.Detector{
		detect.PCA{Whiten: 2}, detect.PCA{Residual: 1}, detect.Neighbours{K: -1}, detect.Neighbours{Sample: 1},
		detect.IsolationForest{Trees: -1}, detect.Autoencoder{Training: detect.Training{Rate: -1}}, detect.Autoencoder{Hidden: []int{0}},
		detect.VAE{Training: detect.Training{Epochs: -1}}, detect.VAE{Latent: -1},
		detect.Consensus{Members: []detect.Member{}}, detect.Consensus{Members: []detect.Member{{}}},
		detect.Consensus{Members: []detect.Member{{Detector: detect.PCA{}, Weight: -1}}}, detect.Consensus{Combine: "best"},
	} {
		_, err := d.Fit(t.Context(), table, detect.Options{})
		require.Error(t, err, "%#v", d)
	}
}

func TestTablesAreOpenedByTheirExtension(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	require.NoError(t, os.WriteFile(path, []byte("a,y\n1,0\n2,1\n"), 0o600))
	set, err := detect.Open(path, data.CSVOptions{Label: "y"})
	require.NoError(t, err)
	require.Equal(t, 2, set.Len())
	for _, wrong := range []string{"t.xls", "none.mat", "none.npz", "none.csv"} {
		_, err := detect.Open(wrong, data.CSVOptions{})
		require.ErrorContains(t, err, wrong)
	}
}
