package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsAlignedWithDashesAndErrorsBelow(t *testing.T) {
	full := Run{Model: "conv", Backend: "gorgonia", Device: "cpu", Batch: 128, Threads: 2,
		Params: Known[int64](4385), Nodes: Known(5719), CompileMS: Known(48.12), Steps: Known(20),
		StepMS:        Spread{Known(500.4), Known(517.0), Known(1002.0)},
		SamplesPerSec: Known(247.6), FlopsPerStep: Known[int64](1_141_000_000), GFLOPS: Known(2.207),
		PeakFraction: Known(.00945), AllocsPerStep: Known(1234.5), PeakBytes: Known[int64](326 << 20),
		Epochs: Known(1), LossFirst: Known(.6931), LossLast: Known(.09341), TestLoss: Known(.0929), TestMSE: Known(.00912)}
	fast := Run{Model: "conv", Backend: "tape", Batch: 128, Threads: 2, StepMS: Spread{Median: Known(25.85)}}
	absent := Run{Model: "conv-strided", Backend: "cuda", Batch: 128, Threads: 2, Error: "no CUDA:\n  build with -tags gpu"}
	r := Results{
		Seed:    1,
		Machine: Machine{CPU: "AMD EPYC", Cores: 2, Go: "go1.26.0", FMAPeak: FMAPeak{One: Known(117.2), All: Known(233.6)}},
		Data:    Data{"mnist", 60000, 10000},
		Runs:    []Run{full, fast, absent},
	}
	want := `
AMD EPYC, 2 cores, go1.26.0, FMA peak 117 GFLOP/s on one thread, 234 on all
data mnist: 60,000 to train, 10,000 to test; seed 1

model         backend   batch  threads  compile ms  steps  step ms    min–max  samples/s  GFLOP/s  of peak  speed
conv          gorgonia    128        2        48.1     20      517  500–1,002        248     2.21    0.9 %  1.00×
conv          tape        128        2           -      -     25.9          -          -        -        -  20.0×
conv-strided  cuda        128        2           -      -        -          -          -        -        -      -
  ! no CUDA: build with -tags gpu

model  backend   params  nodes  MFLOP  allocs   memory  epochs  first loss  last loss  test loss  test MSE
conv   gorgonia   4,385  5,719  1,141   1,234  326 MiB       1      0.6931    0.09341    0.09290  0.009120
`
	var b strings.Builder
	require.NoError(t, WriteTable(&b, r))
	require.Equal(t, strings.TrimPrefix(want, "\n"), b.String())
}

func TestTableOfNothingIsTwoLines(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteTable(&b, Results{Machine: Machine{CPU: "arm64", Cores: 1, Go: "go1.26.0"}, Data: Data{Name: "digits"}}))
	require.Equal(t, "arm64, 1 core, go1.26.0\ndata digits: 0 to train, 0 to test; seed 0\n", b.String())
}

func TestTableReportsAWriterThatFails(t *testing.T) {
	require.ErrorIs(t, WriteTable(fullDisk{}, invented().Results), errFull)
}

var errFull = errors.New("disk full")

// fullDisk is a writer that cannot write.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestSpeedIsRelativeToTheBaselineOfTheSameModelAndBatch(t *testing.T) {
	run := func(model, backend string, batch, threads int, ms float64) Run {
		return Run{Model: model, Backend: backend, Batch: batch, Threads: threads, StepMS: Spread{Median: Known(ms)}}
	}
	got := rows([]Run{
		run("conv", Baseline, 128, 1, 100),
		run("conv", Baseline, 128, 2, 60),
		run("conv", "tape", 128, 1, 50),
		run("conv", "tape", 128, 2, 20),
		run("conv", "tape", 128, 4, 10),
		run("conv", "tape", 64, 1, 5),
		run("vae", "tape", 128, 1, 5),
		{Model: "conv", Backend: "cuda", Batch: 128},
		run("conv", "zero", 128, 1, 0),
	})
	want := []Opt[float64]{Known(1.0), Known(1.0), Known(2.0), Known(3.0), Known(6.0), {}, {}, {}, {}}
	for i, w := range want {
		require.Equal(t, w, got[i].Speedup, "run %d", i)
	}
}

