package plan

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// The patterns of convolutions; Matcher.Match has their formulas.

// conv matches y.
func (k *Matcher) conv(n *gorgonia.Node) *match {
	patch, filter := k.product(k.operandAt(k.transposed(n, 0, 3, 1, 2), "reshapeOp"), false, true)
	x, u := k.unfolded(k.operandAt(patch, "reshapeOp"))
	w := k.operandAt(filter, "reshapeOp")
	if x == nil || !isFilter(w, u.Kernel, shapeOf(x)[1]) {
		return nil
	}
	return matchPrim(lower.Conv{Geometry: u.Geometry}, x, w)
}

// convFilter matches dw.
func (k *Matcher) convFilter(n *gorgonia.Node) *match {
	grad, patch := k.product(n, true, false)
	x, u := k.unfolded(k.operandAt(patch, "reshapeOp"))
	dy := k.transposed(k.operandAt(grad, "reshapeOp"), 0, 2, 3, 1)
	if x == nil || dy == nil {
		return nil
	}
	w := matchPrim(lower.ConvFilter{Geometry: u.Geometry, Kernel: u.Kernel}, x, dy)
	w.matrix = true
	return w
}

// convData matches dx.
func (k *Matcher) convData(n *gorgonia.Node) *match {
	grad, filter := k.product(k.operandAt(k.operandAt(n, "col2imOp"), "reshapeOp"), false, false)
	dy := k.transposed(k.operandAt(grad, "reshapeOp"), 0, 2, 3, 1)
	w := k.operandAt(filter, "reshapeOp")
	s := k.contextAt(n, "col2imOp")
	if s == nil || dy == nil || w == nil || len(s.out) != 4 {
		return nil
	}
	u, win, ok := s.readUnfold([2]int{s.out[2], s.out[3]}, true)
	k.keepErr(s)
	windows := lower.Shape{s.out[0], win[0], win[1], s.out[1] * u.Kernel[0] * u.Kernel[1]}
	if !ok || !isFilter(w, u.Kernel, s.out[1]) || !s.in[0].Equal(windows) {
		return nil
	}
	return matchPrim(lower.ConvData{Geometry: u.Geometry, In: u.Image}, dy, w)
}

// isFilter reports whether a node has the shape [O, channels, KH, KW].
func isFilter(w *gorgonia.Node, kernel [2]int, channels int) bool {
	if w == nil {
		return false
	}
	s := shapeOf(w)
	return len(s) == 4 && s[1] == channels && [2]int{s[2], s[3]} == kernel
}
