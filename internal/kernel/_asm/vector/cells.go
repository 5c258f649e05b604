package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// cells writes the elementwise part of the steps of recurrent cells and of their
// gradients. Each kernel takes a pointer to a cellRows.
func cells() {
	for _, c := range cellKernels() {
		for _, m := range machines(c.narrow, 4) {
			k := rowsKernel{machine: m, names: c.names}
			k.write(c.name, c.step)
		}
	}
}

// cellKernel is a kernel of a cell. names are the matrices of a cellRows, in its order,
// "" for one that the kernel does not use.
type cellKernel struct {
	name   string
	narrow int // chains with AVX2
	names  []string
	step   func(k rowsKernel)
}

// cellNames are the cells in the order of CellKind.
func cellNames() []string { return []string{"lstm", "gru", "rnn"} }

func cellKernels() []cellKernel {
	return []cellKernel{
		{"lstmForward", 3, []string{"z", "add", "prev", "saved", "c", "h", "h2"}, lstmForward},
		{"lstmBackward", 3, []string{"saved", "c", "prev", "dOut", "dh", "dc", "dz", "sum"}, lstmBackward},
		{"gruForward", 3, []string{"z", "add", "prev", "saved", "", "h", "h2"}, gruForward},
		{"gruBackward", 2, []string{"saved", "", "prev", "dOut", "dh", "", "dz", "sum"}, gruBackward},
		{"rnnForward", 3, []string{"z", "add", "", "saved", "", "h", "h2"}, rnnForward},
		{"rnnBackward", 3, []string{"saved", "", "", "dOut", "dh", "", "dz", "sum"}, rnnBackward},
	}
}

// rowsKernel is a kernel over rows of units. Its pointers move along a row together, and
// then each by its own stride to the next row.
type rowsKernel struct {
	machine
	names      []string
	pointers   []Register // nil where there is no name
	block, by3 Register   // bytes from a block to the next, and three times that
}

// The words of a cellRows.
const (
	fieldAt    = 0
	fieldNext  = 8
	fieldUnits = 16
	fieldRows  = 17
	fieldBlock = 18
)

func field(arg Register, i int) Mem { return Mem{Base: arg, Disp: 8 * i} }

func (k rowsKernel) write(name string, step func(k rowsKernel)) {
	TEXT(k.name(name), NOSPLIT, "func(x *uintptr)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %sGeneric.", k.name(name), name))
	arg := Load(Param("x"), GP64())
	k.pointers = make([]Register, len(k.names))
	for i, name := range k.names {
		if name != "" {
			p := GP64()
			MOVQ(field(arg, fieldAt+i), p)
			k.pointers[i] = p
		}
	}
	k.block, k.by3 = GP64(), GP64()
	MOVQ(field(arg, fieldBlock), k.block)
	LEAQ(Mem{Base: k.block, Index: k.block, Scale: 2}, k.by3)
	n := GP64()

	Label("row")
	arg = Load(Param("x"), GP64())
	CMPQ(field(arg, fieldRows), U8(0))
	JLE(LabelRef("end"))
	MOVQ(field(arg, fieldUnits), n)
	k.loop(n, func(m machine) {
		at := k
		at.machine = m
		step(at)
		for _, p := range k.pointers {
			if p != nil {
				ADDQ(U32(m.size*m.lanes*m.chains), p)
			}
		}
		SUBQ(U32(m.lanes*m.chains), n)
	})
	arg = Load(Param("x"), GP64())
	for i, p := range k.pointers {
		if p != nil {
			ADDQ(field(arg, fieldNext+i), p)
		}
	}
	DECQ(field(arg, fieldRows))
	JMP(LabelRef("row"))

	Label("end")
	VZEROUPPER()
	RET()
}

// pointer returns the register of a pointer.
func (k rowsKernel) pointer(name string) Register {
	for i, n := range k.names {
		if n == name {
			return k.pointers[i]
		}
	}
	panic("no pointer " + name)
}

// get loads from a pointer.
func (k rowsKernel) get(name string) vec { return k.load(k.pointer(name)) }

// put stores to a pointer.
func (k rowsKernel) put(v vec, name string) { k.store(v, k.pointer(name)) }

// blockAt is the memory of a block in the row of a pointer.
func (k rowsKernel) blockAt(name string, block int) Mem {
	at := Mem{Base: k.pointer(name)}
	switch block {
	case 1:
		at.Index, at.Scale = k.block, 1
	case 2:
		at.Index, at.Scale = k.block, 2
	case 3:
		at.Index, at.Scale = k.by3, 1
	}
	return at
}

func (k rowsKernel) getBlock(name string, block int) vec { return k.loadFrom(k.blockAt(name, block)) }

