//go:build unix

package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
)

// TestMain runs the command if the test starts itself as a subprocess.
func TestMain(m *testing.M) {
	if os.Getenv("STHENO_BENCH_TEST") != "" {
		main()
	}
	os.Exit(m.Run())
}

// command starts the benchmark as a subprocess.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "STHENO_BENCH_TEST=1")
	t.Cleanup(func() {
		if c.Process != nil {
			_ = c.Process.Kill() // it has exited, unless the test failed
		}
	})
	return c
}

// fewDigits writes a data set of few images to a folder, so that an epoch takes
// little time.
func fewDigits(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	idx := func(name string, data []byte, dims ...uint32) {
		file := []byte{0, 0, 8, byte(len(dims))}
		for _, n := range dims {
			file = binary.BigEndian.AppendUint32(file, n)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), append(file, data...), 0o600))
	}
	for name, n := range map[string]int{"train": 64, "t10k": 32} {
		images := make([]byte, n*28*28)
		for i := range images {
			images[i] = byte(i)
		}
		idx(name+"-images-idx3-ubyte", images, uint32(n), 28, 28)
		idx(name+"-labels-idx1-ubyte", make([]byte, n), uint32(n))
	}
	return dir
}

// waitFor reads lines up to one that contains words.
func waitFor(t *testing.T, lines *bufio.Scanner, words string) {
	t.Helper()
	var seen []string
	for lines.Scan() {
		seen = append(seen, lines.Text())
		if strings.Contains(lines.Text(), words) {
			return
		}
	}
	require.Fail(t, "no line contains it", "%q in %s", words, strings.Join(seen, "\n"))
}

func TestASignalSavesTheCompletedEpochs(t *testing.T) {
	data := fewDigits(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			out := t.TempDir()
			c := command(t, "-models", "dense", "-backends", "cpu", "-batch", "16", "-epochs", "1000000", "-data", data, "-o", out)
			stderr, err := c.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, c.Start())
			lines := bufio.NewScanner(stderr)
			waitFor(t, lines, "epoch 3/1000000")
			require.NoError(t, c.Process.Signal(signal))
			waitFor(t, lines, "interrupted: the measurements so far are saved")
			_, err = io.Copy(io.Discard, stderr)
			require.NoError(t, err)
			require.Error(t, c.Wait())
			require.Equal(t, 130, c.ProcessState.ExitCode())

			results, err := report.Load(filepath.Join(out, report.ResultsFile))
			require.NoError(t, err)
			require.Len(t, results.Runs, 1)
			run := results.Runs[0]
			require.Empty(t, run.Error)
			require.GreaterOrEqual(t, known(t, run.Epochs), 3)
			require.Positive(t, known(t, run.TestLoss))
			require.Positive(t, known(t, run.TestMSE))
			require.Positive(t, known(t, run.LossLast))
			page, err := os.ReadFile(filepath.Join(out, report.PageFile))
			require.NoError(t, err)
			require.Contains(t, string(page), "interrupted at dense, batch 16")
		})
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	out := t.TempDir()
	c := command(t, "-models", "conv-wide", "-backends", "tape", "-batch", "64", "-steps", "3", "-data", "digits", "-o", out)
	stderr, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	lines := bufio.NewScanner(stderr)
	waitFor(t, lines, "FMA peak of") // the next steps take seconds
	require.NoError(t, c.Process.Signal(os.Interrupt))
	waitFor(t, lines, "a second signal ends at once")
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	_, err = io.Copy(io.Discard, stderr)
	require.NoError(t, err)
	require.Error(t, c.Wait())
	require.Equal(t, syscall.SIGTERM, c.ProcessState.Sys().(syscall.WaitStatus).Signal())
}

func TestAClosedPipeStillWritesTheFiles(t *testing.T) {
	data := fewDigits(t)
	for what, files := range map[string][]string{
		"-steps 1": {report.ResultsFile, report.PageFile},
		"-check":   {report.ResultsFile},
	} {
		t.Run(what, func(t *testing.T) {
			out := t.TempDir()
			args := append(strings.Fields(what), "-models", "dense", "-backends", "cpu", "-batch", "8", "-data", data, "-o", out)
			c := command(t, args...)
			r, w, err := os.Pipe()
			require.NoError(t, err)
			require.NoError(t, r.Close())
			c.Stdout, c.Stderr = w, w
			require.NoError(t, c.Run())
			require.NoError(t, w.Close())
			entries, err := os.ReadDir(out)
			require.NoError(t, err)
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			require.ElementsMatch(t, files, names)
		})
	}
}

func TestANamedPipeIsAnError(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	data := fewDigits(t)
	labels := filepath.Join(data, "t10k-labels-idx1-ubyte")
	require.NoError(t, os.Remove(labels))
	require.NoError(t, syscall.Mkfifo(labels, 0o600))
	for path, args := range map[string][]string{
		pipe:   {"-models", "none", "-merge", pipe},
		labels: {"-data", data},
	} {
		output, err := command(t, slices.Concat(args, []string{"-o", t.TempDir()})...).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(output), path+" is a named pipe, want a regular file")
	}
}
