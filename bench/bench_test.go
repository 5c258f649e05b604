package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
)

// smallSet returns a few generated digits.
func smallSet() *data.Dataset {
	return &data.Dataset{Name: "digits", Train: data.NewDigits(1, 100), Test: data.NewDigits(2, 40), Source: "generated for a test"}
}

// defaultBackends are the backends of a run without -backends, on a machine without a
// GPU.
func defaultBackends() []string { return []string{"gorgonia", "tape", "dropin", "cpu"} }

// bench runs the benchmark on a few digits and returns its report.
func bench(t *testing.T, args ...string) report.Report {
	t.Helper()
	return benchOn(t, noGPU(), args...)
}

// benchOn is bench with the given GPUs.
func benchOn(t *testing.T, g gpus, args ...string) report.Report {
	t.Helper()
	o, err := parseOn(g, append([]string{"-batch", "16", "-o", filepath.Join(t.TempDir(), "out")}, args...), io.Discard)
	require.NoError(t, err)
	o.budget, o.score, o.peak = 200*time.Millisecond, 20, 5*time.Millisecond
	s := newSuite(t.Context(), o, smallSet(), io.Discard)
	require.NoError(t, s.run(context.Background()))
	var table bytes.Buffer
	require.NoError(t, s.save(&table))
	for _, r := range s.report.Results.Runs {
		require.Contains(t, table.String(), r.Model)
	}
	for _, name := range []string{"results.json", "report.html"} {
		require.FileExists(t, filepath.Join(o.out, name))
	}
	text, err := os.ReadFile(filepath.Join(o.out, "results.json"))
	require.NoError(t, err)
	require.True(t, json.Valid(text))
	return s.report
}

func known[T any](t *testing.T, o report.Opt[T]) T {
	t.Helper()
	v, ok := o.Get()
	require.True(t, ok, "a number is unknown")
	return v
}

func TestStepsWithoutEpochsDoNotTrain(t *testing.T) {
	r := bench(t, "-models", "dense,vae", "-steps", "3")
	require.Len(t, r.Results.Runs, 2*len(defaultBackends()))
	for _, run := range r.Results.Runs {
		require.Empty(t, run.Error)
		require.Equal(t, 3, known(t, run.Steps))
		lo, median, hi := known(t, run.StepMS.Min), known(t, run.StepMS.Median), known(t, run.StepMS.Max)
		require.True(t, 0 < lo && lo <= median && median <= hi)
		require.Positive(t, known(t, run.Params))
		require.Positive(t, known(t, run.FlopsPerStep))
		_, trained := run.Epochs.Get()
		require.False(t, trained)
	}
	for i, run := range r.Results.Runs[:len(defaultBackends())] {
		require.Equal(t, r.Results.Runs[0].FlopsPerStep, run.FlopsPerStep, "nominal: the same for all backends")
		require.Equal(t, r.Results.Runs[0].Params, run.Params, "the same net, backend %d", i)
	}
	require.Empty(t, r.Curves)
}

func TestEpochsTrainOnEveryBackend(t *testing.T) {
	r := bench(t, "-models", "dense", "-backends", "tape,gorgonia", "-epochs", "2")
	require.Len(t, r.Curves, 2)
	require.Len(t, r.Images, 2)
	for _, run := range r.Results.Runs {
		require.Equal(t, 2, known(t, run.Epochs), run.Backend)
		require.Less(t, known(t, run.LossLast), known(t, run.LossFirst), run.Backend)
		require.Positive(t, known(t, run.TestMSE))
	}
}

func TestByDefaultTheFastestIsTrainedWithinTheBudget(t *testing.T) {
	r := bench(t, "-models", "dense")
	require.Len(t, r.Results.Runs, len(defaultBackends()))
	require.Len(t, r.Curves, 1)
	require.NotEmpty(t, r.Curves[0].Test)
	require.Len(t, r.Images[0].Originals, maxImages)
	require.Contains(t, strings.Join(r.Notes, "\n"), "generated for a test")
	require.Contains(t, strings.Join(r.Notes, "\n"), "to fit the time limit")
}

func TestEpochsFollowFromTheFlags(t *testing.T) {
	for _, c := range []struct {
		args   string
		epochs int
		each   bool
		train  bool
	}{
		{"", 0, false, true},
		{"-data digits", 0, false, true},
		{"-data mnist -models conv,lstm", 10, false, true},
		{"-data mnist -backends cpu,tape", 10, false, true},
		{"-data mnist -backends cpu,tape -epochs 2", 2, true, true},
		{"-data mnist -epochs 2", 2, false, true},
		{"-data mnist -quick", 0, false, true},
		{"-data mnist -steps 5", 0, false, false},
	} {
		o, err := parse(strings.Fields(c.args), io.Discard)
		require.NoError(t, err)
		require.Equal(t, c.epochs, o.epochs, c.args)
		require.Equal(t, c.each, o.trainEach, c.args)
		require.Equal(t, c.train, o.train, c.args)
	}
}

func TestOnlyTheFastestBackendIsTrained(t *testing.T) {
	r := bench(t, "-models", "dense", "-epochs", "1")
	require.Len(t, r.Curves, 1)
	require.Contains(t, strings.Join(r.Notes, "\n"), "the fastest. The other backends, some of which would take hours, are only timed")
}