func (k rowsKernel) putBlock(v vec, name string, block int) { k.storeTo(v, k.blockAt(name, block)) }

// sum is a block of z plus a block of what is added to it.
func (k rowsKernel) sum(z, add int) vec { return k.add(k.getBlock("z", z), k.getBlock("add", add)) }

// putGrad stores a block of dz, and adds it to the sums.
func (k rowsKernel) putGrad(v vec, block int) {
	k.putBlock(v, "dz", block)
	k.putBlock(k.add(k.getBlock("sum", block), v), "sum", block)
}

// putState stores h.
func (k rowsKernel) putState(h vec) {
	k.put(h, "h")
	k.put(h, "h2")
}

// sigmoidSlope is the derivative of a sigmoid with result y, and tanhSlope that of a
// tanh.
func (k rowsKernel) sigmoidSlope(y vec) vec { return k.accumulateNeg(k.copyOf(y), y, y) }
func (k rowsKernel) tanhSlope(y vec) vec    { return k.accumulateNeg(k.each(1), y, y) }

// The blocks of an LSTM, in the order of memory.
const (
	input = iota
	forget
	candidate
	output
)

func lstmForward(k rowsKernel) {
	for _, gate := range []int{input, forget, output} {
		k.putBlock(k.sigmoidOf(k.sum(gate, gate)), "saved", gate)
	}
	g := k.tanh(k.machine, k.sum(candidate, candidate))
	k.putBlock(g, "saved", candidate)
	c := k.mul(k.getBlock("saved", input), g)
	c = k.accumulate(c, k.getBlock("saved", forget), k.get("prev"))
	k.put(c, "c")
	h := k.tanh(k.machine, c)
	k.putState(k.mul(k.getBlock("saved", output), h))
}

func lstmBackward(k rowsKernel) {
	tc := k.tanh(k.machine, k.get("c"))
	dh := k.add(k.get("dh"), k.get("dOut"))
	o := k.getBlock("saved", output)
	k.putGrad(k.mul(k.mul(dh, tc), k.sigmoidSlope(o)), output)
	dc := k.accumulate(k.get("dc"), k.mul(dh, o), k.tanhSlope(tc))
	i, g := k.getBlock("saved", input), k.getBlock("saved", candidate)
	k.putGrad(k.mul(k.mul(dc, g), k.sigmoidSlope(i)), input)
	k.putGrad(k.mul(k.mul(dc, i), k.tanhSlope(g)), candidate)
	f := k.getBlock("saved", forget)
	k.putGrad(k.mul(k.mul(dc, k.get("prev")), k.sigmoidSlope(f)), forget)
	k.put(k.mul(dc, f), "dc")
}

// The saved values of a GRU, in the order of memory. The gradients have the same
// order, except that those of n and q are swapped, as are the blocks that are added.
const (
	reset = iota
	update
	stateTerm // q
	next      // n
)

func gruForward(k rowsKernel) {
	for _, gate := range []int{reset, update} {
		k.putBlock(k.sigmoidOf(k.sum(gate, gate)), "saved", gate)
	}
	q := k.sum(2, 3)
	k.putBlock(q, "saved", stateTerm)
	n := k.accumulate(k.sum(3, 2), k.getBlock("saved", reset), q)
	n = k.tanh(k.machine, n)
	k.putBlock(n, "saved", next)
	change := k.sub(k.get("prev"), n)
	k.putState(k.accumulate(n, k.getBlock("saved", update), change))
}

func gruBackward(k rowsKernel) {
	dh := k.add(k.get("dh"), k.get("dOut"))
	u, n := k.getBlock("saved", update), k.getBlock("saved", next)
	k.put(k.mul(dh, u), "dh")
	k.putGrad(k.mul(k.mul(dh, k.sub(k.get("prev"), n)), k.sigmoidSlope(u)), update)
	dn := k.mul(k.accumulateNeg(k.copyOf(dh), dh, u), k.tanhSlope(n))
	k.putGrad(dn, 2)
	r := k.getBlock("saved", reset)
	k.putGrad(k.mul(dn, r), 3)
	k.putGrad(k.mul(k.mul(dn, k.getBlock("saved", stateTerm)), k.sigmoidSlope(r)), reset)
}

func rnnForward(k rowsKernel) {
	h := k.tanh(k.machine, k.sum(0, 0))
	k.putBlock(h, "saved", 0)
	k.putState(h)
}

func rnnBackward(k rowsKernel) {
	dh := k.add(k.get("dh"), k.get("dOut"))
	k.putGrad(k.mul(dh, k.tanhSlope(k.getBlock("saved", 0))), 0)
}

func (m machine) copyOf(v vec) vec {
	to := m.vec()
	for i := range to {
		m.moveOp(v[i], to[i])
	}
	return to
}
