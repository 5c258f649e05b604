// Figures that are not finite: neither JSON nor a chart can show them.

package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// finite returns the results with the current schema, with runs that are not
// nil, and with every NaN and infinity replaced by unknown; a run's error names
// those figures.
func (r Results) finite() Results {
	r.Schema = Schema
	forget("one", &r.Machine.FMAPeak.One)
	forget("all", &r.Machine.FMAPeak.All)
	if gpu, known := r.Machine.Device.Get(); known {
		forget("peak", &gpu.PeakGFLOPS)
		forget("bandwidth", &gpu.BandwidthGBS)
		r.Machine.Device = Known(gpu)
	}
	runs := make([]Run, len(r.Runs))
	for i, run := range r.Runs {
		runs[i] = run.finite()
	}
	r.Runs = runs
	checks := slices.Clone(r.Checks)
	for i := range checks { // a figure that is not finite is wrong, and Wrong says so
		for _, f := range []*Opt[float64]{&checks[i].Loss, &checks[i].Weights, &checks[i].Gradients} {
			forget("", f)
		}
	}
	r.Checks = checks
	return r
}

// finite returns the run with every NaN and infinity replaced by unknown and
// named in its error.
func (r Run) finite() Run {
	var said []string
	if r.Error != "" {
		said = append(said, r.Error)
	}
	for _, f := range []struct {
		name string
		at   *Opt[float64]
	}{
		{"compile_ms", &r.CompileMS},
		{"plan_ms", &r.PlanMS},
		{"step_ms.min", &r.StepMS.Min},
		{"step_ms.median", &r.StepMS.Median},
		{"step_ms.max", &r.StepMS.Max},
		{"samples_per_sec", &r.SamplesPerSec},
		{"gflops", &r.GFLOPS},
		{"peak_fraction", &r.PeakFraction},
		{"allocs_per_step", &r.AllocsPerStep},
		{"loss_first", &r.LossFirst},
		{"loss_last", &r.LossLast},
		{"test_loss", &r.TestLoss},
		{"test_mse", &r.TestMSE},
		{"bandwidth_fraction", &r.BandwidthFraction},
		{"loss_difference", &r.LossDifference},
		{"target_mse", &r.TargetMSE},
		{"target_seconds", &r.TargetSeconds},
	} {
		if bad := forget(f.name, f.at); bad != "" {
			said = append(said, bad)
		}
	}
	r.StepLosses = slices.Clone(r.StepLosses)
	for i := range r.StepLosses {
		if bad := forget(fmt.Sprintf("step_losses[%d]", i), &r.StepLosses[i]); bad != "" {
			said = append(said, bad)
			break // and so are the losses after it
		}
	}
	for i := range r.StepLosses {
		forget("", &r.StepLosses[i])
	}
	r.Error = strings.Join(said, "; ")
	return r
}

// forget makes a figure unknown if it is not finite, and returns what it was;
// "" if it was finite or unknown.
func forget(name string, at *Opt[float64]) string {
	v, known := at.Get()
	if !known || isFinite(v) {
		return ""
	}
	*at = Opt[float64]{}
	return fmt.Sprintf("%s is %v", name, v)
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
