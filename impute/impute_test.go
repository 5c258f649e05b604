package impute_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/impute"
)

var nan = math.NaN()

// quick trains for a few epochs.
var quick = impute.Options{Backend: cpu.Config{}, Seed: 1, Epochs: 40}

func methods() map[string]impute.Method {
	return map[string]impute.Method{
		"mean": impute.Mean{}, "neighbours": impute.Neighbours{K: 5}, "normal": impute.Normal{},
		"denoising": impute.Denoising{Options: quick}, "miwae": impute.MIWAE{Options: quick, Filling: 200},
	}
}

// related are rows of three columns and a category: b = 2a + noise, c is of another scale,
// and the category says the sign of a.
func related(n int) impute.Table {
	r := rand.New(rand.NewPCG(1, 2))
	t := impute.Table{Columns: 5, Blocks: []data.Block{{Column: "sign", From: 3, To: 5}}}
	for range n {
		a := r.NormFloat64()
		sign := 0.0
		if a > 0 {
			sign = 1
		}
		t.Values = append(t.Values, a, 2*a+0.1*r.NormFloat64(), 100+10*r.NormFloat64(), sign, 1-sign)
	}
	return t
}

func TestMethodsKeepWhatIsKnownAndFillTheRest(t *testing.T) {
	full := related(300)
	holed, err := impute.Hide(full, 0.3, 1)
	require.NoError(t, err)
	require.InDelta(t, 0.3, float64(holed.Missing())/float64(len(holed.Values)), 0.03)
	scores := map[string]float64{}
	for name, m := range methods() {
		imputer, err := m.Fit(context.Background(), holed)
		require.NoError(t, err, name)
		filled, err := imputer.Impute(context.Background(), holed)
		require.NoError(t, err, name)
		again, err := imputer.Impute(context.Background(), holed)
		require.NoError(t, err)
		require.Equal(t, filled, again, name)
		drawn, err := imputer.Draw(context.Background(), holed, 1)
		require.NoError(t, err, name)
		same, err := imputer.Draw(context.Background(), holed, 1)
		require.NoError(t, err)
		require.Equal(t, drawn, same, name)
		other, err := imputer.Draw(context.Background(), holed, 2)
		require.NoError(t, err)
		require.NotEqual(t, drawn, other, name)
		for _, out := range []impute.Table{filled, drawn, other} {
			require.Zero(t, out.Missing(), name)
			for i, v := range holed.Values {
				if !math.IsNaN(v) {
					require.Equal(t, v, out.Values[i], name)
				}
			}
			for i := range out.Rows() {
				sign := out.Row(i)[3:]
				require.Equal(t, 1.0, sign[0]+sign[1], name)
				require.Contains(t, []float64{0, 1}, sign[0], name)
			}
		}
		scores[name], err = impute.MSE(full, holed, filled)
		require.NoError(t, err)
	}
	for name, mse := range scores {
		if name != "mean" {
			require.Less(t, mse, 0.8*scores["mean"], "%s: %v", name, scores)
		}
	}
}

// Of two columns with the correlation 0.8, the conditional mean and variance are known.
func TestTheNormalDistributionIsRecoveredFromHoledRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	full := impute.Table{Columns: 2}
	for range 20000 {
		a, e := r.NormFloat64(), r.NormFloat64()
		full.Values = append(full.Values, 5+2*a, 1+3*(0.8*a+0.6*e))
	}
	holed, err := impute.Hide(full, 0.4, 1)
	require.NoError(t, err)
	imputer, err := impute.Normal{Ridge: 1e-9, Tolerance: 1e-6}.Fit(context.Background(), holed)
	require.NoError(t, err)
	rows := impute.Table{Columns: 2, Values: []float64{7, nan, nan, 4, nan, nan}}
	filled, err := imputer.Impute(context.Background(), rows)
	require.NoError(t, err)
	for i, want := range []float64{7, 1 + 3*0.8, 5 + 2*0.8, 4, 5, 1} {
		require.InDelta(t, want, filled.Values[i], 0.08, "value %d", i)
	}
	sum, squares := 0.0, 0.0
	const n = 4000
	for seed := range uint64(n) {
		drawn, err := imputer.Draw(context.Background(), rows, seed)
		require.NoError(t, err)
		v := drawn.Values[1] - filled.Values[1]
		sum, squares = sum+v, squares+v*v
	}
	require.InDelta(t, 0, sum/n, 0.15)
	require.InDelta(t, 3*0.6, math.Sqrt(squares/n), 0.08)
}

