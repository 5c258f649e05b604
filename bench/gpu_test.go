package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/nets"
	"github.com/stheno-ml/stheno/vm"
)

// noGPU stands for a machine without a GPU.
func noGPU() gpus {
	return gpus{
		devices:   func() ([]cuda.Device, error) { return nil, cuda.ErrUnavailable },
		libraries: func() ([]cuda.Library, error) { return nil, cuda.ErrUnavailable },
		backend:   unavailable{},
	}
}

// unavailable is a backend that cannot compile.
type unavailable struct{}

func (unavailable) Compile(*graph.Program) (vm.Machine, error) { return nil, cuda.ErrUnavailable }

// fakeGPU is a GPU with the given name whose machines are those of the CPU.
func fakeGPU(name string, emulated bool) gpus {
	return gpus{
		devices: func() ([]cuda.Device, error) {
			return []cuda.Device{{Name: name, Major: 9, Multiprocessors: 132, Memory: 80 << 30, Driver: "12.4", Peak: 66.9e12, Bandwidth: 3.35e12, Emulated: emulated}}, nil
		},
		libraries: func() ([]cuda.Library, error) {
			return []cuda.Library{{Name: "NVRTC", Version: "12.4"}}, errors.New("no cuBLAS")
		},
		backend: cpu.Config{},
	}
}

func TestWithoutAGPUTheRunSaysHowToGetOne(t *testing.T) {
	r := benchOn(t, noGPU(), "-models", "dense", "-backends", "cpu,cuda,emu", "-steps", "1")
	require.Len(t, r.Results.Runs, 3)
	require.Empty(t, r.Results.Runs[0].Error)
	for _, run := range r.Results.Runs[1:] {
		require.Contains(t, run.Error, "-tags gpu")
		require.True(t, run.GPU)
		require.Empty(t, run.Device)
	}
	require.Equal(t, report.Opt[report.GPU]{}, r.Results.Machine.Device)
}

func TestAComparisonWithoutAGPUTrainsNothing(t *testing.T) {
	r := benchOn(t, noGPU(), "-compare", "-backends", "cpu,cuda", "-models", "conv", "-batch", "4", "-steps", "1")
	require.Empty(t, r.Results.Runs[0].Error)
	require.Equal(t, report.Opt[float64]{}, r.Results.Runs[0].TargetMSE)
	require.Contains(t, r.Results.Runs[1].Error, "-tags gpu")
}

func TestADefaultRunIncludesAnAvailableGPU(t *testing.T) {
	for _, c := range []struct {
		here gpus
		want []string
	}{
		{noGPU(), defaultBackends()},
		{fakeGPU("H100", false), append(defaultBackends(), onCUDA)},
		{fakeGPU("Emulated GPU", true), defaultBackends()},
	} {
		o, err := parseOn(c.here, nil, io.Discard)
		require.NoError(t, err)
		require.Equal(t, c.want, o.backends)
		require.False(t, o.compare)
	}
}

func TestTheEmulatorDoesNotCountAsAGPU(t *testing.T) {
	_, err := fakeGPU("Emulated GPU", true).device(onCUDA)
	require.ErrorContains(t, err, "use the backend emu")
	_, err = fakeGPU("H100", false).device(onEmu)
	require.ErrorContains(t, err, "use the backend cuda")
	none := gpus{devices: func() ([]cuda.Device, error) { return nil, nil }}
	_, err = none.device(onCUDA)
	require.ErrorContains(t, err, "CUDA_VISIBLE_DEVICES")
}

func TestEmulatedTimesAreNotCompared(t *testing.T) {
	r := benchOn(t, fakeGPU("Emulated GPU", true), "-models", "dense", "-backends", "emu,cpu")
	runs := r.Results.Runs
	require.Equal(t, []string{"cpu", "emu"}, []string{runs[0].Backend, runs[1].Backend})
	require.Equal(t, "cpu", r.Curves[0].Backend, "an emulated backend is never the fastest")
	require.Len(t, r.Curves, 1)
	require.True(t, runs[1].Emulated && runs[1].GPU)
	require.Positive(t, known(t, runs[1].StepMS.Median))
	for _, rate := range []report.Opt[float64]{runs[1].SamplesPerSec, runs[1].GFLOPS, runs[1].PeakFraction, runs[1].BandwidthFraction} {
		require.Equal(t, report.Opt[float64]{}, rate)
	}
	require.Zero(t, known(t, runs[1].LossDifference), "the same machine")
	gpu := known(t, r.Results.Machine.Device)
	require.True(t, gpu.Emulated)
	require.Equal(t, report.Opt[float64]{}, gpu.PeakGFLOPS)
}

