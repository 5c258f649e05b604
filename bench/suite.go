package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/machine"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/optim"
)

// suite is one run of the benchmark.
type suite struct {
	o      options
	set    *data.Dataset
	log    io.Writer
	peak   kernel.PeakResult
	report report.Report
}

func newSuite(ctx context.Context, o options, set *data.Dataset, log io.Writer) *suite {
	s := &suite{o: o, set: set, log: log}
	m := machine.Describe()
	s.report = report.Report{
		Results: report.Results{
			Schema:  report.Schema,
			Seed:    o.seed,
			Machine: report.Machine{CPU: m.CPU, Cores: m.Cores, Go: m.Go},
			Data:    report.Data{Name: set.Name, Train: set.Train.Len(), Test: set.Test.Len()},
			Runs:    []report.Run{},
		},
		Command:  o.command,
		Date:     time.Now(),
		Platform: m.OS + "/" + m.Arch,
		Notes:    []string{"data: " + set.Name + ", " + set.Source},
	}
	if slices.Contains(o.backends, onDropIn) {
		s.report.Notes = append(s.report.Notes, onDropIn+": Gorgonia's graph and its Adam on the compiled machine")
	}
	if gpu, found := o.gpus.describe(o.backends); found {
		s.report.Results.Machine.GPU, s.report.Results.Machine.Device = report.Known(gpu.Name), report.Known(gpu)
	}
	s.measurePeak(ctx)
	fmt.Fprintf(log, "%v; FMA peak of %s %.0f GFLOP/s on one thread, %.0f on %d\n", m, s.peak.ISA, s.peak.One, s.peak.All, s.peak.Threads)
	return s
}

// measurePeak measures the arithmetic peak. It runs again after every model, and the
// best reading counts: other work on the machine can only lower it.
func (s *suite) measurePeak(ctx context.Context) {
	p := s.peak.Better(kernel.SteadyPeak(ctx, kernel.ISA(s.o.isa()), s.o.peak))
	s.peak = p
	s.report.Results.Machine.FMAPeak = report.FMAPeak{
		One: report.Known(p.One), All: report.Known(p.All), ISA: report.Known(string(p.ISA)),
	}
}

// run times and trains every model. If a backend fails, its run has the error and the
// others continue.
func (s *suite) run(ctx context.Context) error {
	defer s.report.Results.Merge() // the rates relative to the final peak
	var failed []error
	for _, n := range s.o.nets() {
		if err := s.model(ctx, n); err != nil {
			if ctx.Err() != nil {
				s.report.Notes = append(s.report.Notes, fmt.Sprintf("interrupted at %s, batch %d: these are the measurements so far", n.name, n.batch))
				return ctx.Err()
			}
			failed = append(failed, fmt.Errorf("%s, batch %d: %w", n.name, n.batch, err))
		}
	}
	return errors.Join(failed...)
}

// model times one model on every backend, and trains it on the selected ones.
func (s *suite) model(ctx context.Context, n net) error {
	set := s.dataFor(n)
	x, err := readBatches(ctx, set.Train, n.batch, 8, s.o.seed)
	if err != nil {
		return err
	}
	flops := nominalFlops(n)
	first := len(s.report.Results.Runs)
	var ts []*timed
	var at []int // by session: the index of its run
	for _, b := range backends() {
		if !slices.Contains(s.o.backends, b.name) {
			continue
		}
		r := report.Run{Model: n.name, Backend: b.name, Device: s.report.Results.Machine.CPU, Batch: n.batch, Threads: s.report.Results.Machine.Cores}
		if onGPU(b.name) {
			r.GPU, r.Emulated, r.Device, r.Threads = true, b.name == onEmu, "", 0
		}
		runtime.GC()
		before := heap()
		t, err := s.open(ctx, b, n, x, before)
		if ctx.Err() != nil {
			if err == nil {
				err = t.Close()
			}
			return errors.Join(ctx.Err(), err)
		}
		if err != nil {
			r.Error = err.Error()
			fmt.Fprintf(s.log, "%s on %s: %v\n", n.name, b.name, err)
		} else {
			defer t.Close()
			if t.ownTurn = r.GPU; t.ownTurn && !r.Emulated {
				t.minTime = s.o.minTime
			}
			ts, at = append(ts, t), append(at, len(s.report.Results.Runs))
		}
		s.report.Results.Runs = append(s.report.Results.Runs, r)
	}
	if len(ts) == 0 {
		return fmt.Errorf("no backend can run it: %s", s.report.Results.Runs[first].Error)
	}
	steps := s.o.stepsOf(n)
	bar := newBar(s.log, n.name+" timing", steps*len(ts))
	err = race(ctx, ts, steps, x, bar.tick)
	bar.done()
	if ctx.Err() == nil {
		s.measurePeak(ctx)
	}
	var runs []*report.Run
	for i, t := range ts {
		runs = append(runs, &s.report.Results.Runs[at[i]])
		if len(t.took) > 0 {
			err = errors.Join(err, s.record(runs[i], t, flops))
		}
	}
	compareLosses(runs, ts)
	if s.o.compare {
		s.stepCurves(runs, ts)
	}
	if err != nil {
		return err
	}
	fastest := fastestOf(runs, ts)
	onAny := slices.ContainsFunc(runs, func(r *report.Run) bool { return r.GPU })
	for i, r := range runs {
		switch {
		case s.o.compare && onAny: // else there is nothing to compare with
			err = s.toTarget(ctx, n, set, r)
		case s.o.train && (s.o.trainEach || i == fastest):
			err = s.train(ctx, n, set, r, ts[i])
		}
		if err != nil {
			if ctx.Err() == nil {
				r.Error = err.Error()
			}
			return err
		}
	}
	return nil
}

