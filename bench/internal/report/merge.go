// Merging the runs of other programs, and of other rounds of the same program, with those of this one.

package report

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/internal/regular"
)

// Load reads the runs that another program measured, for Merge. The file is a results.json; a program need write only
// what it knows:
//
//	{"schema": 1, "runs": [
//	  {"model": "conv", "backend": "torch-channels-last", "version": "PyTorch 2.9.0",
//	   "device": "AMD EPYC", "batch": 128, "threads": 2, "params": 4385, "compile_ms": 812.5,
//	   "steps": 50, "step_ms": {"min": 17.1, "median": 17.9, "max": 25.0}},
//	  {"model": "conv", "backend": "gomlx", "batch": 128, "threads": 2,
//	   "error": "no transposed convolution on this backend"}]}
//
// Model, backend and batch are required. Every other key of Run may be missing or null, which means unknown. An
// impossible figure, such as a step time that is not above 0, is an error that names the file, the run and the key.
// Models have this benchmark's names; a backend whose name is Rival, or begins with Rival and a hyphen, counts as one
// of Rival's.
func Load(path string) (Results, error) {
	f, err := regular.Open(path)
	if err != nil {
		return Results{}, fmt.Errorf("read results: %w", err)
	}
	defer f.Close()
	r, err := ReadJSON(f)
	if err != nil {
		return Results{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := r.sound(); err != nil {
		return Results{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Merge adds the runs of others to r, in order, each after the runs of its model and batch. A run with the same model,
// backend, version, batch, threads, instruction set and GPU as an existing run is another round of it: the steps add
// up, the shortest and the longest are those of all rounds, and the median is the mean of the rounds' medians, weighted
// by their steps. If r has no machine or data, they are taken from others; the peak is the highest of all. Rates are
// computed again from the medians. A preset's figure replaces that of the same program and seed. flops_per_step is nominal, so any run of the same model and batch supplies it.
func (r *Results) Merge(others ...Results) {
	for _, o := range others {
		if r.Machine.CPU == "" {
			r.Machine, r.Data, r.Seed = o.Machine, o.Data, o.Seed
		}
		if o.Machine.CPU == r.Machine.CPU {
			r.Machine.FMAPeak.One = higher(r.Machine.FMAPeak.One, o.Machine.FMAPeak.One)
			r.Machine.FMAPeak.All = higher(r.Machine.FMAPeak.All, o.Machine.FMAPeak.All)
		}
		if _, has := r.Machine.Device.Get(); !has {
			r.Machine.GPU, r.Machine.Device = o.Machine.GPU, o.Machine.Device
		}
		for _, run := range o.Runs {
			r.add(run)
		}
		r.Presets = mergePresets(r.Presets, o.Presets)
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		if _, known := run.FlopsPerStep.Get(); !known {
			run.FlopsPerStep = r.flopsOf(run.Model, run.Batch)
		}
		run.rate(r.Machine)
	}
}

// add inserts a run after those of its model and batch, or merges it into the run that it is another round of.
func (r *Results) add(run Run) {
	at, sameBatch := len(r.Runs), false
	for i := range r.Runs {
		have := &r.Runs[i]
		if have.round() == run.round() {
			have.pool(run)
			return
		}
		if same := have.Batch == run.Batch; have.Model == run.Model && (same || !sameBatch) {
			at, sameBatch = i+1, same
		}
	}
	r.Runs = append(r.Runs[:at:at], append([]Run{run}, r.Runs[at:]...)...)
}

// roundOf identifies a run: it is equal for all its rounds.
type roundOf struct {
	model, backend string
	version, isa   Opt[string]
	batch, threads int
	gpu            string
}

func (r *Run) round() roundOf {
	of := roundOf{model: r.Model, backend: r.Backend, version: r.Version, isa: r.ISA, batch: r.Batch, threads: r.Threads}
	if r.GPU {
		of.gpu = r.Device
	}
	return of
}

// pool adds the timings of another round.
func (r *Run) pool(o Run) {
	mine, has := r.StepMS.Median.Get()
	more, known := o.StepMS.Median.Get()
	switch {
	case !known:
		return // its error, if any, is not this run's
	case !has:
		*r = o
		return
	}
	n, _ := r.Steps.Get()
	m, _ := o.Steps.Get()
	wn, wm := float64(max(n, 1)), float64(max(m, 1))
	r.StepMS.Median = Known((mine*wn + more*wm) / (wn + wm))
	r.StepMS.Min = extreme(r.StepMS.Min, o.StepMS.Min, math.Min)
	r.StepMS.Max = extreme(r.StepMS.Max, o.StepMS.Max, math.Max)
	r.Steps = Known(n + m)
}

// rate computes the figures that follow from the median step. A run on a GPU is compared with that GPU's peak, if it is
// the machine's GPU.
func (r *Run) rate(m Machine) {
	if r.Emulated {
		r.SamplesPerSec, r.GFLOPS, r.PeakFraction, r.BandwidthFraction = Opt[float64]{}, Opt[float64]{}, Opt[float64]{}, Opt[float64]{}
		return
	}
	ms, known := r.StepMS.Median.Get()
	if !known || ms <= 0 {
		return
	}
	peak, bandwidth := m.FMAPeak.All, Opt[float64]{}
	if r.GPU {
		gpu, _ := m.Device.Get()
		if gpu.Name != r.Device {
			gpu = GPU{}
		}
		peak, bandwidth = gpu.PeakGFLOPS, gpu.BandwidthGBS
	}
	r.SamplesPerSec = Known(float64(r.Batch) / ms * 1e3)
	if flops, known := r.FlopsPerStep.Get(); known {
		r.GFLOPS = Known(float64(flops) / ms / 1e6)
		share(&r.PeakFraction, r.GFLOPS, peak)
	}
	if bytes, known := r.BytesPerStep.Get(); known {
		share(&r.BandwidthFraction, Known(float64(bytes)/ms/1e6), bandwidth)
	}
}

// share sets a figure's share of whole, if both are known.
func share(to *Opt[float64], of, whole Opt[float64]) {
	v, known := of.Get()
	if all, has := whole.Get(); known && has && all > 0 {
		*to = Known(v / all)
	}
}

func (r *Results) flopsOf(model string, batch int) Opt[int64] {
	for _, run := range r.Runs {
		if _, known := run.FlopsPerStep.Get(); known && run.Model == model && run.Batch == batch {
			return run.FlopsPerStep
		}
	}
	return Opt[int64]{}
}

func higher(a, b Opt[float64]) Opt[float64] { return extreme(a, b, math.Max) }

// extreme is of(a, b), or the one that is known.
func extreme(a, b Opt[float64], of func(a, b float64) float64) Opt[float64] {
	x, has := a.Get()
	y, known := b.Get()
	switch {
	case !has:
		return b
	case !known:
		return a
	}
	return Known(of(x, y))
}