func TestNeighboursTakeTheNearestRowsThatHaveTheValue(t *testing.T) {
	table := impute.Table{Columns: 2, Values: []float64{0, 10, 1, nan, 2, 30, 100, 70, 101, nan}}
	imputer, err := impute.Neighbours{K: 2}.Fit(context.Background(), table)
	require.NoError(t, err)
	filled, err := imputer.Impute(context.Background(), table)
	require.NoError(t, err)
	require.InDelta(t, 20, filled.Values[3], 1e-9)
	require.InDelta(t, 50, filled.Values[9], 1e-9) // 70 and 30
}

func TestAFrameBecomesATableWithHoles(t *testing.T) {
	f, err := data.ReadCSV(strings.NewReader("a,kind\n1,red\n?,blue\n3,\n"), "t.csv", data.CSVOptions{})
	require.NoError(t, err)
	table, err := impute.FromFrame(f)
	require.NoError(t, err)
	require.Equal(t, 3, table.Rows())
	require.Equal(t, []data.Block{{Column: "kind", From: 1, To: 3}}, table.Blocks)
	require.Equal(t, 3, table.Missing())
	require.True(t, math.IsNaN(table.Row(1)[0]) && math.IsNaN(table.Row(2)[1]) && math.IsNaN(table.Row(2)[2]))
}

func TestBadTablesAndSettingsAreErrors(t *testing.T) {
	good := impute.Table{Columns: 2, Values: []float64{1, 2, nan, 4}}
	for want, c := range map[string]struct {
		m impute.Method
		t impute.Table
	}{
		"3 values are not whole rows of 2 columns":          {impute.Mean{}, impute.Table{Columns: 2, Values: []float64{1, 2, 3}}},
		"0 values are not whole rows":                       {impute.Normal{}, impute.Table{Columns: 2}},
		`row 2, column "b" is infinite`:                     {impute.Mean{}, impute.Table{Columns: 2, Names: []string{"a", "b"}, Values: []float64{1, 2, 3, math.Inf(1)}}},
		"column c2 has no known value: drop it":             {impute.Neighbours{}, impute.Table{Columns: 2, Values: []float64{1, nan, 3, nan}}},
		`row 1 has a part of the category "kind"`:           {impute.Mean{}, impute.Table{Columns: 2, Blocks: []data.Block{{Column: "kind", To: 2}}, Values: []float64{1, nan, 0, 1}}},
		"-1 neighbours":                                     {impute.Neighbours{K: -1}, good},
		"a ridge of -1":                                     {impute.Normal{Ridge: -1}, good},
		"no backend: set Options.Backend":                   {impute.MIWAE{}, good},
		"Hide is 2: want a share between 0 and 1":           {impute.Denoising{Options: quick, Hide: 2}, good},
		"a layer of 0 units":                                {impute.Denoising{Options: quick, Hidden: []int{0}}, good},
		"-5 epochs":                                         {impute.MIWAE{Options: impute.Options{Backend: cpu.Config{}, Epochs: -5}}, good},
		"the category \"kind\" has the columns 1 to 5 of 2": {impute.Mean{}, impute.Table{Columns: 2, Values: good.Values, Blocks: []data.Block{{Column: "kind", From: 1, To: 5}}}},
	} {
		_, err := c.m.Fit(context.Background(), c.t)
		require.ErrorContains(t, err, want)
	}
	for name, m := range methods() {
		imputer, err := m.Fit(context.Background(), impute.Table{Columns: 2, Values: []float64{1, 5, 2, 6, nan, 7}})
		require.NoError(t, err, name)
		_, err = imputer.Impute(context.Background(), impute.Table{Columns: 3, Values: []float64{1, 2, nan}})
		require.ErrorContains(t, err, "the table has 3 columns, and the one that was fitted to has 2", name)
	}
	_, err := impute.Hide(good, 1.5, 1)
	require.ErrorContains(t, err, "a share of 1.5")
	_, err = impute.RMSE(good, good, good)
	require.ErrorContains(t, err, "nothing to compare")
}