// fastestOf returns the run with the shortest median step, or -1 if all are emulated.
func fastestOf(runs []*report.Run, ts []*timed) int {
	fastest := -1
	for i, t := range ts {
		if len(t.took) > 0 && !runs[i].Emulated && (fastest < 0 || t.median() < ts[fastest].median()) {
			fastest = i
		}
	}
	return fastest
}

// dataFor returns the data of a model: the data set, or generated images if the model
// has another image shape.
func (s *suite) dataFor(n net) *data.Dataset {
	if n.sample == nil {
		return s.set
	}
	set := wavesOf(n.sample, s.o.seed)
	s.report.Notes = append(s.report.Notes, fmt.Sprintf("data of %s: %s, %s", n.name, set.Name, set.Source))
	return set
}

func (s *suite) open(ctx context.Context, b backend, n net, x [][]float32, before uint64) (*timed, error) {
	session, err := b.open(n, s.o)
	if err != nil {
		return nil, err
	}
	t, err := prepare(ctx, session, x, before)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return t, nil
}

// record stores measurements in the run.
func (s *suite) record(r *report.Run, t *timed, flops int64) error {
	ms := func(d time.Duration) report.Opt[float64] { return report.Known(float64(d.Microseconds()) / 1000) }
	lo, hi := t.took[0], t.took[0]
	for _, d := range t.took {
		lo, hi = min(lo, d), max(hi, d)
	}
	r.Params = report.Known(int64(t.params))
	r.Nodes = report.Known(t.nodes)
	r.CompileMS = ms(t.compile)
	r.PlanMS = ms(t.plan)
	if t.machine != nil {
		if err := s.recordMachine(r, t.session); err != nil {
			return err
		}
	}
	r.Steps = report.Known(len(t.took))
	r.StepMS = report.Spread{Min: ms(lo), Median: ms(t.median()), Max: ms(hi)}
	r.AllocsPerStep = report.Known(float64(t.allocs) / float64(len(t.took)))
	r.PeakBytes = report.Known(int64(t.peak))
	if flops > 0 {
		r.FlopsPerStep = report.Known(flops)
	}
	return nil
}

// recordMachine stores in the run what one of our machines reports.
func (s *suite) recordMachine(r *report.Run, t *session) error {
	memory := t.machine.Memory()
	r.ArenaBytes, r.LeastBytes, r.ScratchBytes = report.Known(memory.Arena), report.Known(memory.Least), report.Known(memory.Scratch)
	if t.isa != "" {
		r.ISA = report.Known(t.isa)
	}
	if !onGPU(r.Backend) {
		return nil
	}
	r.Device = t.device.Name
	steps, err := t.machine.Profile(func() error { return nil }) // the bytes that steps move, without their times
	if err != nil {
		return err
	}
	bytes := int64(0)
	for _, p := range steps {
		bytes += p.Bytes
	}
	r.BytesPerStep = report.Known(bytes)
	return nil
}

// nominalFlops counts the flops of the products in the model's training step,
// whichever backend runs it. It is 0 if the model does not build.
func nominalFlops(n net) int64 {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	built := n.model.Build(b, n.batch)
	for _, task := range built.Tasks {
		optim.Minimize(b, optim.SGD{}, task)
	}
	if b.Err() != nil {
		return 0
	}
	var flops int64
	for _, node := range b.Graph().AllNodes() {
		if a, ok := op.At(node); ok {
			flops += a.Lowered().Flops()
		}
	}
	return flops
}
