package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// pairOf returns one instruction for the softplus and the sigmoid of the same vector: both
// begin with e^-|x|. Term i is one of the two.
func (a *registerAllocator[T]) pairOf(i int) (p instruction[T], ok bool) {
	other := a.terms[i]
	switch other.fn {
	case lower.FnSoftplus:
		other.fn = lower.FnSigmoid
	case lower.FnSigmoid:
		other.fn = lower.FnSoftplus
	default:
		return p, false
	}
	k, ok := a.seen[other]
	if !ok || a.uses[k] == 0 {
		return p, false
	}
	two := a.v.SoftplusSigmoid
	if other.fn == lower.FnSoftplus {
		two = func(sigmoid, softplus, x []T) { a.v.SoftplusSigmoid(softplus, sigmoid, x) }
	}
	op := loopOp[T]{kind: opTwo, pattern: patternSoftplusSigmoid, two: two}
	return instruction[T]{term: i, choice: choice[T]{op, other.src[:1]}, more: []int{k}}, true
}

// mergeAdam replaces the instructions of Adam, if they stand one after another, by one.
func (a *registerAllocator[T]) mergeAdam() {
	for k := 0; k+2 < len(a.order); k++ {
		m, v, w := &a.order[k], &a.order[k+1], &a.order[k+2]
		if m.op.pattern != patternBlend || v.op.pattern != patternBlendSquare || w.op.pattern != patternOverRoot ||
			m.read[1] != v.read[1] || w.read[1] != m.term || w.read[2] != v.term || w.read[0] == m.term || w.read[0] == v.term {
			continue
		}
		op := loopOp[T]{
			kind: opAdam, pattern: patternAdam,
			s: m.op.s, t: m.op.t, u: v.op.s, rest: [4]int{v.op.t, w.op.s, w.op.t, w.op.u},
		}
		a.order[k] = instruction[T]{
			term: w.term, choice: choice[T]{op, []int{m.read[0], v.read[0], w.read[0], m.read[1]}}, more: []int{m.term, v.term},
		}
		a.order = slices.Delete(a.order, k+1, k+3)
	}
}
