package main

// The rows: in results.json beside those of bench, and as a table.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"text/tabwriter"

	"github.com/stheno-ml/stheno/bench/internal/report"
)

// save adds the rows to results.json in the folder, and replaces the timings of rows already there for the same net and
// backend. It returns the file's path.
func save(folder string, fresh report.Results) (string, error) {
	path := filepath.Join(folder, report.ResultsFile)
	have, err := report.Load(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && have.Machine.CPU != fresh.Machine.CPU {
		return path, report.SaveJSON(path, fresh)
	}
	if err != nil {
		return path, err
	}
	var added []report.Run
	for _, run := range fresh.Runs {
		if !replace(have.Runs, run) {
			added = append(added, run)
		}
	}
	fresh.Runs = added
	have.Merge(fresh)
	return path, report.SaveJSON(path, have)
}

// replace gives the run of the same net and backend its new timings, and reports
// whether there is one.
func replace(runs []report.Run, by report.Run) bool {
	for i := range runs {
		r := &runs[i]
		if r.Model != by.Model || r.Backend != by.Backend || r.Batch != by.Batch || r.Threads != by.Threads {
			continue
		}
		if isa, known := by.ISA.Get(); known {
			if other, has := r.ISA.Get(); has && other != isa {
				continue
			}
		}
		r.GPU = by.GPU
		r.Version, r.Device, r.Params, r.CompileMS, r.Error = by.Version, by.Device, by.Params, by.CompileMS, by.Error
		r.Steps, r.StepMS, r.FlopsPerStep = by.Steps, by.StepMS, by.FlopsPerStep
		r.SamplesPerSec, r.GFLOPS, r.PeakFraction = by.SamplesPerSec, by.GFLOPS, by.PeakFraction
		return true
	}
	return false
}

// writeTable prints the rows with their speed against the best of PyTorch.
func writeTable(w io.Writer, r report.Results) error {
	all, _ := r.Machine.FMAPeak.All.Get()
	isa, _ := r.Machine.FMAPeak.ISA.Get()
	fmt.Fprintf(w, "%s, FMA peak of %s %.0f GFLOP/s; a training step, or a forward pass of conv-encode; float32, times are medians\n\n", r.Machine.CPU, isa, all)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "net\tbatch\tparams\tprogram\tsteps\tms\tmin\tmax\tGFLOP/s\tof peak\tvs PyTorch\tby min\t")
	last := ""
	for _, run := range r.Runs {
		ms, known := run.StepMS.Median.Get()
		params, _ := run.Params.Get()
		if run.Model != last {
			last = run.Model
			fmt.Fprintf(t, "%s\t%d\t%d\t", run.Model, run.Batch, params)
		} else {
			fmt.Fprint(t, "\t\t\t")
		}
		if !known {
			fmt.Fprintf(t, "%s\t-\t-\t-\t-\t-\t-\t-\t-\t\n", run.Backend)
			continue
		}
		steps, _ := run.Steps.Get()
		lo, _ := run.StepMS.Min.Get()
		hi, _ := run.StepMS.Max.Get()
		gflops, _ := run.GFLOPS.Get()
		ofPeak, versus, least := "-", "-", "-"
		if peak, known := run.PeakFraction.Get(); known {
			ofPeak = fmt.Sprintf("%.1f%%", 100*peak)
		}
		if median, shortest := bestTorch(r.Runs, run.Model, run.GPU); median > 0 {
			versus, least = fmt.Sprintf("%.2f", median/ms), fmt.Sprintf("%.2f", shortest/lo)
		}
		fmt.Fprintf(t, "%s\t%d\t%.4g\t%.4g\t%.4g\t%.4g\t%s\t%s\t%s\t\n", run.Backend, steps, ms, lo, hi, gflops, ofPeak, versus, least)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, run := range r.Runs {
		if run.Error != "" {
			fmt.Fprintf(w, "%s on %s: %s\n", run.Model, run.Backend, run.Error)
		}
	}
	return nil
}

// bestTorch is PyTorch's shortest median step of a net and its shortest step: each is the best of its programs on the
// GPU or else on the CPU, or 0.
func bestTorch(runs []report.Run, model string, gpu bool) (median, shortest float64) {
	for _, run := range runs {
		ms, known := run.StepMS.Median.Get()
		if !known || run.Model != model || run.GPU != gpu || !isTorch(run.Backend) {
			continue
		}
		lo, _ := run.StepMS.Min.Get()
		if median == 0 {
			median, shortest = ms, lo
		}
		median, shortest = min(median, ms), min(shortest, lo)
	}
	return median, shortest
}
