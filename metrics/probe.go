package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/optimize"
)

// Probe is multinomial logistic regression on codes: how well they separate classes by
// planes (Alain and Bengio 2016). It minimises
//
//	mean of -log softmax(code W + b) at the label + L2/2 sum of W^2
//
// by L-BFGS from zeros. The zero value of each field is its default.
type Probe struct {
	// L2 is the weight of the penalty, at least 0.
	L2 float64
	// Iterations is the largest number of iterations; 0 means 200.
	Iterations int
	// Tolerance ends the search when no element of the gradient is greater; 0 means 1e-5.
	Tolerance float64
}

// Separator is the result of Probe.
type Separator struct {
	// Weights are W [dims, classes] and, in the last row, b.
	Weights []float64
	Classes int
	// Loss is the minimum that was found, in nats a code.
	Loss float64
	// Iterations is how many iterations that took.
	Iterations int
}

// Fit fits codes [N, dims], in row-major order, to their labels, counted from 0. If it
// ends at Iterations, the result is the best so far.
func (p Probe) Fit(codes []float64, dims int, label []int) (*Separator, error) {
	p.Iterations = cmp.Or(p.Iterations, 200)
	p.Tolerance = cmp.Or(p.Tolerance, 1e-5)
	if p.Iterations < 1 || !(p.Tolerance > 0) || !(p.L2 >= 0) || math.IsInf(p.L2, 1) {
		return nil, fmt.Errorf("metrics: probe: %d iterations, tolerance %g, L2 %g: want positive numbers, and a finite L2 of at least 0", p.Iterations, p.Tolerance, p.L2)
	}
	if err := checkCodes(codes, dims, label); err != nil {
		return nil, err
	}
	s := &Separator{}
	for i, l := range label {
		if l < 0 {
			return nil, fmt.Errorf("metrics: probe: label %d of code %d: want one from 0", l, i)
		}
		s.Classes = max(s.Classes, l+1)
	}
	f := regression{codes: codes, dims: dims, label: label, classes: s.Classes, l2: p.L2}
	problem := optimize.Problem{
		Func: func(w []float64) float64 { return f.at(w) },
		Grad: func(grad, w []float64) { f.at(w); copy(grad, f.grad) },
	}
	settings := &optimize.Settings{MajorIterations: p.Iterations, GradientThreshold: p.Tolerance, Converger: optimize.NeverTerminate{}}
	result, err := optimize.Minimize(problem, make([]float64, (dims+1)*s.Classes), settings, &optimize.LBFGS{})
	if result == nil {
		return nil, fmt.Errorf("metrics: probe: %w", err)
	}
	s.Weights, s.Loss, s.Iterations = result.X, result.F, result.MajorIterations
	return s, nil
}

// regression is the loss of weights and its gradient.
type regression struct {
	codes   []float64
	dims    int
	label   []int
	classes int
	l2      float64
	last    []float64 // the weights of loss and grad
	loss    float64
	grad    []float64
}

// probeParts is the number of parts that the codes are divided into. It does not depend
// on the processors, so neither does the result.
const probeParts = 32

// at returns the loss at the weights, and computes the gradient.
func (f *regression) at(w []float64) float64 {
	if f.last != nil && slices.Equal(f.last, w) {
		return f.loss
	}
	f.last = append(f.last[:0], w...)
	losses, grads := make([]float64, probeParts), make([][]float64, probeParts)
	var wait sync.WaitGroup
	for part := range probeParts {
		wait.Go(func() { losses[part], grads[part] = f.part(part, w) })
	}
	wait.Wait()
	f.loss, f.grad = 0, make([]float64, len(w))
	n := float64(len(f.label))
	for part := range probeParts {
		f.loss += losses[part] / n
		for i, g := range grads[part] {
			f.grad[i] += g / n
		}
	}
	for i, v := range w[:f.dims*f.classes] {
		f.loss += f.l2 / 2 * v * v
		f.grad[i] += f.l2 * v
	}
	return f.loss
}

// part returns the sum of the losses of a part of the codes, and its gradient.
func (f *regression) part(part int, w []float64) (loss float64, grad []float64) {
	grad = make([]float64, len(w))
	row := make([]float64, f.classes)
	n := len(f.label)
	for i := part * n / probeParts; i < (part+1)*n/probeParts; i++ {
		code := f.codes[i*f.dims : (i+1)*f.dims]
		logitsOf(row, code, w)
		total := logSumExp(row)
		loss += total - row[f.label[i]]
		for c, v := range row {
			row[c] = math.Exp(v - total)
		}
		row[f.label[i]]--
		for d, v := range code {
			if v == 0 { // as most elements of sparse codes
				continue
			}
			to := grad[d*f.classes : (d+1)*f.classes]
			for c, g := range row {
				to[c] += v * g
			}
		}
		to := grad[f.dims*f.classes:]
		for c, g := range row {
			to[c] += g
		}
	}
	return loss, grad
}

// logitsOf writes code W + b to row.
func logitsOf(row, code, w []float64) {
	classes := len(row)
	copy(row, w[len(code)*classes:])
	for d, v := range code {
		if v == 0 {
			continue
		}
		for c, u := range w[d*classes : (d+1)*classes] {
			row[c] += v * u
		}
	}
}

func logSumExp(row []float64) float64 {
	most := math.Inf(-1)
	for _, v := range row {
		most = max(most, v)
	}
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum)
}

// Error returns the share of codes [N, dims] whose class with the greatest probability
// is not their label.
func (s *Separator) Error(codes []float64, label []int) (float64, error) {
	if s == nil || s.Classes == 0 {
		return 0, errors.New("metrics: probe: no weights: fit a Probe first")
	}
	dims := len(s.Weights)/s.Classes - 1
	if err := checkCodes(codes, dims, label); err != nil {
		return 0, err
	}
	wrong, row := 0, make([]float64, s.Classes)
	for i, l := range label {
		logitsOf(row, codes[i*dims:(i+1)*dims], s.Weights)
		best := 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		if best != l {
			wrong++
		}
	}
	return float64(wrong) / float64(len(label)), nil
}

func checkCodes(codes []float64, dims int, label []int) error {
	if dims < 1 || len(label) == 0 || len(codes) != dims*len(label) {
		return fmt.Errorf("metrics: probe: %d values are not codes of %d dimensions for %d labels", len(codes), dims, len(label))
	}
	for _, v := range codes {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("metrics: probe: a value is not finite")
		}
	}
	return nil
}
