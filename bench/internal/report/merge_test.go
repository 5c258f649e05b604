package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// file writes a text to a file and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRowsOfAnotherProgramStandBesideOurs(t *testing.T) {
	theirs, err := Load(file(t, `{"schema":1,"runs":[
		{"model":"conv","backend":"torch","version":"PyTorch 2.9.0","batch":128,"threads":2,"steps":50,"step_ms":{"min":17,"median":20,"max":25}},
		{"model":"dense","backend":"gomlx","batch":256,"threads":2,"error":"it is not there"}]}`))
	require.NoError(t, err)
	ours := Run{Model: "conv", Backend: "cpu", Batch: 128, Threads: 2, FlopsPerStep: Known[int64](1e9), StepMS: Spread{Median: Known(5.0)}}
	last := Run{Model: "vae", Backend: "cpu", Batch: 128, Threads: 2}
	r := Results{Machine: Machine{CPU: "AMD EPYC", FMAPeak: FMAPeak{All: Known(200.0)}}, Runs: []Run{ours, last}}
	r.Merge(theirs)
	require.Equal(t, []string{"conv cpu", "conv torch", "vae cpu", "dense gomlx"}, func() (names []string) {
		for _, run := range r.Runs {
			names = append(names, run.Model+" "+run.Backend)
		}
		return names
	}())
	torch := r.Runs[1]
	require.Equal(t, Known(50.0), torch.GFLOPS, "by our count of the same model's operations")
	require.Equal(t, Known(.25), torch.PeakFraction)
	require.Equal(t, Known(6400.0), torch.SamplesPerSec)
	require.Equal(t, Known(4.0), rows(r.Runs)[0].Rivalry)
	require.Equal(t, "it is not there", r.Runs[3].Error)
}

func TestRoundsOfOneRunArePooled(t *testing.T) {
	round := func(peak, lo, median, hi float64, steps int) Results {
		run := Run{Model: "conv", Backend: "cpu", Batch: 128, Threads: 2, Steps: Known(steps), StepMS: Spread{Known(lo), Known(median), Known(hi)}}
		return Results{Machine: Machine{CPU: "AMD EPYC", FMAPeak: FMAPeak{All: Known(peak)}}, Data: Data{Name: "mnist"}, Runs: []Run{run}}
	}
	failed := Results{Runs: []Run{{Model: "conv", Backend: "cpu", Batch: 128, Threads: 2, Error: "interrupted"}}}
	var r Results
	r.Merge(failed, round(190, 4, 5, 9, 10), round(200, 3, 8, 8, 20), failed)
	require.Len(t, r.Runs, 1)
	require.Equal(t, Spread{Known(3.0), Known(7.0), Known(9.0)}, r.Runs[0].StepMS)
	require.Equal(t, Known(30), r.Runs[0].Steps)
	require.Empty(t, r.Runs[0].Error)
	require.Equal(t, Known(200.0), r.Machine.FMAPeak.All)
	require.Equal(t, "mnist", r.Data.Name)
}

func TestFilesThatCannotBeMergedAreErrors(t *testing.T) {
	run := func(keys string) string {
		return file(t, `{"schema":1,"runs":[{"model": "conv", "backend": "torch", `+keys+`}]}`)
	}
	for name, c := range map[string]struct{ path, want string }{
		"no file":               {filepath.Join(t.TempDir(), "none.json"), "no such file"},
		"not JSON":              {file(t, "torch: 3 ms"), "invalid character"},
		"a folder":              {t.TempDir(), "is a folder, want a regular file"},
		"no model":              {file(t, `{"schema":1,"runs":[{"backend":"torch","batch":1}]}`), `run 0, model "", backend "torch": model is not given`},
		"no backend":            {file(t, `{"schema":1,"runs":[{"model":"conv","batch":1}]}`), `run 0, model "conv", backend "": backend is not given`},
		"no batch":              {run(`"threads": 2`), "batch is not given"},
		"a batch below 0":       {run(`"batch": -1`), "batch is -1: it must be above 0"},
		"threads below 0":       {run(`"batch": 1, "threads": -1`), "threads is -1: it cannot be below 0"},
		"steps below 0":         {run(`"batch": 1, "steps": -2`), "steps is -2: it cannot be below 0"},
		"a time below 0":        {run(`"batch": 1, "step_ms": {"median": -3}`), "step_ms.median is -3: it must be above 0"},
		"a time of 0":           {run(`"batch": 1, "step_ms": {"min": 0}`), "step_ms.min is 0: it must be above 0"},
		"to compile, below 0":   {run(`"batch": 1, "compile_ms": -0.5`), "compile_ms is -0.5: it cannot be below 0"},
		"a minimum too high":    {run(`"batch": 1, "step_ms": {"min": 4, "median": 3}`), "step_ms.min is 4: it cannot be above the median, 3"},
		"a maximum too low":     {run(`"batch": 1, "step_ms": {"median": 3, "max": 2}`), "step_ms.max is 2: it cannot be below the median, 3"},
		"a time that is a word": {run(`"batch": 1, "step_ms": {"median": "NaN"}`), `step_ms is {"median": "NaN"}`},
		"a time that is NaN":    {run(`"batch": 1, "step_ms": {"median": NaN}`), `line 1, at the end of nv", "backend": "torch", "batch": 1, "step_ms": {"median": N: invalid`},
		"a time past any":       {run(`"batch": 1, "step_ms": {"median": 1e999}`), `step_ms is {"median": 1e999}`},
		"a peak below 0":        {file(t, `{"schema":1,"machine":{"fma_peak_gflops":{"all":-1}},"runs":[]}`), "fma_peak_gflops: all is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(c.path)
			require.ErrorContains(t, err, c.path)
			require.ErrorContains(t, err, c.want)
		})
	}
}
