package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
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
	f := regression{x: mat.NewDense(len(label), dims, codes), label: label, classes: s.Classes, l2: p.L2}
	problem := optimize.Problem{Func: func(w []float64) float64 { return f.at(w) }, Grad: func(grad, w []float64) { f.at(w); copy(grad, f.grad) }}
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
	x       *mat.Dense
	label   []int
	classes int
	l2      float64
	last    []float64 // the weights of loss and grad
	loss    float64
	grad    []float64
}

// at returns the loss at the weights, and computes the gradient.
func (f *regression) at(w []float64) float64 {
	if f.last != nil && sameFloats(f.last, w) {
		return f.loss
	}
	n, dims := f.x.Dims()
	f.last = append(f.last[:0], w...)
	logits := logitsOf(f.x, w, f.classes)
	f.loss = 0
	bias := make([]float64, f.classes)
	for i := range n {
		row := logits.RawRowView(i)
		total := logSumExp(row)
		f.loss += (total - row[f.label[i]]) / float64(n)
		for c, v := range row {
			row[c] = math.Exp(v-total) / float64(n)
		}
		row[f.label[i]] -= 1 / float64(n)
		for c, v := range row {
			bias[c] += v
		}
	}
	f.grad = make([]float64, len(w))
	copy(f.grad[dims*f.classes:], bias)
	mat.NewDense(dims, f.classes, f.grad[:dims*f.classes]).Mul(f.x.T(), logits)
	for i, v := range w[:dims*f.classes] {
		f.loss += f.l2 / 2 * v * v
		f.grad[i] += f.l2 * v
	}
	return f.loss
}

// logitsOf is x W + b.
func logitsOf(x *mat.Dense, w []float64, classes int) *mat.Dense {
	n, dims := x.Dims()
	logits := mat.NewDense(n, classes, nil)
	logits.Mul(x, mat.NewDense(dims, classes, w[:dims*classes]))
	for i := range n {
		for c, v := range w[dims*classes:] {
			logits.RawRowView(i)[c] += v
		}
	}
	return logits
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

func sameFloats(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
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
	logits := logitsOf(mat.NewDense(len(label), dims, codes), s.Weights, s.Classes)
	wrong := 0
	for i, l := range label {
		best, row := 0, logits.RawRowView(i)
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