func TestSlowBackendsAreTimedForFewerSteps(t *testing.T) {
	x := [][]float32{make([]float32, 4)}
	idle := &session{step: func([]float32, int) (float64, error) { return 0, nil }}
	quick, slow := &timed{session: idle}, &timed{session: idle, total: 2 * timeLimit}
	require.NoError(t, race(context.Background(), []*timed{quick, slow}, 12, x, func() {}))
	require.Len(t, quick.took, 12)
	require.Len(t, slow.took, minSteps)
}

func TestABackendThatCannotRunReportsWhy(t *testing.T) {
	r := bench(t, "-models", "conv-strided", "-steps", "1", "-batch", "4")
	require.Len(t, r.Results.Runs, len(defaultBackends()))
	require.Equal(t, "gorgonia", r.Results.Runs[0].Backend)
	require.Contains(t, r.Results.Runs[0].Error, "cannot be built")
	require.Empty(t, r.Results.Runs[1].Error)
}

func TestWideModelsRunOnGeneratedImages(t *testing.T) {
	r := bench(t, "-models", "conv-wide,dense-wide", "-backends", "cpu", "-steps", "1", "-batch", "2")
	require.Len(t, r.Results.Runs, 2)
	for _, run := range r.Results.Runs {
		require.Empty(t, run.Error)
		require.GreaterOrEqual(t, known(t, run.ArenaBytes), known(t, run.LeastBytes))
		require.Positive(t, known(t, run.PlanMS))
	}
	require.Contains(t, strings.Join(r.Notes, "\n"), "data of conv-wide: waves of [3 32 32], generated")
	require.EqualValues(t, 2*4096*2048+2*2048*512+4096+2*2048+512, known(t, r.Results.Runs[1].Params))
}

func TestISASetsTheInstructionSet(t *testing.T) {
	r := bench(t, "-models", "dense", "-backends", "cpu", "-steps", "1", "-isa", "go")
	require.Equal(t, "go", known(t, r.Results.Runs[0].ISA))
	require.Equal(t, "go", known(t, r.Results.Machine.FMAPeak.ISA))
}

func TestGeneratedImagesAreTheSameEveryTime(t *testing.T) {
	set := wavesOf([]int{3, 8, 5}, 1)
	a, b, c := make([]float32, 120), make([]float32, 120), make([]float32, 120)
	for i, x := range map[int][]float32{7: a, 8: c} {
		err := set.Train.Read(i, [][]float32{x})
		require.NoError(t, err)
	}
	err := set.Train.Read(7, [][]float32{b})
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.NotEqual(t, a, c)
	for _, v := range a {
		require.True(t, v > 0 && v < 1)
	}
	err = set.Train.Read(set.Train.Len(), [][]float32{a})
	require.ErrorContains(t, err, "sample 4096 of 4096")
}

func TestNominalFlopsOfTheConvolutionalAutoencoder(t *testing.T) {
	require.InDelta(t, 1.141e9, float64(nominalFlops(netNamed("conv", 128))), 0.001e9)
}

func TestEveryModelAgreesWithTheBaseline(t *testing.T) {
	for _, name := range []string{"conv", "vae", "lstm", "dense"} {
		r := bench(t, "-models", name, "-steps", "1", "-batch", "4")
		require.Equal(t, known(t, r.Results.Runs[0].Params), known(t, r.Results.Runs[1].Params), name)
	}
}

func TestInvalidUsageIsStatusTwo(t *testing.T) {
	for _, args := range [][]string{
		{"-models", "resnet"}, {"-backends", "abacus"}, {"-batch", "-1"}, {"-isa", "mmx"}, {"-epochs", "-1"}, {"extra"}, {"-nonsense"}, {"-models", "none"},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(context.Background(), args, &out, &errs), "%v", args)
		require.NotEmpty(t, errs.String())
	}
	require.Equal(t, 0, run(context.Background(), []string{"-help"}, io.Discard, io.Discard))
}

func TestInvalidDataIsStatusOne(t *testing.T) {
	var errs bytes.Buffer
	require.Equal(t, 1, run(context.Background(), []string{"-data", t.TempDir()}, io.Discard, &errs))
	require.Contains(t, errs.String(), "bench: ")
}

func TestRunsOfOtherProgramsAreMergedIntoTheTable(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "theirs.json")
	require.NoError(t, os.WriteFile(theirs, []byte(`{"schema":1,"machine":{"cpu":"abacus"},"runs":[{"model":"conv","backend":"torch","batch":128,"threads":2,"step_ms":{"median":20}}]}`), 0o600))
	var out, errs bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-models", "none", "-merge", theirs + "," + theirs, "-o", dir}, &out, &errs), errs.String())
	require.Contains(t, out.String(), "abacus")
	require.Contains(t, out.String(), "torch")
	r, err := report.Load(filepath.Join(dir, "results.json"))
	require.NoError(t, err)
	require.Len(t, r.Runs, 1)
	require.Equal(t, 1, run(context.Background(), []string{"-models", "none", "-merge", dir}, io.Discard, &errs))
}
