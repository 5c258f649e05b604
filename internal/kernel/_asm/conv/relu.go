package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// reluGrad writes the gradient of ReLU, four vectors at a time and then one.
func reluGrad(v isa) {
	begin("reluGrad"+v.name, "func(dx, dy, y []float32)", "reluGradGeneric for len(dx) a multiple of 16")
	dx, n := Load(Param("dx").Base(), GP64()), Load(Param("dx").Len(), GP64())
	dy, y := Load(Param("dy").Base(), GP64()), Load(Param("y").Base(), GP64())
	zero := v.vector()
	v.zero(zero)
	for _, c := range []struct {
		vectors    int
		loop, done string
	}{{4, "four", "fewer"}, {1, "one", "done"}} {
		Label(c.loop)
		CMPQ(n, U32(c.vectors*v.lanes))
		JLT(LabelRef(c.done))
		for i := range c.vectors {
			r := v.vector()
			m := Mem{Base: y, Disp: i * v.bytes()}
			g := Mem{Base: dy, Disp: i * v.bytes()}
			if v.wide {
				k := K()
				VCMPPS(U8(lessThan), m, zero, k)
				VMOVUPS_Z(g, k, r)
			} else {
				VCMPPS(U8(lessThan), m, zero, r)
				VANDPS(g, r, r)
			}
			VMOVUPS(r, Mem{Base: dx, Disp: i * v.bytes()})
		}
		ADDQ(U32(c.vectors*v.bytes()), dx)
		ADDQ(U32(c.vectors*v.bytes()), dy)
		ADDQ(U32(c.vectors*v.bytes()), y)
		SUBQ(U32(c.vectors*v.lanes), n)
		JMP(LabelRef(c.loop))
		Label(c.done)
	}
	VZEROUPPER()
	RET()
}