func TestConstantColumnsAndFewRowsAreImputed(t *testing.T) {
	table := impute.Table{Columns: 2, Values: []float64{1, 7, 2, 7, nan, 7, 4, nan}}
	for name, m := range methods() {
		imputer, err := m.Fit(context.Background(), table)
		require.NoError(t, err, name)
		filled, err := imputer.Impute(context.Background(), table)
		require.NoError(t, err, name)
		require.False(t, math.IsNaN(filled.Values[4]), name)
		require.InDelta(t, 7, filled.Values[7], 1.5, name)
	}
}

var seeds = flag.Int("seeds", 1, "holes and trainings of each table in TestPublishedTables, with the seeds from 1 on")

// The figures of docs/imputation.md, means over seeds:
//
//	STHENO_DATA=DIR STHENO_FIGURES=1 go test ./impute -run Published -v -seeds 3 -timeout 1h
func TestPublishedTables(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" || os.Getenv("STHENO_FIGURES") == "" {
		t.Skip("set STHENO_DATA to the folder of the data sets, and STHENO_FIGURES=1: minutes of training")
	}
	for _, c := range []struct {
		file  string
		share float64
		mean  float64 // the score of the mean, which every other method is below
		score func(full, holed, filled impute.Table) (float64, error)
		what  string
	}{
		{"breast_cancer.csv", 0.5, 1.03, impute.MSE, "MSE, standardised"},
		{"letter.csv", 0.2, .153, impute.RMSE, "RMSE, scaled to [0,1]"},
		{"spam.csv", 0.2, .0567, impute.RMSE, "RMSE, scaled to [0,1]"},
	} {
		full := table(t, filepath.Join(dir, "imputation", c.file))
		for _, m := range []struct {
			name string
			with func(impute.Options) impute.Method
		}{
			{"mean", func(impute.Options) impute.Method { return impute.Mean{} }},
			{"neighbours", func(impute.Options) impute.Method { return impute.Neighbours{} }},
			{"normal", func(impute.Options) impute.Method { return impute.Normal{} }},
			{"denoising", func(o impute.Options) impute.Method { return impute.Denoising{Options: o} }},
			{"miwae", func(o impute.Options) impute.Method { return impute.MIWAE{Options: o} }},
		} {
			t.Run(fmt.Sprintf("%s %s", c.file, m.name), func(t *testing.T) {
				mean := 0.0
				for seed := uint64(1); seed <= uint64(*seeds); seed++ {
					holed, err := impute.Hide(full, c.share, seed)
					require.NoError(t, err)
					imputer, err := m.with(impute.Options{Backend: cpu.Config{}, Seed: seed}).Fit(context.Background(), holed)
					require.NoError(t, err)
					filled, err := imputer.Impute(context.Background(), holed)
					require.NoError(t, err)
					v, err := c.score(full, holed, filled)
					require.NoError(t, err)
					mean += v / float64(*seeds)
				}
				t.Logf("%s, %g missing: %s of %.4f, mean of %d seeds", m.name, c.share, c.what, mean, *seeds)
				if m.name != "mean" {
					require.Less(t, mean, c.mean)
				}
			})
		}
	}
}

// table reads a table of numbers; that of breast cancer has a line of counts and a class.
func table(t *testing.T, path string) impute.Table {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	o := data.CSVOptions{}
	if strings.Contains(path, "breast") {
		_, rest, _ := strings.Cut(string(text), "\n")
		text, o = []byte(rest), data.CSVOptions{NoHeader: true, Drop: []string{"c31"}}
	}
	f, err := data.ReadCSV(strings.NewReader(string(text)), path, o)
	require.NoError(t, err)
	out, err := impute.FromFrame(f)
	require.NoError(t, err)
	return out
}

func ExampleMIWAE() {
	table := impute.Table{Columns: 2, Values: []float64{1, 2, 2, 4, 3, math.NaN(), 4, 8}}
	m := impute.MIWAE{Options: impute.Options{Backend: cpu.Config{}, Epochs: 5}}
	imputer, err := m.Fit(context.Background(), table)
	if err != nil {
		fmt.Println(err)
		return
	}
	filled, err := imputer.Impute(context.Background(), table)
	fmt.Println(filled.Missing(), "missing,", err)
	// Output: 0 missing, <nil>
}
