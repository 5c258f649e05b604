package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/machine"
)

// tolerance is how much losses may differ, relative to ours: float32 sums in another order, after five updates.
const tolerance = 1e-4

// race is one run: programs that wait for orders, and their results.
type race struct {
	o        options
	set      *data.Dataset
	log      io.Writer
	folder   string // the folder of the nets' files
	programs map[string]*talk.Program
	results  report.Results
	notes    []string
	load     float64 // the highest load so far
}

// runner is a program with a net open.
type runner struct {
	backend string
	run     report.Run
	losses  []float64
	warm    int // untimed steps at the start of a turn
	steps   int // timed steps in a turn
	every   int // it has a turn once in this many rounds
	ms      []float64
}

func newRace(ctx context.Context, o options, set *data.Dataset, log io.Writer) (*race, error) {
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	m := machine.Describe()
	r := &race{o: o, set: set, log: shared(log), folder: folder, programs: map[string]*talk.Program{}}
	r.results = report.Results{
		Schema:  report.Schema,
		Seed:    seed,
		Machine: report.Machine{CPU: m.CPU, Cores: m.Cores, Go: m.Go},
		Data:    report.Data{Name: set.Name, Train: set.Train.Len(), Test: set.Test.Len()},
	}
	r.peak(300 * time.Millisecond)
	return r, nil
}

// program returns the program of a backend, and starts it if it is not running.
func (r *race) program(ctx context.Context, backend string) (*talk.Program, error) {
	if p := r.programs[backend]; p != nil {
		return p, nil
	}
	p, err := start(ctx, r.o, backend, r.log)
	if err == nil {
		r.programs[backend] = p
	}
	return p, err
}

// close ends the programs and removes their files.
func (r *race) close() error { return errors.Join(r.end(), os.RemoveAll(r.folder)) }

// end ends the programs. Every net gets new ones, because memory left by an earlier net slows later ones down.
func (r *race) end() error {
	var err error
	for backend, p := range r.programs {
		err = errors.Join(err, p.Close())
		delete(r.programs, backend)
	}
	return err
}

// peak measures the arithmetic peak again; the best reading counts, because other work on the machine can only lower
// it.
func (r *race) peak(d time.Duration) {
	p, have := kernel.Peak(r.o.threads, d), &r.results.Machine.FMAPeak
	one, _ := have.One.Get()
	all, _ := have.All.Get()
	*have = report.FMAPeak{One: report.Known(max(one, p.One)), All: report.Known(max(all, p.All)), ISA: report.Known(string(p.ISA))}
}

