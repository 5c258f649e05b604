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

// Checks before Gorgonia's own Do, for operands with which that Do would read past the
// end, end the process or return wrong elements.

// operandChecks maps the type of an op to the check of its operands; op is the op's
// struct. Other ops of Gorgonia check their operands themselves.
var operandChecks = map[string]func(op reflect.Value, in []gorgonia.Value) error{
	"byIndicesOp":       checkRows,
	"byIndicesOpDiffOp": checkRows,
	"ctcLossOp":         checkCTC,
	"ctcLossDiffOp":     checkCTC,
	"sparsemaxOp":       checkSparsemax,
}

// checkOperands returns an error for bad operands that the node's Do does not detect.
func checkOperands(n *graph.Node, in []gorgonia.Value) error {
	if check := operandChecks[plan.KindOf(n.Op())]; check != nil {
		return check(reflect.Indirect(reflect.ValueOf(n.Op())), in)
	}
	return nil
}

// checkRows checks that the indices are in range. The operands are x and the indices,
// or x, a gradient and the indices.
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

// checkCTC checks that labels and lengths fit log probabilities [T,N,C]. The operands
// are these, the labels [N,S] or those of all samples one after the other, the lengths
// [N] of the inputs and the lengths [N] of the labels.
func checkCTC(_ reflect.Value, in []gorgonia.Value) error {
	shape, labels := in[0].Shape(), in[1].Shape()
	if len(shape) != 3 || len(labels) != 1 && len(labels) != 2 {
		return fmt.Errorf("log probabilities are %v and labels %v, want [T,N,C] and [N,S] or one axis", shape, labels)
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
		return fmt.Errorf("labels are %v, want one row for each of %d samples", labels, shape[1])
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
			return fmt.Errorf("sample %d has %d labels, but only %d are left", i, n, end-at)
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

// checkSparsemax checks that the axis is the last and that no element is NaN or +Inf.
// For another axis, Do sorts the elements of one axis and writes them along another.
func checkSparsemax(op reflect.Value, in []gorgonia.Value) error {
	shape := in[0].Shape()
	if axis := int(op.FieldByName("axis").Int()); axis != -1 && axis != len(shape)-1 {
		return fmt.Errorf("sparsemax over axis %d of %v would mix up elements: transpose to make it the last axis", axis, shape)
	}
	x, err := value.Floats(in[0])
	if err != nil {
		return err
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return fmt.Errorf("sparsemax of %v, element %d: want numbers below +Inf", v, i)
		}
	}
	return nil
}

// integers returns the elements of a tensor of int.
func integers(v gorgonia.Value) ([]int, error) {
	x, ok := plan.Integers(v)
	if !ok {
		return nil, fmt.Errorf("it has type %v, want int", v.Dtype())
	}
	return x, nil
}
