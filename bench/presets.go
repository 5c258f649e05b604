package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/internal/machine"
	"github.com/stheno-ml/stheno/presets"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// presetsFolder is the folder of the presets' runs, in that of the report.
const presetsFolder = "presets"

// listPresets prints the presets, with the minutes that a seed takes on two cores.
func listPresets(stdout io.Writer) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "preset\tminutes\tfast\twhat\tfigure\tpublished\ttarget")
	for _, p := range presets.All() {
		fast, f := "", p.Figures[0]
		if p.Fast {
			fast = "fast"
		}
		fmt.Fprintf(w, "%s\t%g\t%s\t%s\t%s\t%s\t%s\n", p.Name, p.Minutes, fast, p.Title, f.Metric, orDash(f.Expected), orDash(f.Target))
	}
	return w.Flush()
}

// orDash formats a figure that is 0 if there is none.
func orDash(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%g", v)
}

// runPresets runs the presets with all seeds, and saves the report after each. One that
// fails does not stop the others; one whose data is missing is noted.
func runPresets(ctx context.Context, o options, others []report.Results, stdout, stderr io.Writer) error {
	m := machine.Describe()
	s := &suite{o: o, log: stderr, report: report.Report{
		Results: report.Results{Schema: report.Schema, Seed: o.seed, Machine: report.Machine{CPU: m.CPU, Cores: m.Cores, Go: m.Go}},
		Command: o.command, Date: time.Now(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}}
	s.report.Results.Merge(others...)
	settings := presets.Options{
		Dir: filepath.Join(o.out, presetsFolder), Seeds: o.seeds, Backend: o.presetBackend(), Progress: stderr, Trial: o.trial,
	}
	if o.data != "auto" {
		settings.Data = o.data
	}
	var failed []error
	for _, p := range o.presets {
		results, err := p.Train(ctx, settings)
		for _, r := range results {
			if bad := s.addPreset(r, m.CPU); bad != nil {
				return bad
			}
		}
		var missing *presets.Missing
		switch {
		case ctx.Err() != nil:
			return errors.Join(s.save(io.Discard), ctx.Err())
		case errors.As(err, &missing):
			s.report.Notes = append(s.report.Notes, err.Error())
		case err != nil:
			failed = append(failed, err)
			s.report.Notes = append(s.report.Notes, err.Error())
		}
		if err := s.save(io.Discard); err != nil {
			return err
		}
	}
	return errors.Join(append(failed, s.save(stdout))...)
}

// presetBackend is the backend that trains the presets: the only one of -backends, or
// the GPU if it is among them, else the compiled CPU machine.
func (o options) presetBackend() vm.Backend {
	switch {
	case slices.ContainsFunc(o.backends, onGPU):
		return cuda.Config{}
	case len(o.backends) == 1 && o.backends[0] == onTape:
		return tape.Config{}
	}
	return o.machine()
}

// given is a number of a preset's figure, which is 0 if there is none.
func given(v float64) report.Opt[float64] {
	if v == 0 {
		return report.Opt[float64]{}
	}
	return report.Known(v)
}

// addPreset adds the figures and the pictures of a run to the report.
func (s *suite) addPreset(r presets.Result, cpu string) error {
	for i, f := range r.Preset.Figures {
		row := report.PresetFigure{
			Name: r.Preset.Name, Title: r.Preset.Title, Epochs: r.Epochs, Seed: r.Seed, Metric: f.Metric, Value: r.Values[f.Metric],
			Expected: given(f.Expected), Source: f.Source, Target: given(f.Target), Higher: f.Higher, Met: f.Met(r.Values[f.Metric]),
			Seconds: r.Elapsed.Seconds(), Machine: cpu,
		}
		if before, has := r.Before[f.Metric]; has {
			row.Untrained = report.Known(before)
		}
		if i == 0 {
			row.Notes = r.Notes
		}
		s.report.Results.Presets = append(s.report.Results.Presets, row)
	}
	for _, p := range r.Pictures {
		png, err := os.ReadFile(p.Path)
		if err != nil {
			return fmt.Errorf("the picture %q of %s: %w", p.Title, r.Preset.Name, err)
		}
		s.report.Pictures = append(s.report.Pictures, report.PresetPicture{Name: r.Preset.Name, Title: p.Title, Seed: r.Seed, PNG: png})
	}
	return nil
}
