package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
)

// checkSteps is how many steps of Adam, at 1e-3, a check compares.
const checkSteps = 5

// precision is an element type and how far two machines may differ in it, in
// the loss relative to the loss, in a parameter relative to the largest weight
// of its tensor.
type precision struct {
	dtype graph.Dtype
	limit float64
	noise float64 // of a gradient, as a share of the largest of its tensor
}

// precisions lists them. The noise is some roundings: sums of thousands of terms
// that cancel differ by as much in another order. It is less than the limit, so
// gradients are held to it.
func precisions() []precision {
	return []precision{{graph.Float32, 1e-5, 0x1p-17}, {graph.Float64, 1e-12, 0x1p-46}}
}

// seeds is how many seeds are tried where a machine differs.
//
// A sum in another order moves an activation by a rounding, and one in a few
// million lies so near to the kink of its ReLU that it comes out on the other
// side. That changes the gradient of a sample at once, and Adam makes it a
// difference in whole tensors. Where the TapeMachine is the one that is on the
// wrong side, the machine comes nearer than it to the same training in float64.
// Otherwise it is chance, so from another seed it most likely does not happen,
// whereas a machine that is wrong differs from every seed.
const seeds = 4

// check trains each model for a few steps from one seed on Gorgonia's machine
// and on the compiled one, and prints how far losses and parameters differ.
// What differs by more than it may, from every one of the seeds, is an error
// that names it. Of a parameter's difference slack is taken off: see loosen.
func check(ctx context.Context, o options, set *data.Dataset, stdout io.Writer) error {
	fmt.Fprintf(stdout, "%d steps of Adam at 1e-3: the compiled machine against the TapeMachine, largest relative differences.\n"+
		"Parameters are compared with the largest weight of their tensor; slack is what Adam makes of gradients that\n"+
		"are mere rounding, which it scales up to whole steps. What differs, and is not nearer to the same training in\n"+
		"float64 than the TapeMachine is, is tried from %d seeds: it can be one activation within a rounding of ReLU's kink.\n\n", checkSteps, seeds)
	fmt.Fprintf(stdout, "%-12s  %5s  %-7s  %-6s  %4s  %7s  %10s  %7s  %5s  %10s  %s\n",
		"model", "batch", "type", "isa", "seed", "loss", "parameters", "limit", "above", "less slack", "largest in")
	var failed []error
	for _, name := range o.models {
		for _, p := range precisions() {
			differs, err := checkModel(ctx, netNamed(name, o.batch), o, p, set, stdout)
			if err != nil {
				return fmt.Errorf("check %s in %v: %w", name, p.dtype, err)
			}
			for isa, err := range differs {
				failed = append(failed, fmt.Errorf("check %s in %v on %s: from %d seeds %w; a smaller -batch has fewer activations near a kink", name, p.dtype, isa, seeds, err))
			}
		}
	}
	return errors.Join(failed...)
}

// checkModel checks a model in one element type and returns, by instruction
// set, what differs from every seed.
func checkModel(ctx context.Context, n net, o options, p precision, set *data.Dataset, stdout io.Writer) (differs map[string]error, err error) {
	isas := o.isas
	for range seeds {
		differs = map[string]error{}
		batches := set.Train
		if n.sample != nil {
			batches = wavesOf(n.sample, o.seed).Train
		}
		x, err := someBatches(ctx, batches, n.batch, checkSteps, o.seed)
		if err != nil {
			return nil, err
		}
		oracle, err := checkRun(ctx, n, o, p.dtype, tape.Compile, x, p.noise)
		if err != nil {
			return nil, fmt.Errorf("on the TapeMachine: %w", err)
		}
		exact := exactly{run: func() (trained, error) { return checkRun(ctx, n, o, graph.Float64, tape.Compile, x, 0) }}
		var again []string
		for _, isa := range isas {
			machine := cpu.Config{Threads: o.threads, ISA: isa}
			got, err := checkRun(ctx, n, o, p.dtype, machine.Compile, x, 0)
			if err != nil {
				return nil, fmt.Errorf("on %s: %w", isa, err)
			}
			d := got.from(oracle, p.limit)
			verdict := d.name
			if wrong := d.within(p.limit); wrong != nil {
				nearer, err := exact.nearer(got, oracle)
				if err != nil {
					return nil, fmt.Errorf("on the TapeMachine in float64: %w", err)
				}
				if nearer != "" {
					verdict += ": " + nearer
				} else {
					verdict += ": DIFFERS"
					differs[isa], again = wrong, append(again, isa)
				}
			}
			fmt.Fprintf(stdout, "%-12s  %5d  %-7v  %-6s  %4d  %7.1e  %10.1e  %7.0e  %5d  %10.1e  %s\n",
				n.name, n.batch, p.dtype, isa, o.seed, d.loss, d.param, p.limit, d.above, d.net, verdict)
		}
		if len(again) == 0 {
			break
		}
		isas = again
		o.seed++
	}
	return differs, nil
}
