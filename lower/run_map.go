package lower

import "math"

// An expression is evaluated a block of elements at a time: each of its
// functions is one loop over the block, so the cost of interpreting it is
// paid once per block.
const block = 512

// mapCode is an expression as a list of instructions over block registers.
type mapCode struct {
	ops  []mapOp
	args []int // register of each argument; -1 where it is not read
	regs int
}

type mapOp struct {
	fn  Fn
	num float64
	src [3]int
	dst int
}

// compileMap numbers the expression's distinct subexpressions.
func compileMap(e Expr, nargs int) *mapCode {
	c := &mapCode{args: make([]int, nargs)}
	for i := range c.args {
		c.args[i] = -1
	}
	byNode, byText := map[*exprNode]int{}, map[mapOp]int{}
	var walk func(Expr) int
	walk = func(e Expr) int {
		if r, ok := byNode[e.n]; ok {
			return r
		}
		r := c.regs
		if e.n.fn == FnArg {
			if c.args[e.n.arg] >= 0 {
				return c.args[e.n.arg]
			}
			c.args[e.n.arg] = r
			c.regs++
		} else {
			op := mapOp{fn: e.n.fn, num: e.n.num}
			for i, a := range e.n.args {
				op.src[i] = walk(a)
			}
			if same, ok := byText[op]; ok {
				r = same
			} else {
				r = c.regs
				c.regs++
				byText[op] = r
				op.dst = r
				c.ops = append(c.ops, op)
			}
		}
		byNode[e.n] = r
		return r
	}
	walk(e)
	if last := walk(e); len(c.ops) == 0 { // the expression is one argument
		c.ops = append(c.ops, mapOp{fn: FnArg, src: [3]int{last}, dst: c.regs})
		c.regs++
	}
	return c
}

// runMap computes dst[i] = e(in[0][i], in[1][i], ...) in row-major order.
func runMap[T Float](e Expr, in []Array[T], dst []T) {
	code := compileMap(e, len(in))
	flat := make([][]T, len(in)) // the contiguous operands' elements
	for i, a := range in {
		if code.args[i] >= 0 && a.Contiguous() {
			flat[i] = a.Elements()
		}
	}
	parallel(len(dst), 32*block, func(lo, hi int) {
		store := make([]T, code.regs*block)
		reg := make([][]T, code.regs)
		for i := range reg {
			reg[i] = store[i*block : (i+1)*block]
		}
		for _, op := range code.ops {
			if op.fn == FnNum {
				fill(reg[op.dst], T(op.num))
			}
		}
		for ; lo < hi; lo += block {
			n := min(block, hi-lo)
			for i, r := range code.args {
				switch {
				case r < 0:
				case flat[i] != nil:
					reg[r] = flat[i][lo : lo+n]
				default:
					in[i].copyRange(reg[r][:n], lo)
				}
			}
			for k, op := range code.ops {
				to := reg[op.dst][:n]
				if k == len(code.ops)-1 {
					to = dst[lo : lo+n]
				}
				apply3(op, to, reg)
			}
		}
	})
}

func fill[T Float](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// apply3 runs one instruction on a block. What has no loop of its own here is
// computed in float64, an element at a time, by the table of functions.
func apply3[T Float](op mapOp, dst []T, reg [][]T) {
	n := len(dst)
	x, y, z := reg[op.src[0]][:n], reg[op.src[1]][:n], reg[op.src[2]][:n]
	switch op.fn {
	case FnNum:
		fill(dst, T(op.num))
	case FnArg:
		copy(dst, x)
	case FnAdd:
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	case FnSub:
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	case FnMul:
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	case FnDiv:
		for i := range dst {
			dst[i] = x[i] / y[i]
		}
	case FnNeg:
		for i := range dst {
			dst[i] = -x[i]
		}
	case FnLess:
		for i := range dst {
			if x[i] < y[i] {
				dst[i] = 1
			} else {
				dst[i] = 0
			}
		}
	case FnWhere:
		for i := range dst {
			if x[i] != 0 {
				dst[i] = y[i]
			} else {
				dst[i] = z[i]
			}
		}
	case FnMax:
		for i := range dst {
			dst[i] = max(x[i], y[i])
		}
	case FnSqrt:
		for i := range dst {
			dst[i] = T(math.Sqrt(float64(x[i])))
		}
	case FnExp:
		for i := range dst {
			dst[i] = T(math.Exp(float64(x[i])))
		}
	case FnSoftplus:
		for i := range dst {
			dst[i] = T(softplus(float64(x[i])))
		}
	case FnSigmoid:
		for i := range dst {
			dst[i] = T(sigmoid(float64(x[i])))
		}
	default:
		eval := fns[op.fn].eval
		for i := range dst {
			dst[i] = T(eval([3]float64{float64(x[i]), float64(y[i]), float64(z[i])}))
		}
	}
}
