package search_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train/search"
)

func TestAFailedTrialIsRecordedAndTheWorst(t *testing.T) {
	space := search.Space{search.Choice("train.rate", 0.01, 1e30, 0.02), search.Choice("train.optimizer", "sgd")}
	o := options(t.TempDir())
	o.Method = search.Grid{}
	r, err := search.Run(t.Context(), space, build, table(t, 24), table(t, 9), o)
	require.NoError(t, err)
	require.Len(t, r.Trials, 3)
	require.Contains(t, r.Trials[1].Error, "not finite")
	require.Equal(t, "failed", r.Trials[1].State())
	require.Equal(t, 3, r.Best().Number)
	var out bytes.Buffer
	require.NoError(t, r.Table(&out, 0))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Regexp(t, `^trial +loss +epochs +seconds +state +train.rate +train.optimizer$`, lines[0])
	require.Regexp(t, `^3 +0\.\d+ +2 +\d+\.\d +complete +0.02 +sgd$`, lines[1])
	require.Regexp(t, `^2 .* failed +1e\+30 +sgd$`, lines[3])

	o.Dir, o.Maximize = "", true
	r, err = search.Run(t.Context(), space, build, table(t, 24), table(t, 9), o)
	require.NoError(t, err)
	require.Equal(t, 1, r.Best().Number)

	o.Metric = "accuracy"
	_, err = search.Run(t.Context(), space, build, table(t, 24), table(t, 9), o)
	require.ErrorContains(t, err, `all 3 trials failed, the first with: the validation has no number "accuracy"`)
}

func TestAnotherSearchIsRefused(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	o.Trials = 4
	_, err := search.Run(t.Context(), small, build, table(t, 24), table(t, 9), o)
	require.NoError(t, err)
	for want, change := range map[string]func(*search.Options, *search.Space){
		"the seed is different":   func(o *search.Options, _ *search.Space) { o.Seed++ },
		"the method is different": func(o *search.Options, _ *search.Space) { o.Method = search.Random{} },
		"the space is different":  func(_ *search.Options, s *search.Space) { *s = small[:4] },
	} {
		o, s := o, small
		change(&o, &s)
		_, err := search.Run(t.Context(), s, build, table(t, 24), table(t, 9), o)
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "trial-0002", "trial.json"), []byte(`{"trial": 2, "values": {}}`), 0o600))
	_, err = search.Run(t.Context(), small, build, table(t, 24), table(t, 9), o)
	require.ErrorContains(t, err, "with other values than this search tries")
	for want, o := range map[string]search.Options{
		"none can be negative":   {Trials: -1},
		"set one":                {Halving: &search.Halving{MaxEpochs: 3}, Median: &search.Median{}},
		"MaxEpochs not below it": {Halving: &search.Halving{}},
		"no backend":             {Trials: 1},
	} {
		_, err := search.Run(t.Context(), small[:3], build, table(t, 24), table(t, 9), o)
		require.ErrorContains(t, err, want)
	}
}
