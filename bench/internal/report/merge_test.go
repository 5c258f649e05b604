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
	for name, c := range map[string]struct{ path, want string }{
		"no file":    {filepath.Join(t.TempDir(), "none.json"), "no such file"},
		"not JSON":   {file(t, "torch: 3 ms"), "invalid character"},
		"no backend": {file(t, `{"schema":1,"runs":[{"model":"conv","batch":1}]}`), `run 0 has model "conv", backend "" and batch 1`},
		"no batch":   {file(t, `{"schema":1,"runs":[{"model":"conv","backend":"torch"}]}`), "give all three"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(c.path)
			require.ErrorContains(t, err, c.want)
		})
	}
}
