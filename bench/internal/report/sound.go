// Impossible figures in another program's results.

package report

import "fmt"

// sound returns an error that names the first impossible figure.
func (r Results) sound() error {
	for i, run := range r.Runs {
		if err := run.sound(); err != nil {
			return fmt.Errorf("run %d, model %q, backend %q: %w", i, run.Model, run.Backend, err)
		}
	}
	for _, p := range []figure{
		{"one", r.Machine.FMAPeak.One, above},
		{"all", r.Machine.FMAPeak.All, above},
	} {
		if err := p.check(); err != nil {
			return fmt.Errorf("fma_peak_gflops: %w", err)
		}
	}
	return nil
}

// A figure of a run, by its key, and what it must be.
type figure struct {
	key   string
	value Opt[float64]
	must  bound
}

// bound is what a kind of figure must be.
type bound struct {
	zero bool // it may be 0
	says string
}

var (
	above = bound{false, "it must be above 0"}
	least = bound{true, "it cannot be below 0"}
)

func (f figure) check() error {
	if v, known := f.value.Get(); known && !(v > 0 || v == 0 && f.must.zero) {
		return fmt.Errorf("%s is %v: %s", f.key, v, f.must.says)
	}
	return nil
}

func (r Run) sound() error {
	for _, needed := range []struct {
		key   string
		given bool
	}{{"model", r.Model != ""}, {"backend", r.Backend != ""}, {"batch", r.Batch != 0}} {
		if !needed.given {
			return fmt.Errorf("%s is not given: model, backend and batch are required", needed.key)
		}
	}
	for _, f := range []figure{
		{"batch", Known(float64(r.Batch)), above},
		{"threads", Known(float64(r.Threads)), least},
		{"params", number(r.Params), least},
		{"nodes", number(r.Nodes), least},
		{"compile_ms", r.CompileMS, least},
		{"plan_ms", r.PlanMS, least},
		{"steps", number(r.Steps), least},
		{"step_ms.min", r.StepMS.Min, above},
		{"step_ms.median", r.StepMS.Median, above},
		{"step_ms.max", r.StepMS.Max, above},
		{"samples_per_sec", r.SamplesPerSec, least},
		{"flops_per_step", number(r.FlopsPerStep), least},
		{"gflops", r.GFLOPS, least},
		{"peak_fraction", r.PeakFraction, least},
		{"bytes_per_step", number(r.BytesPerStep), least},
		{"bandwidth_fraction", r.BandwidthFraction, least},
		{"allocs_per_step", r.AllocsPerStep, least},
		{"peak_bytes", number(r.PeakBytes), least},
		{"arena_bytes", number(r.ArenaBytes), least},
		{"least_bytes", number(r.LeastBytes), least},
		{"scratch_bytes", number(r.ScratchBytes), least},
		{"epochs", number(r.Epochs), above},
		{"test_mse", r.TestMSE, least},
		{"loss_difference", r.LossDifference, least},
		{"loss_steps", number(r.LossSteps), least},
		{"target_mse", r.TargetMSE, above},
		{"target_epochs", number(r.TargetEpochs), above},
		{"target_seconds", r.TargetSeconds, least},
	} {
		if err := f.check(); err != nil {
			return err
		}
	}
	return r.StepMS.sound()
}

// sound checks that the median is between the extremes.
func (s Spread) sound() error {
	median, known := s.Median.Get()
	if lo, has := s.Min.Get(); has && known && lo > median {
		return fmt.Errorf("step_ms.min is %v: it cannot be above the median, %v", lo, median)
	}
	if hi, has := s.Max.Get(); has && known && hi < median {
		return fmt.Errorf("step_ms.max is %v: it cannot be below the median, %v", hi, median)
	}
	return nil
}

// number is a count as a figure.
func number[T int | int64](o Opt[T]) Opt[float64] {
	v, known := o.Get()
	return Opt[float64]{float64(v), known}
}