func TestRivalryIsWithTheFastestOfTheRivalsBackends(t *testing.T) {
	run := func(backend string, threads int, ms float64) Run {
		return Run{Model: "conv", Backend: backend, Batch: 128, Threads: threads, StepMS: Spread{Median: Known(ms)}}
	}
	runs := []Run{run("cpu", 2, 5), run("torch", 2, 40), run("torch-compile", 2, 20), run("torch-compile", 4, 1), run("torchless", 2, 2)}
	got := rows(runs)
	for i, want := range []float64{4, .5, 1, 1, 10} {
		require.Equal(t, Known(want), got[i].Rivalry, runs[i].Backend)
	}
	require.Len(t, columnsOf(speedColumns, got), len(columnsOf(speedColumns, rows(runs[:1])))+1, "a column that only these runs need")
}

func TestAGPUIsHeldAgainstItselfAndTheReference(t *testing.T) {
	r := onGPU().Results
	all := rows(r.Runs)
	cpu, gpu, emulated := all[0], all[1], all[2]
	require.Equal(t, Opt[float64]{}, cpu.OverCPU)
	require.Equal(t, Known(40.0), gpu.OverCPU)
	require.InDelta(t, 128*8_918_784/1e-4/66908.2e9, known(t, gpu.PeakFraction), 1e-9)
	require.InDelta(t, 128*2e6/1e-4/3352.3e9, known(t, gpu.BandwidthFraction), 1e-9)
	require.InDelta(t, 128*8_918_784/4e-3/1800e9, known(t, cpu.PeakFraction), 1e-9)
	require.Equal(t, Opt[float64]{}, cpu.BandwidthFraction)
	require.Equal(t, row{Run: emulated.Run}, emulated, "compared with nothing")
	require.Equal(t, []Opt[float64]{{}, {}, {}}, []Opt[float64]{emulated.SamplesPerSec, emulated.GFLOPS, emulated.PeakFraction})

	other := r.Runs[1]
	other.Device, other.PeakFraction = "NVIDIA A100", Opt[float64]{}
	r.Merge(Results{Runs: []Run{other}})
	require.Len(t, r.Runs, 19, "another GPU is not another round")
	require.Equal(t, Opt[float64]{}, r.Runs[9].PeakFraction, "it is not held against this one")

	var b strings.Builder
	require.NoError(t, WriteTable(&b, r))
	require.Contains(t, b.String(), "\nemu: emulated: its times say nothing of a GPU\n")
	require.Contains(t, b.String(), "NVIDIA H100 80GB HBM3 (compute capability 9.0,")
	require.Regexp(t, `conv +cuda +128 +- +- +50 +0\.100 +0\.0900–0\.120 +1,280,000 +11,416 +17\.1 % +76\.4 % +- +40\.0×\n`, b.String())
}

// known is a figure that must be known.
func known(t *testing.T, o Opt[float64]) float64 {
	t.Helper()
	v, known := o.Get()
	require.True(t, known)
	return v
}

func TestVersionsOfOtherProgramsStandBelow(t *testing.T) {
	var b strings.Builder
	run := Run{Model: "conv", Backend: "torch", Version: Known("PyTorch 2.9.0"), Batch: 1}
	require.NoError(t, WriteTable(&b, Results{Runs: []Run{run, {Model: "conv", Backend: "cpu", Batch: 1}, run}}))
	require.True(t, strings.HasSuffix(b.String(), "\n\ntorch: PyTorch 2.9.0\n"), b.String())
	text, _ := pageOf(t, crowded())
	require.Contains(t, text, "PyTorch 2.9.0+cpu, torch.compile, channels last; NVIDIA H100 80GB HBM3")
	require.Contains(t, text, "vs torch")
}

func TestNumbersReadWell(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{three(0), "0"}, {three(0.01234), "0.0123"}, {three(1.234), "1.23"}, {three(99.96), "100"},
		{three(1234.4), "1,234"}, {three(-1234567), "-1,234,567"}, {three(1e-7), "1.00e-07"}, {three(2.5e12), "2.50e+12"},
		{four(0.1), "0.1000"}, {four(107.25), "107.2"},
		{count(0), "0"}, {count(999), "999"}, {count(-1000), "-1,000"}, {count(int64(1234567)), "1,234,567"},
		{percent(0), "0.0 %"}, {percent(.1234), "12.3 %"}, {percent(1.694), "169.4 %"}, {percent(.000123), "0.0123 %"},
		{times(19.66), "19.7×"},
		{bytesOf(0), "0 B"}, {bytesOf(1023), "1023 B"}, {bytesOf(1 << 10), "1.00 KiB"}, {bytesOf(1<<20 - 1), "1.00 MiB"}, {bytesOf(5 << 40), "5.00 TiB"},
		{some(1, "core"), "1 core"}, {some(2, "core"), "2 cores"}, {some(0, "core"), "0 cores"},
	} {
		require.Equal(t, c.want, c.got)
	}
}
