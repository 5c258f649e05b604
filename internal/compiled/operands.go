package compiled

import (
	"fmt"
	"math"
	"reflect"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
)

// What Gorgonia's own Do of an op would read past the end for, end the process
// for, or turn into other elements than were asked for is an error before it.

// operandChecks look at the operands of an op whose struct is op, by the op's
// type. Other ops of Gorgonia's return errors of their own.
var operandChecks = map[string]func(op reflect.Value, in []gorgonia.Value) error{
	"byIndicesOp":       checkRows,
	"byIndicesOpDiffOp": checkRows,
	"ctcLossOp":         checkCTC,
	"ctcLossDiffOp":     checkCTC,
	"sparsemaxOp":       checkSparsemax,
}

// checkOperands is an error for operands that a node's Do does not look at well.
func checkOperands(n *graph.Node, in []gorgonia.Value) error {
	if check := operandChecks[plan.KindOf(n.Op())]; check != nil {
		return check(reflect.Indirect(reflect.ValueOf(n.Op())), in)
	}
	return nil
}

// checkRows wants rows that are there, of operands x and indices, or x, a gradient
// and indices.
func checkRows(op reflect.Value, in []gorgonia.Value) error {
	axis, shape := int(op.FieldByName("axis").Int()), in[0].Shape()
	if axis < 0 || axis >= len(shape) {
		return fmt.Errorf("axis %d is outside of shape %v", axis, shape)
	}
	rows, err := integers(in[len(in)-1])
	if err != nil {
		return err
	}
	for i, r := range rows {
		if r < 0 || r >= shape[axis] {
			return fmt.Errorf("index %d, element %d, is outside of axis %d of extent %d", r, i, axis, shape[axis])
		}
	}
	return nil
}

// checkCTC wants labels and lengths that fit logarithms of probabilities [T,N,C]:
// operands are these, labels [N,S] or of all samples one after the other, and the
// lengths [N] of what is read and of the labels.
func checkCTC(_ reflect.Value, in []gorgonia.Value) error {
	shape, labels := in[0].Shape(), in[1].Shape()
	if len(shape) != 3 || len(labels) != 1 && len(labels) != 2 {
		return fmt.Errorf("logarithms of probabilities are %v and labels %v, want [T,N,C], and [N,S] or one axis", shape, labels)
	}
	var of [3][]int // labels, lengths of the inputs, lengths of the labels
	for i := range of {
		var err error
		if of[i], err = integers(in[1+i]); err != nil {
			return fmt.Errorf("operand %d: %w", 1+i, err)
		}
		if i > 0 && len(of[i]) != shape[1] {
			return fmt.Errorf("operand %d has %d lengths for %d samples", 1+i, len(of[i]), shape[1])
		}
	}
	if len(labels) == 2 && labels[0] != shape[1] {
		return fmt.Errorf("labels %v are not of %d samples", labels, shape[1])
	}
	at := 0
	for i, read := range of[1] {
		n := of[2][i]
		if read < 1 || read > shape[0] {
			return fmt.Errorf("sample %d is %d long, want 1 to %d", i, read, shape[0])
		}
		end := len(of[0])
		if len(labels) == 2 {
			at = i * labels[1]
			end = at + labels[1]
		}
		if n < 0 || at+n > end {
			return fmt.Errorf("sample %d has %d labels, and %d are there", i, n, end-at)
		}
		for k, label := range of[0][at : at+n] {
			if label < 0 || label >= shape[2] {
				return fmt.Errorf("label %d of sample %d is %d, want 0 to %d", k, i, label, shape[2]-1)
			}
		}
		at += n
	}
	return nil
}

// checkSparsemax wants numbers, and the last axis: of others, Do sorts the
// elements of one axis and writes them along another.
func checkSparsemax(op reflect.Value, in []gorgonia.Value) error {
	shape := in[0].Shape()
	if axis := int(op.FieldByName("axis").Int()); axis != -1 && axis != len(shape)-1 {
		return fmt.Errorf("sparsemax over axis %d of %v mixes elements up: transpose, so that the axis is the last", axis, shape)
	}
	x, err := value.Floats(in[0])
	if err != nil {
		return err
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return fmt.Errorf("sparsemax of %v, element %d, is no number", v, i)
		}
	}
	return nil
}

// integers are the elements of a tensor of int.
func integers(v gorgonia.Value) ([]int, error) {
	x, ok := plan.Integers(v)
	if !ok {
		return nil, fmt.Errorf("it is of %v, want int", v.Dtype())
	}
	return x, nil
}
