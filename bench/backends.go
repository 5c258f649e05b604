package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
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

// onDropIn is Gorgonia's own graph on the compiled machine.
const onDropIn = "dropin"

// backends lists them by name.
func backends() []backend {
	return []backend{
		{report.Baseline, openGorgonia},
		{"tape", openTape},
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
	train.Steps
	params  int
	nodes   int
	compile time.Duration   // of graph and machine
	plan    time.Duration   // of the machine alone
	machine compiledMachine // of the training step, on the backends that have one
	isa     string          // of that machine, "" of a GPU's
	device  cuda.Device     // the GPU, of a backend on one
}

// compiledMachine is what our machines have beside what makes them run.
type compiledMachine interface {
	graph.VM
	Memory() vm.Memory
	Profile(run func() error) ([]vm.StepProfile, error)
}

func openTape(n net, o options) (*session, error) {
	return ours(n, o, tape.Compile)
}

func openCPU(n net, o options) (*session, error) {
	s, err := onMachine(n, o, func(b *graph.Builder) (compiledMachine, error) { return o.machine().Build(b) })
	if err != nil {
		return nil, err
	}
	s.isa = o.isa()
	return s, nil
}

// onMachine opens a model in our graph on one of our machines.
func onMachine(n net, o options, build func(*graph.Builder) (compiledMachine, error)) (*session, error) {
	var made []compiledMachine
	s, err := ours(n, o, func(b *graph.Builder) (graph.VM, error) {
		m, err := build(b)
		if err != nil {
			return nil, err
		}
		made = append(made, m)
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	s.machine = made[0]
	return s, nil
}

// ours opens a model in our graph on the machines of a compiler.
func ours(n net, o options, c graph.Compiler) (*session, error) {
	var plan time.Duration
	timedCompiler := func(b *graph.Builder) (graph.VM, error) {
		start := time.Now()
		defer func() { plan = time.Since(start) }()
		return c(b)
	}
	p := graph.NewParams(graph.Float32, o.seed)
	steps := train.NewModelSteps(n.model, train.Options{Compile: timedCompiler, Optimizer: optim.Adam{}, Params: p, Seed: o.seed})
	s, err := steps.TrainStep(n.batch)
	if err != nil {
		return nil, err
	}
	return &session{
		Steps: steps, params: p.Count(), nodes: len(s.Builder().Graph().AllNodes()),
		compile: s.CompileTime(), plan: plan,
	}, nil
}

func openGorgonia(n net, o options) (*session, error) {
	return stock(n, o, baseline.TapeMachine)
}

func openDropIn(n net, o options) (*session, error) {
	var made []*cpu.Machine
	s, err := stock(n, o, func(g *baseline.Graph, opts ...baseline.Option) graph.VM {
		m := o.machine().New(g, opts...)
		made = append(made, m)
		return m
	})
	if err != nil {
		return nil, err
	}
	s.machine, s.isa = made[0], o.isa()
	return s, nil
}

// stock opens a net in Gorgonia's own ops on a machine, of which it makes the
// one that trains first.
func stock(n net, o options, vm baseline.Machine) (*session, error) {
	if !slices.Contains(baseline.Names(), n.name) {
		return nil, fmt.Errorf("the model %s cannot be built of Gorgonia's own ops", n.name)
	}
	var plans []time.Duration
	b, err := baseline.NewOn(func(g *baseline.Graph, opts ...baseline.Option) graph.VM {
		start := time.Now()
		defer func() { plans = append(plans, time.Since(start)) }()
		return vm(g, opts...)
	}, n.name, n.batch, o.seed)
	if err != nil {
		return nil, err
	}
	return &session{
		Steps: &baselineSteps{b, n.batch}, params: b.Params(), nodes: b.Nodes(),
		compile: b.CompileTime(), plan: plans[0],
	}, nil
}