func TestAGPUInBackendsImpliesCompare(t *testing.T) {
	for _, c := range []struct {
		args    string
		compare bool
		models  string
		batches []int
	}{
		{"-backends cpu,cuda", true, "conv,lstm", []int{128, 1024, 8192}},
		{"-backends cpu,cuda -o results -data mnist -seed 2 -threads 1", true, "conv,lstm", []int{128, 1024, 8192}},
		{"-backends cuda,cpu -quick", true, "conv,lstm", []int{128}},
		{"-backends cpu,emu", true, "conv,lstm", []int{16}},
		{"-compare", true, "conv,lstm", []int{128, 1024, 8192}},
		{"-compare -backends cpu,cuda -models dense -batch 32,64", true, "dense", []int{32, 64}},
		{"-backends cpu,cuda -models dense", false, "dense", nil},
		{"-backends cpu,cuda -steps 5", false, defaultModels, nil},
		{"-backends cuda -profile", false, defaultModels, nil},
		{"-backends cpu", false, defaultModels, nil},
		{"-batch 8,4,8", false, defaultModels, []int{8, 4}},
	} {
		o, err := parseOn(noGPU(), strings.Fields(c.args), io.Discard)
		require.NoError(t, err, c.args)
		require.Equal(t, c.compare, o.compare, c.args)
		require.Equal(t, c.models, strings.Join(o.models, ","), c.args)
		require.Equal(t, c.batches, o.batches, c.args)
	}
}

func TestTheComparison(t *testing.T) {
	r := benchOn(t, fakeGPU("H100", false), "-compare", "-backends", "cpu,cuda", "-models", "dense", "-batch", "16,32", "-steps", "6")
	runs := r.Results.Runs
	require.Len(t, runs, 4)
	for i, batch := range []int{16, 16, 32, 32} {
		require.Equal(t, batch, runs[i].Batch)
		require.Empty(t, runs[i].Error)
		require.Equal(t, 6, known(t, runs[i].Steps))
	}
	gpu := runs[3]
	require.True(t, gpu.GPU)
	require.Zero(t, gpu.Threads)
	require.Equal(t, "H100", gpu.Device)
	require.Zero(t, known(t, gpu.LossDifference))
	require.Equal(t, 6+warmSteps, known(t, gpu.LossSteps))
	require.InDelta(t, known(t, gpu.GFLOPS)/66.9e3, known(t, gpu.PeakFraction), 1e-9)
	require.Positive(t, known(t, gpu.BandwidthFraction))
	require.Greater(t, known(t, gpu.BytesPerStep), known(t, runs[1].BytesPerStep))
	require.Equal(t, report.Opt[float64]{}, runs[2].LossDifference, "it is the reference")
	require.Len(t, gpu.StepLosses, 6+warmSteps)
	require.Equal(t, runs[2].StepLosses, gpu.StepLosses)
	require.Len(t, r.Curves, 4)
	require.Contains(t, r.Command, "go run -tags gpu ./bench -batch 16")
	require.Contains(t, r.Curves[1].Remark, "From the same seed and batches, each loss on cuda is equal to that on cpu, over 8 steps.")
	require.Equal(t, "NVRTC 12.4, others missing", known(t, r.Results.Machine.Device).Toolkit)
}

func TestTrainingToATargetEndsThereOrReportsTheError(t *testing.T) {
	o, err := parseOn(fakeGPU("H100", false), []string{"-compare", "-models", "dense", "-batch", "20", "-o", t.TempDir()}, io.Discard)
	require.NoError(t, err)
	o.peak = 5 * time.Millisecond
	s := newSuite(t.Context(), o, smallSet(), io.Discard)
	n := netNamed("dense", 20)
	for _, c := range []struct {
		target target
		epochs int
	}{
		{target{.5, 9}, 1}, // even grey images are better than this
		{target{1e-6, 2}, 0},
	} {
		n.target = c.target
		r := report.Run{Model: n.name, Backend: onCUDA, Batch: n.batch}
		require.NoError(t, s.toTarget(context.Background(), n, smallSet(), &r))
		require.Equal(t, c.target.mse, known(t, r.TargetMSE))
		epochs, reached := r.TargetEpochs.Get()
		require.Equal(t, c.epochs, epochs)
		require.Equal(t, c.epochs > 0, reached)
		if reached {
			require.Positive(t, known(t, r.TargetSeconds))
			require.LessOrEqual(t, known(t, r.TestMSE), c.target.mse)
		}
	}
	require.Contains(t, s.report.Notes[len(s.report.Notes)-1], "dense on cuda at batch 20: after 2 epochs")
	require.Contains(t, s.report.Notes[len(s.report.Notes)-1], "above the target of 1e-06")
	s.o.backends = []string{"cpu", onEmu}
	run := report.Run{Backend: "cpu"}
	require.NoError(t, s.toTarget(context.Background(), n, smallSet(), &run))
	require.Equal(t, report.Run{Backend: "cpu"}, run, "there is no time to compare with")
}

