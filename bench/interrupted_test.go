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

func TestAFolderThatCannotBeSavedInIsNoticedFirst(t *testing.T) {
	dir := t.TempDir()
	file, taken := filepath.Join(dir, "file"), filepath.Join(dir, "taken")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(taken, report.ResultsFile), 0o755))
	for out, want := range map[string]string{
		"": "no name", file: "not a directory", filepath.Join(file, "in"): "not a directory", taken: "results.json is a folder there",
	} {
		for _, args := range [][]string{{"-data", "digits", "-steps", "1"}, {"-data", "digits", "-check"}, {"-models", "none", "-merge", file}} {
			var said bytes.Buffer
			require.Equal(t, 1, run(t.Context(), append(args, "-o", out), io.Discard, &said))
			require.Contains(t, said.String(), "bench: -o: ")
			require.Contains(t, said.String(), want)
			require.NotContains(t, said.String(), "FMA peak", "nothing was measured")
		}
	}
}

func TestMoreThreadsThanProcessorsAreAsManyAsThere(t *testing.T) {
	cores := machine.Describe().Cores
	dir := t.TempDir()
	var said bytes.Buffer
	args := []string{"-threads", "1000", "-models", "dense", "-backends", "cpu", "-steps", "1", "-batch", "4", "-data", "digits", "-o", dir}
	require.Equal(t, 0, run(t.Context(), args, io.Discard, &said), said.String())
	require.Contains(t, said.String(), fmt.Sprintf("-threads 1000: this process may use %d", cores))
	r, err := report.Load(filepath.Join(dir, report.ResultsFile))
	require.NoError(t, err)
	require.Equal(t, cores, r.Runs[0].Threads)
}

// patient is a context that is cancelled when its error was asked for so often.
type patient struct {
	context.Context
	left int
}

func (p *patient) Err() error {
	if p.left--; p.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestAnInterruptedRunSavesWhatItHas(t *testing.T) {
	for left := 0; left < 40; left += 5 {
		o, err := parse([]string{"-models", "dense", "-backends", "cpu,tape", "-epochs", "1", "-steps", "2", "-o", t.TempDir()}, io.Discard)
		require.NoError(t, err)
		o.batches, o.peak = []int{16}, 0
		s := newSuite(t.Context(), o, small(), io.Discard)
		require.ErrorIs(t, s.run(&patient{t.Context(), left}), context.Canceled)
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

func TestAnInterruptedProfileIsOfTheRunsSoFar(t *testing.T) {
	o, err := parse([]string{"-profile", "-batch", "4", "-models", "dense", "-steps", "100000"}, io.Discard)
	require.NoError(t, err)
	o.peak = 0
	var out bytes.Buffer
	require.ErrorIs(t, profile(&patient{t.Context(), 60}, o, small(), &out), context.Canceled)
	require.Regexp(t, "dense, batch 4, medians of [1-9][0-9]* runs\n", out.String())
	require.Contains(t, out.String(), "all steps")
}

func TestAnInterruptedCheckSavesTheChecksSoFar(t *testing.T) {
	o, err := parse([]string{"-check", "-models", "dense", "-batch", "4", "-o", t.TempDir()}, io.Discard)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, check(ctx, o, small(), &after{"float32", cancel}), context.Canceled)
	r, err := report.Load(filepath.Join(o.out, report.ResultsFile))
	require.NoError(t, err)
	require.Len(t, r.Checks, 1)
}

// after calls a function when the words are written.
type after struct {
	words string
	then  func()
}

func (a *after) Write(p []byte) (int, error) {
	if strings.Contains(string(p), a.words) {
		a.then()
	}
	return len(p), nil
}
