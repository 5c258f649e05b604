package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/machine"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// checkSteps is the number of steps of Adam, at 1e-3, that a check compares.
const checkSteps = 5

// precision is an element type and the allowed difference between two machines: in
// the loss as a share of the loss, in a gradient or a parameter as a share of the
// largest of its tensor.
type precision struct {
	dtype graph.Dtype
	limit float64
	ulp   float64 // the largest relative error of one rounding
}

func precisions() []precision {
	return []precision{{graph.Float32, 1e-5, 0x1p-23}, {graph.Float64, 1e-12, 0x1p-52}}
}

// rules explains what a check requires.
const rules = `The TapeMachine and the compiled machine run %d steps of Adam at 1e-3 from the same seed. The columns are differences:
losses relative to the loss, gradients and weights relative to the largest of their tensor. In each step, losses and
gradients must agree within the limit, and the weights must follow from them by Adam. Weights above the limit are due to
  rounding  gradients agree, but one is so small that it is mostly rounding error, and Adam moves its weight a full step
  kink      rounding decides the side of a ReLU or the maximum of a pool's window, listed below: if such samples are
            made slightly darker on both machines, the gradients and the weight agree
  carried   another weight differs in an earlier step: if that is corrected in that step, this weight agrees
or unexplained, which is an error. Gradients are compared after such corrections; losses, weights and "above" before them.

`

// checker compares machines and collects the results.
type checker struct {
	o       options
	tape    vm.Backend
	backend func(isa string) vm.Backend
	out     io.Writer
	checks  []report.Check
}

// check trains each model for a few steps on Gorgonia's machine and on the compiled
// one, and compares them by the rules. It prints the differences and writes them to
// results.json. Unexplained differences are an error that names them.
func check(ctx context.Context, o options, set *data.Dataset, stdout io.Writer) error {
	c := &checker{o: o, tape: tape.Config{}, out: stdout, backend: func(isa string) vm.Backend {
		return cpu.Config{Threads: o.threads, ISA: isa}
	}}
	failed := c.checkAll(ctx, set)
	m := machine.Describe()
	path := filepath.Join(o.out, report.ResultsFile)
	err := report.SaveJSON(path, report.Results{
		Seed:    o.seed,
		Machine: report.Machine{CPU: m.CPU, Cores: m.Cores, Go: m.Go},
		Data:    report.Data{Name: set.Name, Train: set.Train.Len(), Test: set.Test.Len()},
		Checks:  c.checks,
	})
	if err == nil {
		fmt.Fprintf(stdout, "wrote %s\n", path)
	}
	return errors.Join(failed, err)
}

func (c *checker) checkAll(ctx context.Context, set *data.Dataset) error {
	fmt.Fprintf(c.out, rules, checkSteps)
	fmt.Fprintf(c.out, "%-12s %5s %-7s %-6s %4s  %-7s %-7s %-7s  %5s %8s %5s %7s %11s  %s\n",
		"model", "batch", "type", "isa", "seed", "loss", "weights", "limit", "above", "rounding", "kink", "carried", "unexplained", "gradients")
	var failed []error
	for _, n := range c.o.nets() {
		batches := set.Train
		if n.sample != nil {
			batches = wavesOf(n.sample, c.o.seed).Train
		}
		x, err := readBatches(ctx, batches, n.batch, checkSteps, c.o.seed)
		if err != nil {
			return fmt.Errorf("check %s: %w", n.name, err)
		}
		for _, p := range precisions() {
			for _, isa := range c.o.isas {
				wrong, err := c.checkOne(ctx, comparison{n, c.o.seed, p, c.tape, c.backend(isa), x}, isa)
				if err != nil {
					return fmt.Errorf("check %s in %v on %s: %w", n.name, p.dtype, isa, err)
				}
				if wrong != "" {
					failed = append(failed, fmt.Errorf("check %s in %v on %s: %s", n.name, p.dtype, isa, wrong))
				}
			}
		}
	}
	return errors.Join(failed...)
}

// checkOne checks a model on one instruction set. It returns the unexplained difference, or "".
func (c *checker) checkOne(ctx context.Context, of comparison, isa string) (wrong string, err error) {
	limit := of.p.limit
	raw, err := of.run(ctx, false)
	if err != nil {
		return "", err
	}
	corrected := raw
	if !raw.agrees(limit) {
		if corrected, err = of.run(ctx, true); err != nil {
			return "", err
		}
	}
	wrong = corrected.problem(limit)
	r := report.Check{
		Model: of.net.name, Batch: of.net.batch, Type: of.p.dtype.String(), ISA: isa, Seed: of.seed, Limit: limit, Wrong: wrong,
		Loss: report.Known(raw.loss.share), Weights: report.Known(raw.weights.share), Above: len(raw.above),
		Gradients: report.Known(corrected.gradient.share), Notes: []string{},
	}
	for e := range raw.above {
		switch {
		case wrong != "":
			r.Unexplained++
		case corrected.above[e] || corrected.copied[e]:
			r.Rounding++
		case corrected.nudged[e]:
			r.Kink++
		default:
			r.Carried++
		}
	}
	fmt.Fprintf(c.out, "%-12s %5d %-7s %-6s %4d  %-7.1e %-7.1e %-7.0e  %5d %8d %5d %7d %11d  %.1e %s\n",
		r.Model, r.Batch, r.Type, isa, r.Seed, raw.loss.share, raw.weights.share, limit,
		r.Above, r.Rounding, r.Kink, r.Carried, r.Unexplained, corrected.gradient.share, corrected.gradient.in)
	for _, note := range corrected.notes() {
		fmt.Fprintln(c.out, "  "+note)
		r.Notes = append(r.Notes, note)
	}
	if wrong != "" {
		fmt.Fprintln(c.out, "  UNEXPLAINED: "+wrong)
	}
	c.checks = append(c.checks, r)
	return wrong, nil
}

// maxShown is the number of kinks that are printed per step.
const maxShown = 3

// notes explains the elements above the limit.
func (c outcome) notes() []string {
	var out []string
	for _, j := range c.corrections {
		for i, k := range j.kinks {
			if i == maxShown {
				out = append(out, fmt.Sprintf("step %d: and %d more", j.step, len(j.kinks)-maxShown))
				break
			}
			out = append(out, fmt.Sprintf("step %d: %v", j.step, k))
		}
		out = append(out, fmt.Sprintf("step %d: gradients differ by %.1e in %s; with %d darkened samples, by %.1e", j.step, j.before.share, j.before.in, j.samples, j.after.share))
	}
	if a := c.amplifiedRounding; a.first > 0 {
		errs := fmt.Sprintf("%.1e on the TapeMachine", a.tape.share)
		if c.float32 { // in float64, the reference is the compiled machine itself
			errs = fmt.Sprintf("%.1e on the compiled machine and ", a.machine.share) + errs
		}
		out = append(out, fmt.Sprintf("rounding: %d weights, the first in step %d; their float64 gradients are at most %.1e of the largest (%s), with errors of at most %s",
			len(c.above)+len(c.copied), a.first, a.gradient.share, a.gradient.in, errs))
	}
	return out
}
