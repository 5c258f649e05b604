package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/internal/machine"
)

func TestAFolderThatIsNotWritableIsAnErrorBeforeMeasuring(t *testing.T) {
	dir := t.TempDir()
	file, taken := filepath.Join(dir, "file"), filepath.Join(dir, "taken")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(taken, report.ResultsFile), 0o755))
	for out, want := range map[string]string{
		"": "no name", file: "not a directory", filepath.Join(file, "in"): "not a directory", taken: "results.json is a folder there",
	} {
		for _, args := range [][]string{{"-data", "digits", "-steps", "1"}, {"-data", "digits", "-check"}, {"-models", "none", "-merge", file}} {
			var stderr bytes.Buffer
			require.Equal(t, 1, run(t.Context(), append(args, "-o", out), io.Discard, &stderr))
			require.Contains(t, stderr.String(), "bench: -o: ")
			require.Contains(t, stderr.String(), want)
			require.NotContains(t, stderr.String(), "FMA peak", "nothing was measured")
		}
	}
}

func TestThreadsAreLimitedToTheProcessors(t *testing.T) {
	cores := machine.Describe().Cores
	dir := t.TempDir()
	var stderr bytes.Buffer
	args := []string{"-threads", "1000", "-models", "dense", "-backends", "cpu", "-steps", "1", "-batch", "4", "-data", "digits", "-o", dir}
	require.Equal(t, 0, run(t.Context(), args, io.Discard, &stderr), stderr.String())
	require.Contains(t, stderr.String(), fmt.Sprintf("-threads 1000: this process can use only %d", cores))
	r, err := report.Load(filepath.Join(dir, report.ResultsFile))
	require.NoError(t, err)
	require.Equal(t, cores, r.Runs[0].Threads)
}

// cancelAfter is a context that is cancelled after some calls of Err.
type cancelAfter struct {
	context.Context
	calls int
}

func (p *cancelAfter) Err() error {
	if p.calls--; p.calls < 0 {
		return context.Canceled
	}
	return nil
}

func TestAnInterruptedRunSavesItsMeasurements(t *testing.T) {
	for left := 0; left < 40; left += 5 {
		o, err := parse([]string{"-models", "dense", "-backends", "cpu,tape", "-epochs", "1", "-steps", "2", "-o", t.TempDir()}, io.Discard)
		require.NoError(t, err)
		o.batches, o.peak = []int{16}, 0
		s := newSuite(t.Context(), o, smallSet(), io.Discard)
		require.ErrorIs(t, s.run(&cancelAfter{t.Context(), left}), context.Canceled)
		require.NoError(t, s.save(io.Discard))
		r, err := report.Load(filepath.Join(o.out, report.ResultsFile))
		require.NoError(t, err)
		for _, run := range r.Runs {
			require.Empty(t, run.Error)
			if epochs, trained := run.Epochs.Get(); trained {
				require.Equal(t, 1, epochs)
				require.Positive(t, known(t, run.TestMSE))
			}
		}
	}
}

func TestAnInterruptedProfileReportsTheRunsSoFar(t *testing.T) {
	o, err := parse([]string{"-profile", "-batch", "4", "-models", "dense", "-steps", "100000"}, io.Discard)
	require.NoError(t, err)
	o.peak = 0
	var out bytes.Buffer
	require.ErrorIs(t, profile(&cancelAfter{t.Context(), 60}, o, smallSet(), &out), context.Canceled)
	require.Regexp(t, "dense, batch 4, medians of [1-9][0-9]* runs\n", out.String())
	require.Contains(t, out.String(), "all steps")
}

func TestAnInterruptedCheckSavesTheChecksSoFar(t *testing.T) {
	o, err := parse([]string{"-check", "-models", "dense", "-batch", "4", "-o", t.TempDir()}, io.Discard)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, check(ctx, o, smallSet(), &onText{"float32", cancel}), context.Canceled)
	r, err := report.Load(filepath.Join(o.out, report.ResultsFile))
	require.NoError(t, err)
	require.Len(t, r.Checks, 1)
}

// onText is a writer that calls a function when the words are written.
type onText struct {
	words string
	do    func()
}

func (a *onText) Write(p []byte) (int, error) {
	if strings.Contains(string(p), a.words) {
		a.do()
	}
	return len(p), nil
}
