package interp

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// An expression is evaluated a block of elements at a time. Each of its functions is one
// loop over the block, so the interpreter's overhead is per block, not per element.
const block = 512

// mapCode is an expression as a list of instructions over block registers.
type mapCode struct {
	ops  []mapOp
	args []int // register of each argument; -1 if it is not read
	regs int
}

type mapOp struct {
	fn  lower.Fn
	num float64
	src [3]int
	dst int
}

// compileMap compiles an expression of nargs arguments. Equal subexpressions share a
// register.
func compileMap(e lower.Expr, nargs int) *mapCode {
	c := &mapCode{args: make([]int, nargs)}
	for i := range c.args {
		c.args[i] = -1
	}
	byNode, byText := map[lower.Expr]int{}, map[mapOp]int{}
	var walk func(lower.Expr) int
	walk = func(e lower.Expr) int {
		if r, ok := byNode[e]; ok {
			return r
		}
		r := c.regs
		if e.Fn() == lower.FnArg {
			if c.args[e.Index()] >= 0 {
				return c.args[e.Index()]
			}
			c.args[e.Index()] = r
			c.regs++
		} else {
			op := mapOp{fn: e.Fn(), num: e.Value()}
			for i, a := range e.Operands() {
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
		byNode[e] = r
		return r
	}
	walk(e)
	if last := walk(e); len(c.ops) == 0 { // the expression is one argument
		c.ops = append(c.ops, mapOp{fn: lower.FnArg, src: [3]int{last}, dst: c.regs})
		c.regs++
	}
	return c
}

// mapScratch is the memory of one thread that runs a mapCode.
type mapScratch[T lower.Float] struct {
	store []T
	reg   [][]T
}

// newMapScratch returns scratch for the code.
func newMapScratch[T lower.Float](c *mapCode) *mapScratch[T] {
	return &mapScratch[T]{make([]T, c.regs*block), make([][]T, c.regs)}
}

// MapLoop is the loop of one function: dst[i] = fn(x[i], y[i], z[i]), with as many
// operands as fn has. dst may be one of them.
type MapLoop[T lower.Float] func(fn lower.Fn, dst, x, y, z []T)

// runCode computes dst[i] = e(in[0][i], in[1][i], ...), in row-major order, for
// i from lo to hi-1, where e is the code's expression. It allocates nothing.
func runCode[T lower.Float](c *mapCode, in []lower.Array[T], dst []T, lo, hi int, loop MapLoop[T], s *mapScratch[T]) {
	for i := range s.reg {
		s.reg[i] = s.store[i*block : (i+1)*block]
	}
	for _, op := range c.ops {
		if op.fn == lower.FnNum {
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
			if op.fn == lower.FnNum {
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
func runMap[T lower.Float](e lower.Expr, in []lower.Array[T], dst []T) {
	code := compileMap(e, len(in))
	parallel(len(dst), 32*block, func(lo, hi int) {
		runCode(code, in, dst, lo, hi, PlainLoop[T], newMapScratch[T](code))
	})
}

func fill[T lower.Float](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// PlainLoop is a MapLoop in plain Go. Functions without a loop here are computed in
// float64, an element at a time, by the table of functions.
func PlainLoop[T lower.Float](fn lower.Fn, dst, x, y, z []T) {
	n := len(dst)
	x, y, z = x[:n], y[:n], z[:n]
	switch fn {
	case lower.FnArg:
		copy(dst, x)
	case lower.FnAdd:
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	case lower.FnSub:
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	case lower.FnMul:
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	case lower.FnDiv:
		for i := range dst {
			dst[i] = x[i] / y[i]
		}
	case lower.FnNeg:
		for i := range dst {
			dst[i] = -x[i]
		}
	case lower.FnLess:
		for i := range dst {
			if x[i] < y[i] {
				dst[i] = 1
			} else {
				dst[i] = 0
			}
		}
	case lower.FnWhere:
		for i := range dst {
			if x[i] != 0 {
				dst[i] = y[i]
			} else {
				dst[i] = z[i]
			}
		}
	case lower.FnMax:
		for i := range dst {
			dst[i] = max(x[i], y[i])
		}
	case lower.FnSqrt:
		for i := range dst {
			dst[i] = T(math.Sqrt(float64(x[i])))
		}
	case lower.FnExp:
		for i := range dst {
			dst[i] = T(math.Exp(float64(x[i])))
		}
	default:
		eval := fn.Func()
		for i := range dst {
			dst[i] = T(eval([3]float64{float64(x[i]), float64(y[i]), float64(z[i])}))
		}
	}
}
