// The register tiles: a few rows by a few vectors of c stay in registers for all k.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The bits of a tile's flags: gemmAccumulate, gemmBias and gemmReLU of package kernel.
const (
	accumulate = 1
	addBias    = 2
	relu       = 4
)

// tile is one function: rows by n vectors. Four or eight vectors are panels of two with a
// stride of bPanel bytes, and all their columns are used. With fewer vectors, 1 to all lanes
// of the last vector are used.
type tile struct {
	vectors
	rows, n    int
	firstLanes Mem  // the table of masks
	whole      bool // all lanes of the last vector are used
}

// tiles lists the tiles of n vectors, one or two, the shortest first.
func (v vectors) tiles(n int) []tile {
	var all []tile
	for rows := 1; rows <= v.rows; rows++ {
		all = append(all, tile{vectors: v, rows: rows, n: n})
	}
	return all
}

// wideTiles lists the tiles of whole panels, the shortest first.
func (v vectors) wideTiles() []tile {
	var all []tile
	for i, n := range v.wide {
		all = append(all, tile{vectors: v, rows: i + 1, n: n})
	}
	return all
}

// narrow reports whether the tile is part of a panel.
func (t tile) narrow() bool { return t.n <= 2 }

func (t tile) name() string { return fmt.Sprintf("%sTile%dx%d%s", t.prefix, t.rows, t.n, t.suffix) }

// acc returns the register of row r, vector j.
func (t tile) acc(r, j int) VecPhysical { return t.reg[r*t.n+j] }

// spare returns the i-th register after the accumulators.
func (t tile) spare(i int) VecPhysical { return t.reg[t.rows*t.n+i] }

// partial reports whether some lanes of vector j may be unused.
func (t tile) partial(j int) bool { return t.narrow() && j == t.n-1 && !t.whole }

// byLanes reports whether some lanes are loaded and stored one by one: NEON has no masks.
func (t tile) byLanes() bool { return t.bytes == 16 && t.narrow() }

// eitherWay writes code that loads parts of c or of the bias. If lanes go one by one, there is
// separate code for full vectors.
func (t tile) eitherWay(label string, code func(t tile)) {
	if !t.byLanes() {
		code(t)
		return
	}
	lanes := Load(Param("lanes"), GP64())
	CMPQ(lanes, Imm(uint64(t.lanes())))
	JNE(LabelRef(label + "Part"))
	whole := t
	whole.whole = true
	code(whole)
	JMP(LabelRef(label + "Done"))
	Label(label + "Part")
	t.loadMask()
	code(t)
	Label(label + "Done")
}

func (t tile) write(firstLanes Mem) {
	t.firstLanes = firstLanes
	name := t.name()
	TEXT(name, NOSPLIT, fmt.Sprintf("func(k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep, bPanel int, "+
		"c *%[1]s, cRow, lanes, flags int, bias, next *%[1]s, nextStep int)", t.typ))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is a gemmTile of %d rows and %d vectors of %d lanes.", name, t.rows, t.n, t.lanes()))

	if t.masks() && t.narrow() {
		maskOfLanes(Load(Param("lanes"), GP64()).(GPVirtual), K1)
	}
	flags := Load(Param("flags"), GP64())
	TESTQ(U32(accumulate), flags)
	JNZ(LabelRef("resume"))
	for i := range t.rows * t.n {
		t.zero(t.reg[i])
	}
	t.eachRowOfC(func(_ int, row Register) {
		for at := 0; at < t.n*t.bytes; at += 64 {
			PREFETCHT0(Mem{Base: row, Disp: at})
		}
	})
	JMP(LabelRef("multiply"))

	Label("resume")
	if !t.byLanes() {
		t.loadMask()
	}
	t.eitherWay("resume", func(t tile) {
		t.eachRowOfC(func(r int, row Register) {
			for j := range t.n {
				t.load(Mem{Base: row, Disp: j * t.bytes}, j, t.acc(r, j))
			}
		})
	})

	Label("multiply")
	t.multiply()

	flags = Load(Param("flags"), GP64())
	if !t.byLanes() {
		t.loadMask()
	}
	TESTQ(U32(addBias), flags)
	JZ(LabelRef("rectify"))
	t.eitherWay("bias", func(t tile) {
		bias := Load(Param("bias"), GP64())
		for j := range t.n {
			b := t.spare(0)
			t.load(Mem{Base: bias, Disp: j * t.bytes}, j, b)
			for r := range t.rows {
				t.add(b, t.acc(r, j), t.acc(r, j))
			}
		}
	})

	Label("rectify")
	TESTQ(U32(relu), flags)
	JZ(LabelRef("store"))
	zero := t.spare(0)
	t.zero(zero)
	for i := range t.rows * t.n {
		t.max(t.reg[i], zero, t.reg[i])
	}

	Label("store")
	t.store()
	VZEROUPPER()
	RET()
}

