// Programs of vector operations: the arithmetic of a solver, in Gorgonia's order, with
// one rounding per operation.

package solve

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// The registers of a program: blocks of a weight, of its gradient, of two states, and
// two blocks of scratch.
const (
	regW = iota
	regG
	regM
	regV
	regT
	regU
	registerCount
)

type registers[T kernel.Float] [registerCount][]T

// program is a sequence of operations.
type program[T kernel.Float] []operation[T]

// operation sets a register: dst = op(x, y), op(x, s), op(s, x) or op(x).
type operation[T kernel.Float] struct {
	kind      opKind
	op        kernel.VectorOp
	dst, x, y int
	s         T
}

type opKind uint8

const (
	two   opKind = iota // x op y
	right               // x op s
	left                // s op x
	one                 // op x
	sign                // -1 or 1; x if it is 0 or NaN
	clamp               // to [-s, s]
	zero
)

func (p *program[T]) two(op kernel.VectorOp, dst, x, y int) {
	*p = append(*p, operation[T]{kind: two, op: op, dst: dst, x: x, y: y})
}

func (p *program[T]) right(op kernel.VectorOp, dst, x int, s T) {
	*p = append(*p, operation[T]{kind: right, op: op, dst: dst, x: x, s: s})
}

func (p *program[T]) left(op kernel.VectorOp, dst int, s T, x int) {
	*p = append(*p, operation[T]{kind: left, op: op, dst: dst, x: x, s: s})
}

func (p *program[T]) one(op kernel.VectorOp, dst, x int) {
	*p = append(*p, operation[T]{kind: one, op: op, dst: dst, x: x})
}

func (p *program[T]) plain(kind opKind, dst, x int, s T) {
	*p = append(*p, operation[T]{kind: kind, dst: dst, x: x, s: s})
}

// run runs the program on blocks.
func (p program[T]) run(v *kernel.Vector[T], r *registers[T]) {
	for _, o := range p {
		switch o.kind {
		case two:
			v.Binary[o.op](r[o.dst], r[o.x], r[o.y])
		case right:
			v.Right[o.op](r[o.dst], r[o.x], o.s)
		case left:
			v.Left[o.op](r[o.dst], r[o.x], o.s)
		case one:
			v.Unary[o.op](r[o.dst], r[o.x])
		case sign:
			signs(r[o.dst], r[o.x])
		case clamp:
			clamped(r[o.dst], r[o.x], o.s)
		case zero:
			clear(r[o.dst])
		}
	}
}

func signs[T kernel.Float](dst, x []T) {
	for i, v := range x {
		switch {
		case v < 0:
			v = -1
		case v > 0:
			v = 1
		}
		dst[i] = v
	}
}

func clamped[T kernel.Float](dst, x []T, limit T) {
	for i, v := range x {
		switch {
		case v < -limit || math.IsInf(float64(v), -1):
			v = -limit
		case v > limit || math.IsInf(float64(v), 1):
			v = limit
		}
		dst[i] = v
	}
}
