package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// planes writes the kernels over windows of a plane: the greatest cell, its index, the
// sum. Each kernel takes a pointer to a planeRows.
func planes() {
	for _, m := range machines(1, 1) {
		for _, step := range planeSteps() {
			for _, op := range planeOps() {
				planeKernel{machine: m, step: step, fold: op.fold}.write(op.name)
			}
		}
	}
}

// planeSteps are the column strides that there are kernels for.
func planeSteps() []int { return []int{1, 2} }

// planeOp is a function of a window's cells.
type planeOp struct {
	name  string // of the twin, before Generic
	field string // of Planes
	fold  fold
}

func planeOps() []planeOp {
	return []planeOp{{"planeMax", "max", &greatest{}}, {"planePlace", "place", &place{}}, {"planeSum", "sum", &total{}}}
}

// planeName is the name of an op's kernel for a column stride of step.
func (m machine) planeName(op string, step int) string {
	if step == 2 {
		op += "Strided"
	}
	return m.name(op)
}

// planeKernel computes a vector of windows of a row at a time. For a column stride of 2
// it takes two columns of the windows from two vectors of cells, by a shuffle within
// 128 bits. The lanes of the result stay in the shuffled order until unshuffled.
type planeKernel struct {
	machine
	step int
	fold fold
}

// fold accumulates the cells of windows.
type fold interface {
	begin(m machine)
	// take adds the next cells of each window, one or two.
	take(m machine, cells ...vec)
	result(m machine) vec
}

// The words of a planeRows.
const (
	planeX     = iota // the first cell of the first window
	planeY            // the result of the first window
	planeRows         // rows of windows
	planeCols         // windows of a row
	planeTaps         // rows of a window
	planePairs        // columns of a window; for a column stride of 2, pairs of them
	planeOdd          // 1 if a column is left after the pairs
	planeLD           // bytes from a row of cells to the next
	planeNext         // bytes from a row of windows to the next
)

func (k planeKernel) write(name string) {
	twin := name + "Generic"
	name = k.planeName(name, k.step)
	TEXT(name, NOSPLIT, "func(a *uintptr)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %s for windows with a column stride of %d.", name, twin, k.step))
	load := func(at int) Register {
		r := GP64()
		MOVQ(field(Load(Param("a"), GP64()), at), r)
		return r
	}
	row, to, rows, ld := load(planeX), load(planeY), load(planeRows), load(planeLD)
	left := load(planeCols) // results not written yet, of this row and the later ones
	IMULQ(rows, left)
	x, n, arg := GP64(), GP64(), GP64()
	vector := k.size * k.lanes

	Label("row")
	CMPQ(rows, U8(0))
	JLE(LabelRef("end"))
	MOVQ(Load(Param("a"), GP64()), arg)
	MOVQ(field(arg, planeCols), n)
	MOVQ(row, x)

	Label("vector")
	CMPQ(n, U32(k.lanes))
	JLT(LabelRef("part"))
	k.storeTo(k.windows("whole", x, ld, nil), Mem{Base: to})
	ADDQ(U32(vector*k.step), x)
	ADDQ(U32(vector), to)
	SUBQ(U32(k.lanes), n)
	SUBQ(U32(k.lanes), left)
	JMP(LabelRef("vector"))

	// The last windows of a row: go back and compute a whole vector that ends with the
	// row, if the row is long enough.
	Label("part")
	CMPQ(n, U8(0))
	JLE(LabelRef("next"))
	MOVQ(Load(Param("a"), GP64()), arg)
	CMPQ(field(arg, planeCols), U32(k.lanes))
	JLT(LabelRef("few"))
	SUBQ(U32(k.lanes), n) // minus the windows to go back
	SUBQ(n, left)
	LEAQ(Mem{Base: to, Index: n, Scale: uint8(k.size)}, to)
	if k.step == 2 {
		ADDQ(n, n)
	}
	LEAQ(Mem{Base: x, Index: n, Scale: uint8(k.size)}, x)
	MOVQ(U32(k.lanes), n)
	JMP(LabelRef("vector"))

	// Fewer windows than lanes: write a whole vector if the results of later rows
	// overwrite the rest of it, else only the results of the windows.
	Label("few")
	var masks []Op
	cells := GP64()
	MOVQ(n, cells)
	if k.step == 2 {
		ADDQ(n, cells)
		full, none := GP64(), GP64()
		second := GP64()
		MOVQ(cells, second)
		MOVQ(U32(k.lanes), full)
		SUBQ(full, second)
		XORQ(none, none)
		CMPQ(second, none)
		CMOVQLT(none, second)
		CMPQ(cells, full)
		CMOVQGT(full, cells)
		masks = []Op{k.tailMask(cells), k.tailMask(second)}
	} else {
		masks = []Op{k.tailMask(cells)}
	}
	result := k.windows("few", x, ld, masks)
	CMPQ(left, U32(k.lanes))
	JLT(LabelRef("last"))
	k.storeTo(result, Mem{Base: to})
	JMP(LabelRef("written"))
	Label("last")
	some := k.machine
	some.tail = k.tailMask(n)
	some.storeTo(result, Mem{Base: to})
	Label("written")
	LEAQ(Mem{Base: to, Index: n, Scale: uint8(k.size)}, to)
	SUBQ(n, left)

	Label("next")
	MOVQ(Load(Param("a"), GP64()), arg)
	ADDQ(field(arg, planeNext), row)
	DECQ(rows)
	JMP(LabelRef("row"))
	Label("end")
	VZEROUPPER()
	RET()
}

