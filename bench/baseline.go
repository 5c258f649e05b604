package main

import (
	"fmt"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/train"
)

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
