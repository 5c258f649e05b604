package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/vm"
)

// ceiling is the highest speed of a machine.
type ceiling struct {
	flops  float64 // per second, all threads: the FMA peak
	memory bandwidth
}

// bound returns the shortest time for a cost, and whether arithmetic limits it.
// atOnce is the number of bytes in use at a time. A rate of 0 is unknown and limits
// nothing.
func (c ceiling) bound(flops, bytes, atOnce int64) (d time.Duration, arithmetic bool) {
	f := quotient(float64(flops), c.flops)
	b := quotient(float64(bytes), c.memory.at(atOnce))
	return time.Duration(max(f, b) * float64(time.Second)), f >= b
}

// quotient is a / b, or 0 if b is 0.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// part is a step of a plan, or all steps of a kind.
type part struct {
	name         string
	steps        int
	took         time.Duration // median over the runs
	min          time.Duration // minimum over the runs
	bound        time.Duration
	flops, bytes int64
	arithmetic   bool // arithmetic sets the bound
}

// profile prints where the time of a training step goes on the named compiled
// machines, and what bounds each step of the plan.
func profile(ctx context.Context, o options, set *data.Dataset, stdout io.Writer) error {
	var failed []error
	for _, backend := range o.backends {
		c, what, err := o.ceilingOf(ctx, backend)
		if err != nil {
			failed = append(failed, fmt.Errorf("profile on %s: %w", backend, err))
			continue
		}
		if _, err := fmt.Fprintf(stdout, "%s: %s\n", backend, what); err != nil {
			return err
		}
		for _, n := range o.nets() {
			own := set
			if n.sample != nil {
				own = wavesOf(n.sample, o.seed)
			}
			runs, took, err := profileModel(ctx, n, backendNamed(backend), o, own)
			if err != nil && ctx.Err() == nil {
				failed = append(failed, fmt.Errorf("profile %s, batch %d, on %s: %w", n.name, n.batch, backend, err))
				continue
			}
			if len(runs) > 0 {
				if _, err := stdout.Write(profileText(n, runs, took, c)); err != nil {
					return err
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return errors.Join(failed...)
}

// boundNote explains the bound.
const boundNote = "The bound of a step is the longer of two times: that of its products at the arithmetic peak, and that of\n" +
	"moving its operands and results once, at the rate of memory of their size. Data in a nearer cache are faster."

// ceilingOf returns the highest speed of a backend and a description of it: from the
// clocks of a GPU, else measured.
func (o options) ceilingOf(ctx context.Context, backend string) (c ceiling, what string, err error) {
	if onGPU(backend) {
		d, err := o.gpus.device(backend)
		if err != nil {
			return c, "", err
		}
		what = fmt.Sprintf("%v: by its clocks %.4g TFLOP/s, memory %.4g GB/s\n%s\nHere kernels are launched one by one, not as one graph. The time of each includes the gap before the next.",
			d, d.Peak/1e12, d.Bandwidth/1e9, boundNote)
		if d.Emulated {
			what += "\nIt is emulated: its times say nothing about a GPU."
		}
		return ceiling{d.Peak, bandwidth{{math.MaxInt64, d.Bandwidth}}}, what, nil
	}
	isa := kernel.ISA(o.isa())
	peak := kernel.SteadyPeak(ctx, isa, o.peak)
	c = ceiling{peak.All * 1e9, measureBandwidth(peak.Threads, isa, o.peak)}
	what = fmt.Sprintf("%s, %d threads: FMA peak %.0f GFLOP/s; memory read and written: %v\n%s\nWhere a batch is computed a few images at a time, that size is theirs, and times are means over the workers.",
		isa, peak.Threads, peak.All, c.memory, boundNote)
	return c, what, nil
}

// profileModel runs the training step of a model. It returns the time of each step of
// the plan in each run, and of each run as a whole. If it is interrupted, it returns
// the runs so far.
func profileModel(ctx context.Context, n net, on backend, o options, set *data.Dataset) (runs [][]vm.StepProfile, took []time.Duration, err error) {
	x, err := readBatches(ctx, set.Train, n.batch, 4, o.seed)
	if err != nil {
		return nil, nil, err
	}
	s, err := on.open(n, o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.machine == nil {
		return nil, nil, fmt.Errorf("it has no plan to profile: use one of the compiled machines")
	}
	t, err := prepare(ctx, s, x, heap())
	if err != nil {
		return nil, nil, err
	}
	for i := range o.steps {
		if err := ctx.Err(); err != nil {
			return runs, took, err
		}
		start := time.Now()
		steps, err := s.machine.Profile(func() error { return t.run(x, i) })
		if err != nil {
			return nil, nil, err
		}
		runs, took = append(runs, steps), append(took, time.Since(start))
	}
	return runs, took, nil
}

// profileText lists the steps, and the totals of each kind of step.
func profileText(n net, runs [][]vm.StepProfile, took []time.Duration, c ceiling) []byte {
	var text bytes.Buffer
	all := medians(runs, c)
	fmt.Fprintf(&text, "\n%s, batch %d, medians of %d runs\n\n", n.name, n.batch, len(runs))
	printParts(&text, all, c, median(took))
	fmt.Fprintln(&text)
	printParts(&text, sumByKind(all), c, median(took))
	fmt.Fprintln(&text)
	return text.Bytes()
}

// medians returns the steps with their median times, slowest first.
func medians(runs [][]vm.StepProfile, c ceiling) []part {
	out := make([]part, len(runs[0]))
	for i, s := range runs[0] {
		var took []time.Duration
		for _, r := range runs {
			took = append(took, r[i].Took)
		}
		p := part{name: s.Step, steps: 1, took: median(took), min: slices.Min(took), flops: s.Flops, bytes: s.Bytes}
		p.bound, p.arithmetic = c.bound(s.Flops, s.Bytes, s.AtOnce)
		out[i] = p
	}
	slices.SortStableFunc(out, byTime)
	return out
}

func byTime(a, b part) int { return cmp.Compare(b.took, a.took) }

// sumByKind adds up the steps by the first word of their names, slowest first.
func sumByKind(all []part) []part {
	var out []part
	for _, p := range all {
		name := p.name
		if end := strings.IndexAny(name, "[ {"); end > 0 {
			name = name[:end]
		}
		i := slices.IndexFunc(out, func(k part) bool { return k.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, part{name: name})
		}
		k := &out[i]
		k.steps++
		k.took += p.took
		k.min += p.min
		k.bound += p.bound
		k.flops += p.flops
		k.bytes += p.bytes
		k.arithmetic = k.steps == 1 && p.arithmetic
	}
	slices.SortStableFunc(out, byTime)
	return out
}

// shorten returns a step's name in one line of at most 120 characters. It cuts the middle of
// a long name: the beginning says what the step does, and the end has the shapes.
func shorten(name string) string {
	r := []rune(strings.Join(strings.Fields(name), " "))
	if len(r) > 120 {
		return string(r[:64]) + " … " + string(r[len(r)-53:])
	}
	return string(r)
}

// printParts prints the parts, their sum, and the rest of the whole time.
func printParts(w io.Writer, parts []part, c ceiling, whole time.Duration) {
	fmt.Fprintf(w, "%9s  %9s  %6s  %7s  %9s  %7s  %7s  %7s  %8s  %-6s  %8s  %s\n",
		"ms", "min ms", "share", "MFLOP", "GFLOP/s", "of peak", "MB", "GB/s", "bound ms", "by", "of bound", "step")
	line := func(p part) {
		seconds := max(p.took, 1).Seconds()
		by := "memory"
		switch {
		case p.steps > 1:
			by = ""
		case p.arithmetic:
			by = "peak"
		}
		fmt.Fprintf(w, "%9.3f  %9.3f  %5.1f%%  %7.1f  %9.1f  %6.1f%%  %7.2f  %7.1f  %8.3f  %-6s  %7.1f%%  %s\n",
			seconds*1e3, p.min.Seconds()*1e3, 100*seconds/whole.Seconds(), float64(p.flops)/1e6, float64(p.flops)/seconds/1e9,
			100*quotient(float64(p.flops)/seconds, c.flops), float64(p.bytes)/1e6, float64(p.bytes)/seconds/1e9,
			p.bound.Seconds()*1e3, by, 100*p.bound.Seconds()/seconds, shorten(p.name))
	}
	sum := part{name: "all steps"}
	for _, p := range parts {
		if p.steps > 1 {
			p.name = fmt.Sprintf("%s (%d steps)", p.name, p.steps)
		}
		line(p)
		sum.took, sum.min, sum.bound, sum.steps = sum.took+p.took, sum.min+p.min, sum.bound+p.bound, sum.steps+p.steps
		sum.flops, sum.bytes = sum.flops+p.flops, sum.bytes+p.bytes
	}
	line(sum)
	fmt.Fprintf(w, "%9.3f  %5.1f%%  the rest of %.3f: feeding inputs, launching kernels or waking workers, waiting, publishing results\n",
		(whole-sum.took).Seconds()*1e3, 100*(whole-sum.took).Seconds()/whole.Seconds(), whole.Seconds()*1e3)
}
