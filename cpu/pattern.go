package cpu

import "github.com/stheno-ml/stheno/lower"

// pattern is a form of expression that one kernel computes. It is recognised by the
// expression's tree. The same formula written in another way misses the kernel, and
// only timings show it. TestPatternsFireOnTheStandardNets counts the patterns.
type pattern uint8

// The patterns. x, y and z are arrays, s, t and u are scalars.
const (
	noPattern              pattern = iota
	patternBias                    // x + b after a product, convolution or pool; b is a row or one number per channel
	patternReLU                    // max(x, 0) after one of these
	patternReLUGrad                // where(0 < y, dy, 0) on images
	patternMulAdd                  // x*y + z
	patternScaledAdd               // s*x + y, or y - s*x
	patternMulAddConst             // x*y + s
	patternAffine                  // s*x + t
	patternBlend                   // s*x + t*y: moments, running means
	patternBlendSquare             // s*x + t*(y*y): second moments
	patternOverRoot                // x - s*y/(sqrt(t*z)+u): steps of Adam and RMSProp
	patternAdam                    // blend, blend with a square, and over their root
	patternSoftplusSigmoid         // softplus and sigmoid of the same x: cross entropy and its gradient
)

func (p pattern) String() string {
	return [...]string{"none", "bias", "relu", "relu gradient", "multiply-add", "scaled add", "multiply-add of a number", "affine",
		"blend", "blend with a square", "over a root", "adam", "softplus and sigmoid"}[p]
}

// isReLU reports whether an expression is max(x, 0).
func isReLU(e lower.Expr) bool {
	return e.Fn() == lower.FnMax && isZero(e.Operands()[1])
}

// isReLUGrad reports whether an expression is where(0 < y, dy, 0), and returns the
// arguments y and dy.
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
