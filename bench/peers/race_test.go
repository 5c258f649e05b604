package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/cuda"
)

// TestMain makes the test's own program take orders, as the command does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestANetIsRacedAndItsRowsAreSaved(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-nets", "conv-encode", "-backends", "cpu,torch-eager,gomlx", "-rounds", "2", "-block", "1ms", "-data", "digits", "-threads", "1", "-o", dir}
	for range 2 { // the second time, the rows are replaced
		var out, errs bytes.Buffer
		require.Equal(t, 0, run(context.Background(), args, nil, &out, &errs), errs.String())
		require.Contains(t, out.String(), "conv-encode on torch-eager: there is no PyTorch")
		require.Contains(t, out.String(), "conv-encode on gomlx: the program in bench/peers/gomlx is not built")
		r, err := report.Load(filepath.Join(dir, "results.json"))
		require.NoError(t, err)
		require.Len(t, r.Runs, 3)
		ours := r.Runs[0]
		require.Equal(t, own, ours.Backend)
		require.Equal(t, report.Known[int64](1904), ours.Params)
		ms, known := ours.StepMS.Median.Get()
		require.True(t, known)
		require.Positive(t, ms)
		require.Equal(t, 1, ours.Threads)
	}
}

func TestEveryNetsFileHasWhatItsProgramsNeed(t *testing.T) {
	all, err := nets()
	require.NoError(t, err)
	for _, n := range all {
		if n.Params > 1_000_000 || n.Name == "conv-encode" {
			continue // tens of megabytes; raced above
		}
		t.Run(n.Name, func(t *testing.T) {
			n.Batch = min(n.Batch, 8) // for small files
			path := filepath.Join(t.TempDir(), "net.safetensors")
			require.NoError(t, export(context.Background(), path, n, digits(t)))
			o := &ours{}
			a, err := o.Open(n, path, 1)
			require.NoError(t, err)
			require.Equal(t, n.Params, a.Params)
			require.Len(t, a.Losses, 2)
			require.Positive(t, a.Losses[0])
			require.NoError(t, o.Close())
		})
	}
}

func TestAnotherNetIsFoundOut(t *testing.T) {
	r := &race{o: options{checked: 1}}
	mine := &runner{backend: own, losses: []float64{.7, .6}}
	same := &runner{backend: "torch-eager", losses: []float64{.700001, .6}}
	other := &runner{backend: "gomlx", losses: []float64{.7, .61}}
	short := &runner{backend: "gomlx", losses: []float64{.7}}
	n := talk.Net{Name: "conv"}
	require.NoError(t, r.check(n, []*runner{mine, same}))
	require.Contains(t, r.notes[0], "conv: nets checked equal on 1 programs: loss 0.700000 at first, 0.600000 after 1 steps")
	require.ErrorContains(t, r.check(n, []*runner{mine, same, other}), "gomlx: its losses are")
	require.Contains(t, other.run.Error, "this is another net")
	require.Error(t, r.check(n, []*runner{mine, short}))
	require.ErrorContains(t, r.check(n, []*runner{same}), "not checked")
}

func TestTurnsAreAsLongAsAsked(t *testing.T) {
	for _, c := range []struct {
		ms                 float64
		warm, steps, every int
	}{
		{.1, 62, 500, 1},
		{10, 5, 40, 1},
		{300, 1, 1, 1},
		{1000, 1, 1, 1},
		{8000, 0, 1, 10},
	} {
		warm, steps, every := turnOf(c.ms, 400*time.Millisecond)
		require.Equal(t, []int{c.warm, c.steps, c.every}, []int{warm, steps, every}, "%g ms", c.ms)
	}
}

func TestTimingsReplaceThoseOfTheSameRun(t *testing.T) {
	dir := t.TempDir()
	row := func(backend string, ms float64) report.Run {
		return report.Run{Model: "conv", Backend: backend, Batch: 128, Threads: 2, StepMS: report.Spread{Median: report.Known(ms)}, FlopsPerStep: report.Known[int64](1e9)}
	}
	trained := row(own, 5)
	trained.TestMSE = report.Known(.01)
	results := func(runs ...report.Run) report.Results {
		return report.Results{Schema: report.Schema, Machine: report.Machine{CPU: "abacus"}, Runs: runs}
	}
	_, err := save(dir, results(trained, row("tape", 90)))
	require.NoError(t, err)
	path, err := save(dir, results(row(own, 4), row("torch-eager", 20)))
	require.NoError(t, err)
	r, err := report.Load(path)
	require.NoError(t, err)
	require.Len(t, r.Runs, 3)
	require.Equal(t, report.Known(4.), r.Runs[0].StepMS.Median)
	require.Equal(t, report.Known(.01), r.Runs[0].TestMSE, "what it learned stays")
	require.Equal(t, report.Known(250.), r.Runs[0].GFLOPS)
	best, _ := bestTorch(r.Runs, "conv", false)
	require.Equal(t, 20., best)
}

func TestWithoutAGPUItsProgramsSaySo(t *testing.T) {
	if _, err := cuda.Devices(); !errors.Is(err, cuda.ErrUnavailable) {
		t.Skip("built with the tag gpu")
	}
	var out, errs bytes.Buffer
	args := []string{"-nets", "dense", "-batch", "8", "-backends", "cuda,torch-cuda-graphs", "-rounds", "1", "-block", "1ms", "-data", "digits", "-o", t.TempDir()}
	require.Equal(t, 0, run(context.Background(), args, nil, &out, &errs), errs.String())
	require.Contains(t, out.String(), "dense on cuda: this program was built without GPU support")
	require.Contains(t, out.String(), "dense on torch-cuda-graphs: there is no PyTorch")
	o, err := parse([]string{"-nets", "conv,conv-encode", "-batch", "1024"}, &errs)
	require.NoError(t, err)
	require.Equal(t, []int{1024, 1}, []int{o.nets[0].Batch, o.nets[1].Batch})
	require.EqualValues(t, 8*1141604352, o.nets[0].Flops)
}

func TestAGPUsPyTorchIsComparedOnTheGPU(t *testing.T) {
	row := func(backend string, gpu bool, ms float64) report.Run {
		return report.Run{Model: "conv", Backend: backend, GPU: gpu, StepMS: report.Spread{Median: report.Known(ms)}}
	}
	runs := []report.Run{row("torch-eager", false, 20), row("torch-cuda", true, 2), row("torch-cuda-graphs", true, 1), row(ownGPU, true, .5)}
	best, _ := bestTorch(runs, "conv", true)
	require.Equal(t, 1., best)
	best, _ = bestTorch(runs, "conv", false)
	require.Equal(t, 20., best)
}

func TestWrongUsageIsStatusTwo(t *testing.T) {
	for _, args := range [][]string{{"-nets", "resnet"}, {"-backends", "abacus"}, {"-rounds", "0"}, {"extra"}, {"-nonsense"}, {"-batch", "-1"}, {"-machine", "abacus"}} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(context.Background(), args, nil, &out, &errs), "%v", args)
		require.NotEmpty(t, errs.String())
	}
}

func TestABusyMachineIsSaidSo(t *testing.T) {
	require.Equal(t, 8.25, parseLoad("8.25 5.19 3.07 4/234 5678\n"))
	require.Zero(t, parseLoad(""))
	require.Empty(t, busyNote(2.9, 2))
	require.Contains(t, busyNote(8.25, 2), "the machine was busy: a load of 8.2")
}
