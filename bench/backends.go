package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

// backend is a way to run a model.
type backend struct {
	name string
	open func(n net, batch int, seed uint64) (*session, error)
}

// backends lists them by name.
func backends() []backend {
	return []backend{
		{report.Baseline, stock(baseline.TapeMachine)},
		{"tape", compiled(tape.Compile)},
		{"dropin", stock(func(g *baseline.Graph, opts ...baseline.Option) graph.VM { return cpu.New(g, opts...) })},
		{"cpu", compiled(cpu.Compile)},
	}
}

func backendNames() []string {
	var names []string
	for _, b := range backends() {
		names = append(names, b.name)
	}
	return names
}

// session is a model on a backend, ready to train.
type session struct {
	train.Steps
	params  int
	nodes   int
	compile time.Duration
}

// compiled is the backend that runs our graphs on the machines of a compiler.
func compiled(c graph.Compiler) func(net, int, uint64) (*session, error) {
	return func(n net, batch int, seed uint64) (*session, error) {
		p := graph.NewParams(graph.Float32, seed)
		steps := train.NewModelSteps(n.model, train.Options{Compile: c, Optimizer: optim.Adam{}, Params: p, Seed: seed})
		s, err := steps.TrainStep(batch)
		if err != nil {
			return nil, err
		}
		return &session{steps, p.Count(), len(s.Builder().Graph().AllNodes()), s.CompileTime()}, nil
	}
}

// stock is the backend that runs the nets in Gorgonia's own ops on a machine.
func stock(vm baseline.Machine) func(net, int, uint64) (*session, error) {
	return func(n net, batch int, seed uint64) (*session, error) {
		if !slices.Contains(baseline.Names(), n.name) {
			return nil, fmt.Errorf("the model %s cannot be built of Gorgonia's own ops", n.name)
		}
		b, err := baseline.NewOn(vm, n.name, batch, seed)
		if err != nil {
			return nil, err
		}
		return &session{&baselineSteps{b, batch}, b.Params(), b.Nodes(), b.CompileTime()}, nil
	}
}

// baselineSteps gives a trainer the baseline's steps, of one batch size.
type baselineSteps struct {
	net   *baseline.Net
	batch int
}

func (s *baselineSteps) check(batch int) error {
	if batch != s.batch {
		return fmt.Errorf("the baseline was built for batches of %d, asked for %d", s.batch, batch)
	}
	return nil
}

// Train returns the training step.
func (s *baselineSteps) Train(batch int) (train.Runner, error) {
	return baselineTrain{s.net}, s.check(batch)
}

// Eval returns the evaluation.
func (s *baselineSteps) Eval(batch int) (train.Runner, error) {
	return &baselineEval{net: s.net}, s.check(batch)
}

// Close frees the machine.
func (s *baselineSteps) Close() error { return s.net.Close() }

type baselineTrain struct{ net *baseline.Net }

func (s baselineTrain) Names() []string { return []string{"loss"} }

func (s baselineTrain) Run(x []float32, _, _ int) ([]float64, error) {
	loss, err := s.net.Step(x)
	return []float64{loss}, err
}

type baselineEval struct {
	net   *baseline.Net
	recon []float32
}

func (s *baselineEval) Names() []string { return []string{"loss", train.MSE} }

func (s *baselineEval) Run(x []float32, _, _ int) ([]float64, error) {
	loss, recon, err := s.net.Eval(x)
	if err != nil {
		return nil, err
	}
	s.recon = recon
	sum := 0.0
	for i, v := range recon {
		d := float64(v) - float64(x[i])
		sum += d * d
	}
	return []float64{loss, sum / float64(len(x))}, nil
}

// Recon returns the last evaluation's reconstruction.
func (s *baselineEval) Recon() ([]float64, error) {
	out := make([]float64, len(s.recon))
	for i, v := range s.recon {
		out[i] = float64(v)
	}
	return out, nil
}
