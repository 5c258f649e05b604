package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// backend is a way to run a model.
type backend struct {
	name string
	open func(n net, o options) (*session, error)
}

// onTape runs this library's graphs on Gorgonia's machine.
const onTape = "tape"

// onDropIn runs Gorgonia's own graph on the compiled machine.
const onDropIn = "dropin"

// backends lists the backends by name.
func backends() []backend {
	return []backend{
		{report.Baseline, openGorgonia},
		{onTape, openTape},
		{onDropIn, openDropIn},
		{report.Reference, openCPU},
		{onCUDA, func(n net, o options) (*session, error) { return openCUDA(n, o, onCUDA) }},
		{onEmu, func(n net, o options) (*session, error) { return openCUDA(n, o, onEmu) }},
	}
}

func backendNames() []string {
	var names []string
	for _, b := range backends() {
		names = append(names, b.name)
	}
	return names
}

func backendNamed(name string) backend {
	for _, b := range backends() {
		if b.name == name {
			return b
		}
	}
	return backend{name: name}
}

// session is a model on a backend, ready to train.
type session struct {
	// step runs a training step on a batch and returns the loss. first is the position
	// of the batch's first sample in the epoch.
	step func(x []float32, first int) (float64, error)
	// fit trains for epochs. It uses all options except those that the session has
	// fixed. onEpoch is called after every epoch, unless it is nil.
	fit func(ctx context.Context, set data.Set, o train.Options, onEpoch func(train.Epoch) error) (*train.Result, error)
	// recon returns the reconstruction of a batch.
	recon   func(x []float32) ([]float64, error)
	close   func() error
	fixed   bool // it supports only one batch size
	params  int
	nodes   int
	compile time.Duration   // to build the graph and compile it
	plan    time.Duration   // to compile the machine
	machine compiledMachine // that runs the training step, on backends that have one
	isa     string          // of that machine; "" on a GPU
	device  cuda.Device     // the GPU, if the backend runs on one
}

// Close frees the machines.
func (s *session) Close() error { return s.close() }

// compiledMachine is what our machines report, as program and as drop-in.
type compiledMachine interface {
	Memory() vm.Memory
	Profile(run func() error) ([]vm.StepProfile, error)
}

func openTape(n net, o options) (*session, error) {
	s, err := openModel(n, o, tape.Config{})
	if err != nil {
		return nil, err
	}
	s.machine = nil // it has no plan
	return s, nil
}

func openCPU(n net, o options) (*session, error) {
	s, err := openModel(n, o, o.machine())
	if err != nil {
		return nil, err
	}
	s.isa = o.isa()
	return s, nil
}

// timedBackend is a backend that measures its compile time.
type timedBackend struct {
	vm.Backend
	took time.Duration
}

func (c *timedBackend) Compile(p *graph.Program) (vm.Machine, error) {
	start := time.Now()
	defer func() { c.took = time.Since(start) }()
	return c.Backend.Compile(p)
}

// openModel opens a model, built with package graph, on a backend.
func openModel(n net, o options, on vm.Backend) (*session, error) {
	p := graph.NewParams(graph.Float32, o.seed)
	fixOptions := func(settings train.Options) train.Options {
		settings.Backend, settings.Optimizer, settings.Params, settings.Seed = on, optim.Adam{}, p, o.seed
		return settings
	}
	clock := &timedBackend{Backend: on}
	timedOptions := fixOptions(train.Options{})
	timedOptions.Backend = clock
	s, err := train.NewTrainStep(n.model, n.batch, timedOptions)
	if err != nil {
		return nil, err
	}
	machine := s.Machines()[0]
	return &session{
		step: func(x []float32, first int) (float64, error) {
			if err := s.Feed(graph.InputX, x); err != nil {
				return 0, err
			}
			out, err := s.Run(0, first)
			if err != nil {
				return 0, err
			}
			return out[0], nil
		},
		fit: func(ctx context.Context, set data.Set, settings train.Options, onEpoch func(train.Epoch) error) (*train.Result, error) {
			if onEpoch != nil {
				settings.Callbacks = []train.Callback{train.OnEpoch(onEpoch)}
			}
			return train.Fit(ctx, n.model, set, fixOptions(settings))
		},
		recon: func(x []float32) ([]float64, error) { return reconstruct(n, o, on, p, x) },
		close: s.Close, machine: machine,
		params: p.Count(), nodes: len(machine.Program().Graph().AllNodes()),
		compile: s.CompileTime(), plan: clock.took,
	}, nil
}

// reconstruct returns the reconstruction of a batch.
func reconstruct(n net, o options, on vm.Backend, p *graph.Params, x []float32) (recon []float64, err error) {
	b := graph.New(p, graph.Config{Seed: o.seed})
	b.Output(graph.OutputRecon, n.model.Build(b, n.batch).Outputs[graph.OutputRecon])
	program, err := b.Program()
	if err != nil {
		return nil, err
	}
	m, err := on.Compile(program)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := m.Feed(graph.InputX, x); err != nil {
		return nil, err
	}
	if err := vm.Run(m); err != nil {
		return nil, err
	}
	return m.Floats(graph.OutputRecon)
}

func openGorgonia(n net, o options) (*session, error) {
	return openBaseline(n, o, baseline.TapeMachine)
}

func openDropIn(n net, o options) (*session, error) {
	var machines []vm.DropIn
	s, err := openBaseline(n, o, func(g *baseline.Graph, opts ...baseline.Option) baseline.VM {
		m := o.machine().New(g, opts...)
		machines = append(machines, m)
		return m
	})
	if err != nil {
		return nil, err
	}
	s.machine, s.isa = machines[0], o.isa()
	return s, nil
}

// openBaseline opens a net built from Gorgonia's own ops. The first machine that it
// compiles is the one that trains.
func openBaseline(n net, o options, on baseline.Machine) (*session, error) {
	if !slices.Contains(baseline.Names(), n.name) {
		return nil, fmt.Errorf("the model %s cannot be built from Gorgonia's own ops", n.name)
	}
	var plans []time.Duration
	b, err := baseline.NewOn(func(g *baseline.Graph, opts ...baseline.Option) baseline.VM {
		start := time.Now()
		defer func() { plans = append(plans, time.Since(start)) }()
		return on(g, opts...)
	}, n.name, n.batch, o.seed)
	if err != nil {
		return nil, err
	}
	s := &session{
		step: func(x []float32, _ int) (float64, error) { return b.Step(x) },
		recon: func(x []float32) ([]float64, error) {
			_, recon, err := b.Eval(x)
			return toFloat64(recon), err
		},
		close: b.Close, fixed: true,
		params: b.Params(), nodes: b.Nodes(), compile: b.CompileTime(), plan: plans[0],
	}
	s.fit = baselineFit{b, n.batch, o.seed}.fit
	return s, nil
}