// all races the nets one after another.
func (r *race) all(ctx context.Context) error {
	var failed []error
	for _, n := range r.o.nets {
		if err := r.race(ctx, n); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", n.Name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// race times one net.
func (r *race) race(ctx context.Context, n talk.Net) error {
	file := filepath.Join(r.folder, n.Name+".safetensors")
	if err := export(ctx, file, n, r.set.Train); err != nil {
		return err
	}
	defer os.Remove(file)
	var all, in []*runner
	for _, backend := range r.o.backends {
		if backend == channelsLast && n.Channels == 0 {
			continue // a layout of images
		}
		fmt.Fprintf(r.log, "%s: %s gets ready\n", n.Name, backend)
		p, err := r.open(ctx, n, backend, file)
		all = append(all, p)
		if err != nil {
			p.run.Error = err.Error()
			continue
		}
		in = append(in, p)
	}
	err := r.check(n, in)
	for round := range r.o.rounds {
		for _, p := range in {
			if round%p.every == 0 {
				err = errors.Join(err, r.turn(p))
			}
		}
		r.peak(40 * time.Millisecond)
		r.load = max(r.load, loadAverage())
		if ctx.Err() != nil {
			break
		}
	}
	err = errors.Join(err, r.end())
	for _, p := range all {
		r.record(p)
	}
	r.results.Merge() // computes the rates
	return err
}

// open prepares a program for a net and determines how many steps make a turn.
func (r *race) open(ctx context.Context, n talk.Net, backend, file string) (*runner, error) {
	p := &runner{backend: backend, every: 1}
	p.run = report.Run{Model: n.Name, Backend: backend, Device: r.results.Machine.CPU, Batch: n.Batch, Threads: r.o.threads}
	p.run.Params, p.run.FlopsPerStep = report.Known(int64(n.Params)), report.Known(n.Flops)
	switch {
	case backend == own:
		p.run.ISA = r.results.Machine.FMAPeak.ISA
	case slices.Contains(onGPU, backend):
		p.run.GPU, p.run.Device, p.run.Threads = true, "", 0
	}
	if _, err := r.program(ctx, backend); err != nil {
		return p, err
	}
	a, err := r.ask(p, talk.Order{Do: "open", Net: &n, File: file, Steps: r.o.checked})
	if a.Version != "" {
		p.run.Version = report.Known(a.Version)
	}
	if p.run.GPU {
		p.run.Device = a.Device
	}
	if err != nil {
		return p, err
	}
	if a.Params != n.Params {
		return p, fmt.Errorf("its net has %d parameters, ours %d", a.Params, n.Params)
	}
	p.losses = a.Losses
	p.run.CompileMS = report.Known(a.ReadyMS)
	if len(a.MS) == 0 {
		return p, fmt.Errorf("it timed no step")
	}
	p.warm, p.steps, p.every = turnOf(slices.Min(a.MS), r.o.block)
	return p, nil
}

// turnOf returns how many steps of ms milliseconds make a turn of about that long, how many warm-up steps come before
// them, and once in how many rounds a slow program has a turn.
func turnOf(ms float64, block time.Duration) (warm, steps, every int) {
	turns := ms / (block.Seconds() * 1e3)
	if turns > 4 {
		return 0, 1, int(min(turns/2, 1e6))
	}
	steps = int(min(max(1/turns, 1), 500))
	return max(1, steps/8), steps, 1
}

// turn takes a turn: warm-up steps, because the caches hold another program's data, and timed steps.
func (r *race) turn(p *runner) error {
	if r.programs[p.backend] == nil {
		return nil // it ended in an earlier turn
	}
	a, err := r.ask(p, talk.Order{Do: "run", Warm: p.warm, Steps: p.steps})
	p.ms = append(p.ms, a.MS...)
	if err == nil && len(a.MS) == 0 {
		err = fmt.Errorf("%s timed no step", p.backend)
	}
	if err != nil {
		p.run.Error = err.Error()
		return err
	}
	// The first steps may have been slow for reasons other than the program.
	p.warm, p.steps, p.every = turnOf(slices.Min(p.ms), r.o.block)
	return nil
}

// ask gives a program an order; if the program has ended, it is forgotten.
func (r *race) ask(p *runner, o talk.Order) (talk.Answer, error) {
	program := r.programs[p.backend]
	if program == nil {
		return talk.Answer{}, nil
	}
	a, err := program.Ask(o, r.o.patience)
	if errors.Is(err, talk.ErrEnded) {
		program.Kill()
		delete(r.programs, p.backend)
	}
	return a, err
}

// check compares the losses with ours: if a program computes something else, that is an error, which its row shows.
func (r *race) check(n talk.Net, in []*runner) error {
	var want []float64
	var failed []error
	worst, names := 0.0, 0
	for _, p := range in {
		if p.backend == own {
			want = p.losses
			continue
		}
		if want == nil {
			return fmt.Errorf("not checked: %s did not run", own)
		}
		off := difference(p.losses, want)
		if !(off <= tolerance) {
			p.run.Error = fmt.Sprintf("its losses are %.6g, ours %.6g: this is another net", p.losses, want)
			failed = append(failed, fmt.Errorf("%s: %s", p.backend, p.run.Error))
			continue
		}
		worst, names = max(worst, off), names+1
	}
	if names > 0 && failed == nil {
		r.notes = append(r.notes, fmt.Sprintf("%s: nets checked equal on %d programs: loss %.6f at first, %.6f after %d steps, largest difference %.1g",
			n.Name, names, want[0], want[len(want)-1], r.o.checked, worst))
	}
	return errors.Join(failed...)
}

// difference is the largest relative difference between two lists, NaN if their lengths differ.
func difference(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	off := 0.0
	for i := range a {
		off = math.Max(off, math.Abs(a[i]-b[i])/math.Abs(b[i]))
	}
	return off
}

// record puts a program's row into the results.
func (r *race) record(p *runner) {
	if ms := slices.Sorted(slices.Values(p.ms)); len(ms) > 0 {
		p.run.Steps = report.Known(len(ms))
		median := (ms[len(ms)/2] + ms[(len(ms)-1)/2]) / 2
		p.run.StepMS = report.Spread{Min: report.Known(ms[0]), Median: report.Known(median), Max: report.Known(ms[len(ms)-1])}
	}
	r.results.Runs = append(r.results.Runs, p.run)
}
