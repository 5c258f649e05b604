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

// compileMap numbers the distinct subexpressions of an expression of nargs arguments.
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

// mapScratch is the memory of one thread that runs a mapCode.
type mapScratch[T Float] struct {
	store []T
	reg   [][]T
}

// newMapScratch returns memory enough for the code.
func newMapScratch[T Float](c *mapCode) *mapScratch[T] {
	return &mapScratch[T]{make([]T, c.regs*block), make([][]T, c.regs)}
}

// MapLoop is the loop of one function: dst[i] = fn(x[i], y[i], z[i]), as far
// as it has operands. dst may be one of them.
type MapLoop[T Float] func(fn Fn, dst, x, y, z []T)

// runCode computes dst[i] = e(in[0][i], in[1][i], ...), in row-major order, for
// i from lo to hi-1, where e is the code's expression. It allocates nothing.
func runCode[T Float](c *mapCode, in []Array[T], dst []T, lo, hi int, loop MapLoop[T], s *mapScratch[T]) {
	for i := range s.reg {
		s.reg[i] = s.store[i*block : (i+1)*block]
	}
	for _, op := range c.ops {
		if op.fn == FnNum {
			fill(s.reg[op.dst], T(op.num))
		}
	}
	for ; lo < hi; lo += block {
		n := min(block, hi-lo)
		for i, r := range c.args {
			switch {
			case r < 0:
			case in[i].Contiguous():
				at := in[i].Off + lo
				s.reg[r] = in[i].Data[at : at+n]
			default:
				in[i].CopyRange(s.reg[r][:n], lo)
			}
		}
		for k, op := range c.ops {
			to := s.reg[op.dst][:n]
			if k == len(c.ops)-1 {
				to = dst[lo : lo+n]
			}
			if op.fn == FnNum {
				if k == len(c.ops)-1 {
					fill(to, T(op.num))
				}
				continue
			}
			loop(op.fn, to, s.reg[op.src[0]][:n], s.reg[op.src[1]][:n], s.reg[op.src[2]][:n])
		}
	}
}

// runMap computes dst[i] = e(in[0][i], in[1][i], ...) in row-major order.
func runMap[T Float](e Expr, in []Array[T], dst []T) {
	code := compileMap(e, len(in))
	parallel(len(dst), 32*block, func(lo, hi int) {
		runCode(code, in, dst, lo, hi, PlainLoop[T], newMapScratch[T](code))
	})
}

func fill[T Float](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// PlainLoop is a MapLoop in plain Go. What has no loop of its own here is
// computed in float64, an element at a time, by the table of functions.
func PlainLoop[T Float](fn Fn, dst, x, y, z []T) {
	n := len(dst)
	x, y, z = x[:n], y[:n], z[:n]
	switch fn {
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
		eval := fns[fn].eval
		for i := range dst {
			dst[i] = T(eval([3]float64{float64(x[i]), float64(y[i]), float64(z[i])}))
		}
	}
}