func TestAGPURunsAllItsStepsInOneTurn(t *testing.T) {
	var order []string
	x := [][]float32{make([]float32, 4)}
	session := func(name string) *timed {
		return &timed{session: &session{step: func([]float32, int) (float64, error) { // takes some time and records its name
			order = append(order, name)
			time.Sleep(50 * time.Microsecond)
			return 0, nil
		}}}
	}
	cpu, gpu := session("cpu"), session("gpu")
	gpu.ownTurn, gpu.minTime = true, 2*time.Millisecond
	require.NoError(t, race(context.Background(), []*timed{cpu, gpu}, 7, x, func() {}))
	require.Len(t, cpu.took, 7)
	require.GreaterOrEqual(t, len(gpu.took), 7)
	require.GreaterOrEqual(t, gpu.total, gpu.minTime)
	require.Equal(t, "cpu", order[4])
	require.Equal(t, "gpu", order[5])
	require.Equal(t, []string{"gpu", "cpu", "cpu"}, order[len(order)-3:])

	gpu = session("gpu")
	gpu.ownTurn = true
	require.NoError(t, race(context.Background(), []*timed{gpu}, 7, x, func() {}))
	require.Len(t, gpu.took, 7)
	for args, want := range map[string]time.Duration{"-backends cuda": time.Second, "-models conv": time.Second, "-backends cuda -steps 9": 0} {
		o, err := parse(strings.Fields(args), io.Discard)
		require.NoError(t, err)
		require.Equal(t, want, o.minTime, args)
	}
}

func TestLossesAreComparedStepByStep(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		got, want []float64
		apart     float64
		steps     int
	}{
		{[]float64{1, 2, 3}, []float64{1, 2, 3}, 0, 3},
		{[]float64{1, 2.02}, []float64{1, 2, 9}, .01, 2},
		{nil, []float64{1}, 0, 0},
		{[]float64{1, nan, 3}, []float64{1, nan, 3}, 0, 3},
		{[]float64{nan, 2}, []float64{1, 2}, nan, 2},
	} {
		apart, steps := lossDifference(c.got, c.want)
		require.Equal(t, c.steps, steps)
		if math.IsNaN(c.apart) {
			require.True(t, math.IsNaN(apart))
		} else {
			require.InDelta(t, c.apart, apart, 1e-12)
		}
	}
}

func TestEachBatchSizeIsARun(t *testing.T) {
	r := bench(t, "-models", "dense,vae", "-backends", "cpu", "-batch", "8,16", "-steps", "2")
	var got []string
	for _, run := range r.Results.Runs {
		got = append(got, run.Model+" "+strings.Repeat("x", run.Batch/8))
	}
	require.Equal(t, []string{"dense x", "dense xx", "vae x", "vae xx"}, got)
	require.Equal(t, 2*known(t, r.Results.Runs[0].FlopsPerStep), known(t, r.Results.Runs[1].FlopsPerStep))
}

func TestTheBoundsOfAGPUFollowFromItsClocks(t *testing.T) {
	o, err := parseOn(fakeGPU("H100", false), []string{"-profile", "-backends", "cuda,tape", "-batch", "16", "-models", "dense", "-steps", "2"}, io.Discard)
	require.NoError(t, err)
	var out bytes.Buffer
	err = profile(context.Background(), o, smallSet(), &out)
	require.ErrorContains(t, err, "profile dense, batch 16, on tape: it has no plan")
	require.Contains(t, out.String(), "cuda: H100 (compute capability 9.0, 132 multiprocessors, 80 GiB, driver for CUDA 12.4): by its clocks 66.9 TFLOP/s, memory 3350 GB/s")
	require.Contains(t, out.String(), "dense, batch 16, medians of 2 runs")
	d, _ := ceiling{0, bandwidth{{1, 0}}}.bound(1e9, 1e9, 1e9)
	require.Zero(t, d, "an unknown rate is no bound")
}

func TestKernelsAreWrittenWithoutAGPU(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kernels")
	var out, errs bytes.Buffer
	require.Equal(t, 0, run(context.Background(), []string{"-kernels", dir, "-models", "dense", "-batch", "4,8"}, &out, &errs), errs.String())
	for _, name := range []string{"dense-4.cu", "dense-8.cu"} {
		require.FileExists(t, filepath.Join(dir, name))
		require.Contains(t, out.String(), name)
	}
}

func TestEveryTargetHasALimitOfEpochs(t *testing.T) {
	for name, target := range targets {
		n, ok := nets.Named(name)
		require.True(t, ok, name)
		require.Positive(t, target.epochs, name)
		require.Nil(t, n.Sample, "%s: targets are for digits", name)
	}
}
