package cpu

import "github.com/stheno-ml/stheno/lower"

// pattern is a form of expression that one kernel computes at once. It is told by
// the expression's tree: algebra that writes the same in another way loses the
// kernel, and only the clock shows it. TestPatternsFireOnTheStandardNets counts
// them.
type pattern uint8

// The patterns. Letters from the end of the alphabet are arrays, others numbers.
const (
	noPattern          pattern = iota
	patternBias                // x + b after a product, a convolution or a pool, b a row or a channel's
	patternReLU                // max(x, 0) after one of those, or before a pool
	patternReLUGrad            // where(0 < y, dy, 0) of images
	patternMulAdd              // x*y + z
	patternScaledAdd           // s*x + y, or y - s*x
	patternMulAddConst         // x*y + s
	patternAffine              // s*x + t
	patternBlend               // s*x + t*y: moments, running means
	patternBlendSquare         // s*x + t*(y*y): second moments
	patternOverRoot            // x - s*y/(sqrt(t*z)+u): steps of Adam and RMSProp
)

func (p pattern) String() string {
	return [...]string{"none", "bias", "relu", "relu gradient", "multiply-add", "scaled add", "multiply-add of a number", "affine",
		"blend", "blend with a square", "over a root"}[p]
}

// isReLU reports whether an expression is max(x, 0).
func isReLU(e lower.Expr) bool {
	return e.Fn() == lower.FnMax && isZero(e.Operands()[1])
}

// isReLUGrad reports whether an expression is dy where y > 0, else 0, and which
// arguments these are.
func isReLUGrad(e lower.Expr) (y, dy int, ok bool) {
	if e.Fn() != lower.FnWhere || e.Operands()[0].Fn() != lower.FnLess || e.Operands()[1].Fn() != lower.FnArg || !isZero(e.Operands()[2]) {
		return 0, 0, false
	}
	less := e.Operands()[0].Operands()
	if !isZero(less[0]) || less[1].Fn() != lower.FnArg {
		return 0, 0, false
	}
	return less[1].Index(), e.Operands()[1].Index(), true
}

func isZero(e lower.Expr) bool { return e.Fn() == lower.FnNum && e.Value() == 0 }
