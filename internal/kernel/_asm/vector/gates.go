package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gates writes the elementwise part of an LSTM's step and of its gradient. Each kernel
// takes a pointer to a gateRows.
func gates() {
	for _, m := range machines(3, 4) {
		lstmForward(m)
	}
	for _, m := range machines(3, 4) {
		lstmBackward(m)
	}
}

// rowsKernel is a kernel over rows of units. Its pointers move along a row together, and
// then each by its own stride to the next row.
type rowsKernel struct {
	machine
	names     []string
	pointers  []Register
	gate, by3 Register // bytes from a gate to the next, and three times that
}

// The words of a gateRows.
const (
	fieldAt    = 0
	fieldNext  = 8
	fieldUnits = 16
	fieldRows  = 17
	fieldGate  = 18
)

func field(arg Register, i int) Mem { return Mem{Base: arg, Disp: 8 * i} }

func (k rowsKernel) write(name string, step func(k rowsKernel)) {
	TEXT(k.name(name), NOSPLIT, "func(x *uintptr)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %sGeneric.", k.name(name), name))
	arg := Load(Param("x"), GP64())
	for i := range k.names {
		p := GP64()
		MOVQ(field(arg, fieldAt+i), p)
		k.pointers = append(k.pointers, p)
	}
	k.gate, k.by3 = GP64(), GP64()
	MOVQ(field(arg, fieldGate), k.gate)
	LEAQ(Mem{Base: k.gate, Index: k.gate, Scale: 2}, k.by3)
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
			ADDQ(U32(m.size*m.lanes*m.chains), p)
		}
		SUBQ(U32(m.lanes*m.chains), n)
	})
	arg = Load(Param("x"), GP64())
	for i, p := range k.pointers {
		ADDQ(field(arg, fieldNext+i), p)
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

// gateAt is the memory of a gate in the row of a pointer.
func (k rowsKernel) gateAt(name string, gate int) Mem {
	at := Mem{Base: k.pointer(name)}
	switch gate {
	case 1:
		at.Index, at.Scale = k.gate, 1
	case 2:
		at.Index, at.Scale = k.gate, 2
	case 3:
		at.Index, at.Scale = k.by3, 1
	}
	return at
}

func (k rowsKernel) getGate(name string, gate int) vec {
	return k.loadFrom(k.gateAt(name, gate))
}

func (k rowsKernel) putGate(v vec, name string, gate int) {
	k.storeTo(v, k.gateAt(name, gate))
}

// The gates, in the order of memory.
const (
	input = iota
	forget
	candidate
	output
)

func lstmForward(m machine) {
	k := rowsKernel{machine: m, names: []string{"z", "add", "cPrev", "acts", "c", "h", "h2"}}
	k.write("lstmForward", func(k rowsKernel) {
		pre := func(gate int) vec { return k.add(k.getGate("z", gate), k.getGate("add", gate)) }
		for _, gate := range []int{input, forget, output} {
			k.putGate(k.sigmoid(k.machine, pre(gate)), "acts", gate)
		}
		g := k.tanh(k.machine, pre(candidate))
		k.putGate(g, "acts", candidate)
		c := k.mul(k.getGate("acts", input), g)
		c = k.accumulate(c, k.getGate("acts", forget), k.get("cPrev"))
		k.put(c, "c")
		h := k.tanh(k.machine, c)
		h = k.mul(k.getGate("acts", output), h)
		k.put(h, "h")
		k.put(h, "h2")
	})
}

func lstmBackward(m machine) {
	k := rowsKernel{machine: m, names: []string{"acts", "c", "cPrev", "dOut", "dh", "dc", "dz", "sum"}}
	k.write("lstmBackward", func(k rowsKernel) {
		putGrad := func(v vec, gate int) {
			k.putGate(v, "dz", gate)
			k.putGate(k.add(k.getGate("sum", gate), v), "sum", gate)
		}
		// slope is y - y*y, the derivative of a sigmoid with result y.
		slope := func(y vec) vec { return k.accumulateNeg(k.copyOf(y), y, y) }
		tc := k.tanh(k.machine, k.get("c"))
		dh := k.add(k.get("dh"), k.get("dOut"))
		o := k.getGate("acts", output)
		putGrad(k.mul(k.mul(dh, tc), slope(o)), output)
		dc := k.accumulate(k.get("dc"), k.mul(dh, o), k.accumulateNeg(k.each(1), tc, tc))
		i, g := k.getGate("acts", input), k.getGate("acts", candidate)
		putGrad(k.mul(k.mul(dc, g), slope(i)), input)
		putGrad(k.mul(k.mul(dc, i), k.accumulateNeg(k.each(1), g, g)), candidate)
		f := k.getGate("acts", forget)
		putGrad(k.mul(k.mul(dc, k.get("cPrev")), slope(f)), forget)
		k.put(k.mul(dc, f), "dc")
	})
}

func (m machine) copyOf(v vec) vec {
	to := m.vec()
	for i := range to {
		m.moveOp(v[i], to[i])
	}
	return to
}
