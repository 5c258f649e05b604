package report

import (
	"fmt"
	"math"
	"time"
)

// invented is a full report of twelve runs with every difficulty: unknown
// figures, absent backends, a long name, a diverged loss, a curve of one point
// and one of many.
func invented() Report {
	r := Report{
		Results: Results{
			Schema: Schema, Seed: 1,
			Machine: Machine{CPU: "AMD EPYC 9B14 96-Core Processor", Cores: 2, Go: "go1.26.0", FMAPeak: FMAPeak{One: Known(117.2), All: Known(233.6)}},
			Data:    Data{Name: "mnist", Train: 60000, Test: 10000},
		},
		Command:  "go run ./bench -models conv,conv-strided,vae,lstm -data mnist -epochs 2 -o out",
		Date:     time.Date(2026, 3, 14, 15, 9, 0, 0, time.UTC),
		Platform: "linux/amd64",
		Notes:    []string{"The data is MNIST from the folder given with -data.", "Losses are cross entropies in nats, but for vae: nats per image."},
	}
	ms := map[string]float64{"gorgonia": 517, "tape": 402, "cuda": 0}
	for i, model := range []string{"conv", "conv-strided", "vae", "lstm"} {
		for _, backend := range []string{"gorgonia", "tape", "cuda"} {
			run := Run{Model: model, Backend: backend, Device: "cpu", Batch: 128, Threads: 2}
			if backend == "cuda" {
				run.Device = ""
				run.Error = "built without CUDA: build with -tags gpu on a machine with an NVIDIA driver"
				r.Results.Runs = append(r.Results.Runs, run)
				continue
			}
			median := ms[backend] / float64(int(1)<<(3*i))
			run.Params, run.Nodes = Known[int64](84_905), Known(5719)
			run.CompileMS, run.Steps = Known(48.1), Known(20)
			run.StepMS = Spread{Known(median * .93), Known(median), Known(median * 1.3)}
			run.SamplesPerSec, run.FlopsPerStep = Known(128e3/median), Known[int64](1_141_000_000)
			run.GFLOPS, run.PeakFraction = Known(1141/median), Known(1141/median/233.6)
			run.ISA, run.PlanMS = Known("avx512"), Known(8.25)
			run.ArenaBytes, run.LeastBytes, run.ScratchBytes = Known[int64](7_800_000), Known[int64](7_700_000), Known[int64](12<<10)
			run.AllocsPerStep, run.PeakBytes = Known(1234.5), Known[int64](311<<20)
			run.Epochs, run.LossFirst, run.LossLast = Known(2), Known(.6931), Known(.0934)
			run.TestLoss, run.TestMSE = Known(.0929), Known(.00912)
			switch {
			case model == "conv-strided" && backend == "gorgonia":
				run = Run{Model: model, Backend: backend, Batch: 128, Threads: 2, Error: "gorgonia has no transposed convolution"}
			case model == "lstm" && backend == "tape":
				run.LossLast, run.TestLoss, run.TestMSE = Known(math.NaN()), Known(math.Inf(1)), Opt[float64]{}
			}
			r.Results.Runs = append(r.Results.Runs, run)
			if run.Error == "" {
				r.Curves = append(r.Curves, inventedCurve(model, backend, i))
				r.Images = append(r.Images, inventedImages(model, backend))
			}
		}
	}
	return r
}

// inventedCurve is long, logarithmic, short or of one point, by i.
func inventedCurve(model, backend string, i int) Curve {
	c := Curve{Model: model, Backend: backend, Unit: "step"}
	shift := float64(len(backend)) / 100
	switch i {
	case 0, 2:
		scale := map[int]float64{0: 1, 2: 550}[i]
		for s := 1; s <= 938; s++ {
			wave := .02 * math.Sin(float64(s)*1.7)
			c.Train = append(c.Train, Point{float64(s), scale * (.09 + shift + wave*shift + .6*math.Exp(-float64(s)/60))})
		}
		c.Test = []Point{{469, scale * (.1 + shift)}, {938, scale * (.094 + shift)}}
	case 1:
		c.Unit = "epoch"
		c.Train = []Point{{1, .2631}}
		c.Test = []Point{{1, .2617}}
	default:
		for s := 1; s <= 60; s++ {
			loss := 40 * math.Exp(-float64(s)/7)
			if backend == "tape" && s > 40 || s == 20 {
				loss = math.NaN()
			}
			c.Train = append(c.Train, Point{float64(s), loss + .003 + shift})
		}
		c.Test = []Point{{30, .9}, {60, .02}}
	}
	return c
}