// windows computes a vector of windows; the first cell of the first one is at x. Masks
// select the cells to read; nil reads all.
func (k planeKernel) windows(label string, x, ld Register, masks []Op) vec {
	k.fold.begin(k.machine)
	read := func(p Register, by int) vec {
		m := k.machine
		if masks != nil {
			m.tail = masks[by]
		}
		return m.loadFrom(Mem{Base: p, Disp: by * k.size * k.lanes})
	}
	first, p, arg := GP64(), GP64(), GP64()
	MOVQ(x, first)
	MOVQ(Load(Param("a"), GP64()), arg)
	i, j := GP64(), GP64()
	MOVQ(field(arg, planeTaps), i)
	Label(label + "Row")
	MOVQ(field(arg, planePairs), j)
	MOVQ(first, p)
	Label(label + "Tap")
	if k.step == 1 {
		k.fold.take(k.machine, read(p, 0))
	} else {
		a, b := read(p, 0), read(p, 1)
		k.fold.take(k.machine, k.binary(k.evens, a, b), k.binary(k.odds, a, b))
	}
	ADDQ(U32(k.size*k.step), p)
	DECQ(j)
	JNZ(LabelRef(label + "Tap"))
	if k.step == 2 {
		CMPQ(field(arg, planeOdd), U8(0))
		JEQ(LabelRef(label + "Even"))
		SUBQ(U8(uint8(k.size)), p)
		k.fold.take(k.machine, k.binary(k.odds, read(p, 0), read(p, 1)))
		Label(label + "Even")
	}
	ADDQ(ld, first)
	DECQ(i)
	JNZ(LabelRef(label + "Row"))
	v := k.fold.result(k.machine)
	if k.step == 2 {
		v = k.unshuffled(v)
	}
	return v
}

// unshuffled restores the order of lanes after evens and odds.
func (m machine) unshuffled(v vec) vec {
	if !m.crosses() {
		return v
	}
	if !m.wide {
		return m.unary(VPERMPD, v, U8(0b11_01_10_00))
	}
	order := ZMM()
	VMOVUPS(wideOrder, order)
	to := m.vec()
	for i := range to {
		VPERMPD(v[i], order, to[i])
	}
	return to
}

// wideOrder is the memory of the permutation of unshuffled for AVX-512.
var wideOrder Mem

// greatest is the greatest cell: NaN if a cell is NaN, and 0 counts as greater than -0.
type greatest struct {
	top vec
	nan Register
}

func (f *greatest) begin(m machine) {
	f.top, f.nan = m.each(math.Inf(-1)), nil
	if m.wide {
		f.nan = K()
		KXORW(f.nan, f.nan, f.nan)
	} else {
		f.nan = m.register()
		VXORPS(f.nan, f.nan, f.nan)
	}
}

func (f *greatest) take(m machine, cells ...vec) {
	v, last := cells[0], cells[len(cells)-1]
	nan := m.compare(unordered, v, last)[0]
	if m.wide {
		KORW(nan, f.nan, f.nan)
	} else {
		VORPS(nan, f.nan, f.nan)
	}
	if len(cells) == 2 {
		m.greater(v, last, v)
	}
	m.greater(f.top, v, f.top)
}

// greater sets to to the greater of two numbers, where 0 counts as greater than -0. Which
// of two zeros the instruction returns depends on the order of its operands, so it
// takes both orders.
func (m machine) greater(x, y, to vec) {
	a, b := m.max(x, y), m.max(y, x)
	for i := range to {
		if m.wide {
			VPANDD(a[i], b[i], to[i])
		} else {
			VANDPS(a[i], b[i], to[i])
		}
	}
}

func (f *greatest) result(m machine) vec {
	return m.choose(mask{f.nan}, m.num(math.NaN()), f.top)
}

// place is the index of the greatest cell, counted in the order of take: the first one if
// several are equal, or the first NaN.
type place struct{ top, at, next, one vec }

func (f *place) begin(m machine) {
	f.top, f.at, f.next, f.one = m.each(math.Inf(-1)), m.zeros(), m.zeros(), m.num(1)
}

func (f *place) take(m machine, cells ...vec) {
	for _, v := range cells {
		better, number := m.compare(notLessEq, v, f.top)[0], m.compare(ordered, f.top, f.top)[0]
		if m.wide {
			KANDW(number, better, better)
		} else {
			VANDPS(number, better, better)
		}
		m.choose(mask{better}, v, f.top)
		m.choose(mask{better}, f.next, f.at)
		m.addOp(f.one[0], f.next[0], f.next[0])
	}
}

func (f *place) result(machine) vec { return f.at }

// total is the sum of the cells, added in order.
type total struct{ sum vec }

func (f *total) begin(m machine) { f.sum = m.zeros() }

func (f *total) take(m machine, cells ...vec) {
	for _, v := range cells {
		m.addOp(v[0], f.sum[0], f.sum[0])
	}
}

func (f *total) result(machine) vec { return f.sum }