// multiply adds the products for all k in order: acc[r][j] += a[r]*b[j].
func (t tile) multiply() {
	k := Load(Param("k"), GP64())
	a := Load(Param("a"), GP64())
	aStep := Load(Param("aStep"), GP64())
	b := Load(Param("b"), GP64())
	bStep := Load(Param("bStep"), GP64())
	var next, nextStep Register
	if t.narrow() {
		next = Load(Param("next"), GP64())
		nextStep = Load(Param("nextStep"), GP64())
	}
	TESTQ(k, k)
	JLE(LabelRef("multiplied"))
	if t.bytes == 16 && t.n <= 4 {
		t.multiplyByElements(k, a, aStep, b, bStep, next, nextStep)
		return
	}

	rows := multiples(Param("aRow"), a, t.rows)
	panels := []Mem{{Base: b}}
	if t.n == 8 {
		panels = multiples(Param("bPanel"), b, 4)
	}

	Label("step")
	if t.n == 8 {
		for r := range t.rows {
			t.broadcast(rows[r], t.spare(r))
		}
		for j := range t.n {
			from := panels[j/2]
			from.Disp += j % 2 * t.bytes
			if t.rows == 1 {
				t.mulAdd(from, t.spare(0), t.acc(0, j))
				continue
			}
			bj := t.spare(t.rows + j%4)
			VMOVUPS(from, bj)
			for r := range t.rows {
				t.mulAdd(bj, t.spare(r), t.acc(r, j))
			}
		}
	} else {
		PREFETCHT0(Mem{Base: next})
		for j := range t.n {
			from := Mem{Base: b, Disp: j * t.bytes}
			if t.masks() && t.partial(j) {
				t.zeroed(from, K1, t.spare(j))
			} else {
				VMOVUPS(from, t.spare(j))
			}
		}
		for r := range t.rows {
			ar := t.spare(t.n + r%2)
			t.broadcast(rows[r], ar)
			for j := range t.n {
				t.mulAdd(ar, t.spare(j), t.acc(r, j))
			}
		}
	}
	ADDQ(aStep, a)
	ADDQ(bStep, b)
	if t.narrow() {
		ADDQ(nextStep, next)
	}
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("multiplied")
}

// multiples returns the addresses base + i*stride for i below n, with n at most 15. It
// needs a register for each odd multiple of the stride.
func multiples(stride gotypes.Component, base Register, n int) []Mem {
	odd := map[int]Register{}
	if n > 1 {
		odd[1] = Load(stride, GP64())
	}
	for i := 3; i < n; i += 2 {
		odd[i] = GP64()
		LEAQ(Mem{Base: odd[i-2], Index: odd[1], Scale: 2}, odd[i])
	}
	at := []Mem{{Base: base}}
	for i := 1; i < n; i++ {
		m, scale := i, uint8(1)
		for m%2 == 0 {
			m, scale = m/2, scale*2
		}
		at = append(at, Mem{Base: base, Index: odd[m], Scale: scale})
	}
	return at
}

// eachRowOfC calls write with a register that points to each row of c in turn.
func (t tile) eachRowOfC(write func(r int, row Register)) {
	row := Load(Param("c"), GP64())
	stride := Load(Param("cRow"), GP64())
	for r := range t.rows {
		write(r, row)
		if r < t.rows-1 {
			ADDQ(stride, row)
		}
	}
}

// loadMask loads the mask of the last vector.
func (t tile) loadMask() {
	if !t.masks() && t.narrow() {
		lanes := Load(Param("lanes"), GP64()).(GPVirtual)
		VMOVDQU(t.lanePointer(t.firstLanes, lanes), t.mask())
	}
}

// load reads the used lanes of vector j of a row of c or of the bias.
func (t tile) load(from Mem, j int, to VecPhysical) {
	switch {
	case !t.partial(j):
		VMOVUPS(from, to)
	case t.masks():
		t.zeroed(from, K1, to)
	default:
		t.maskMove(from, t.mask(), to)
	}
}

// store writes the tile. Masked stores of AVX2 are slow on some processors, so there is
// separate code for full vectors.
func (t tile) store() {
	masks := !t.masks() && t.narrow()
	if masks {
		lanes := Load(Param("lanes"), GP64())
		CMPQ(lanes, Imm(uint64(t.lanes())))
		JNE(LabelRef("part"))
	}
	t.eachRowOfC(func(r int, row Register) {
		for j := range t.n {
			to := Mem{Base: row, Disp: j * t.bytes}
			if t.masks() && t.partial(j) {
				t.masked(t.acc(r, j), K1, to)
			} else {
				VMOVUPS(t.acc(r, j), to)
			}
		}
	})
	if !masks {
		return
	}
	VZEROUPPER()
	RET()
	Label("part")
	if t.byLanes() {
		t.loadMask()
	}
	t.eachRowOfC(func(r int, row Register) {
		for j := range t.n {
			to := Mem{Base: row, Disp: j * t.bytes}
			if t.partial(j) {
				t.maskMove(t.acc(r, j), t.mask(), to)
			} else {
				VMOVUPS(t.acc(r, j), to)
			}
		}
	})
}