// inventedImages are rings, and the same rings blurred.
func inventedImages(model, backend string) ImageGrid {
	g := ImageGrid{Model: model, Backend: backend, H: 28, W: 28}
	for i := range 10 {
		sharp, blurred := make([]float32, 28*28), make([]float32, 28*28)
		for p := range sharp {
			d := math.Abs(math.Hypot(float64(p/28)-13.5, (float64(p%28)-13.5)*(1+float64(i)/10)) - 8)
			sharp[p] = float32(min(1, max(0, 2.2-d)))
			blurred[p] = float32(1.1 * math.Exp(-d*d/4))
		}
		g.Originals = append(g.Originals, sharp)
		g.Reconstructions = append(g.Reconstructions, blurred)
	}
	return g
}

// sparse is a report in which almost nothing is known.
func sparse() Report {
	run := Run{Model: "conv", Backend: "tape", Batch: 128, Threads: 1}
	run.StepMS.Median = Known(402.5)
	return Report{Results: Results{Seed: 7, Machine: Machine{CPU: "arm64", Cores: 1, Go: "go1.26.0"}, Data: Data{Name: "generated digits", Train: 1000, Test: 200}, Runs: []Run{run}}}
}

// crowded has many backends, several runs of one, and names that are too long.
func crowded() Report {
	r := invented()
	long := "variational-convolutional-with-a-rather-long-name"
	r.Results.Machine.GPU = Known("NVIDIA H100 80GB HBM3")
	r.Results.Runs = nil
	for i := range 12 {
		run := Run{Model: long, Backend: fmt.Sprintf("backend-number-%d", i), Device: "NVIDIA H100 80GB HBM3", Batch: 128, Threads: 2}
		if i > 8 {
			run.Backend, run.Threads = "gorgonia", i
		}
		if i == 8 {
			run.Backend, run.Version = "torch-compile", Known("PyTorch 2.9.0+cpu, torch.compile, channels last")
		}
		run.StepMS = Spread{Known(float64(i) + .5), Known(float64(i) + .61), Known(float64(i)*1.5 + .7)}
		run.Params, run.FlopsPerStep = Known[int64](123_456_789), Known[int64](1_141_000_000_000)
		run.Error = "a path that cannot be broken: " + "/a/very/long/path/without/any/space/in/it/that/goes/on/and/on/and/on.npz"
		r.Results.Runs = append(r.Results.Runs, run)
	}
	for i := range r.Curves {
		r.Curves[i].Model = long
	}
	for i := range r.Images {
		r.Images[i].Model = long
	}
	return r
}

// onGPU is a comparison of two backends at several batch sizes, one on a GPU, and
// of an emulated one.
func onGPU() Report {
	r := Report{Results: Results{
		Seed: 1,
		Machine: Machine{CPU: "AMD EPYC 9B14 96-Core Processor", Cores: 16, Go: "go1.26.0", FMAPeak: FMAPeak{One: Known(117.2), All: Known(1800.0)},
			GPU: Known("NVIDIA H100 80GB HBM3"), Device: Known(GPU{
				Name: "NVIDIA H100 80GB HBM3", Capability: "9.0", Multiprocessors: 132, MemoryBytes: 85017624576, Driver: "12.4",
				Toolkit: "NVRTC 12.4, cuBLAS 12.4.5", PeakGFLOPS: Known(66908.2), BandwidthGBS: Known(3352.3)})},
		Data: Data{Name: "mnist", Train: 60000, Test: 10000},
	}}
	for _, model := range []string{"conv", "lstm"} {
		for _, batch := range []int{128, 1024, 8192} {
			for _, backend := range []string{"cpu", "cuda", "emu"} {
				ms := map[string]float64{"cpu": 4, "cuda": .1, "emu": 3000}[backend] * float64(batch) / 128
				run := Run{Model: model, Backend: backend, Batch: batch, Threads: 16, Device: r.Results.Machine.CPU, Steps: Known(50),
					StepMS: Spread{Known(.9 * ms), Known(ms), Known(1.2 * ms)}, FlopsPerStep: Known(int64(batch) * 8_918_784), BytesPerStep: Known(int64(batch) * 2e6)}
				if backend != "cpu" {
					run.GPU, run.Threads, run.Device = true, 0, "NVIDIA H100 80GB HBM3"
					run.LossDifference, run.LossSteps = Known(3.14e-6), Known(200)
				}
				if backend == "emu" {
					run.Emulated, run.Device = true, "Emulated GPU"
				} else {
					run.TargetMSE, run.TargetEpochs, run.TargetSeconds = Known(.01), Known(2), Known(.9)
				}
				r.Results.Runs = append(r.Results.Runs, run)
				c := Curve{Model: model, Backend: backend, Batch: batch, Unit: "step"}
				for s := range 50 {
					c.Train = append(c.Train, Point{float64(s + 1), .09 + .6*math.Exp(-float64(s)/10)})
				}
				if backend == "cuda" {
					c.Remark = "cuda: every step's loss is that of cpu to 3.1e-06, over 50 steps."
				}
				r.Curves = append(r.Curves, c)
			}
		}
	}
	r.Results.Merge()
	return r
}
