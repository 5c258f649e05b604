// Bits and integers in vectors, and the order of lanes.

package neon

// operation is an instruction that Go's assembler has, with the lanes that it sees.
type operation struct {
	arm string
	s   shape
}

// known writes an operation of two vectors.
func (f *function) known(x operation, a, b, to string) {
	m, n := f.input(a), f.input(b)
	f.emit("%s %s, %s, %s", x.arm, x.s.of(m), x.s.of(n), x.s.of(f.output(to)))
}

func bitRules() map[string]rule {
	all := map[string]rule{}
	for op, arm := range map[string]string{"VANDPS": "VAND", "VANDPD": "VAND", "VORPS": "VORR", "VORPD": "VORR", "VXORPS": "VEOR", "VXORPD": "VEOR", "VPAND": "VAND", "VPOR": "VORR", "VPXOR": "VEOR"} {
		all[op] = func(f *function, at int, args []string) {
			if arm == "VEOR" && args[0] == args[1] { // zero, whatever was there
				to := f.output(args[2])
				f.emit("VEOR %s, %[1]s, %[1]s", bytesOf(to))
				return
			}
			m, n := f.input(args[0]), f.input(args[1])
			f.emit("%s %s, %s, %s", arm, bytesOf(m), bytesOf(n), bytesOf(f.output(args[2])))
		}
	}
	for op, x := range map[string]operation{
		"VPADDD": {"VADD", s4}, "VPADDQ": {"VADD", d2}, "VPSUBD": {"VSUB", s4}, "VPSUBQ": {"VSUB", d2},
		"VPCMPEQD": {"VCMEQ", s4}, "VPCMPEQQ": {"VCMEQ", d2},
	} {
		all[op] = func(f *function, at int, args []string) {
			f.known(x, args[0], args[1], args[2])
		}
	}
	for op, x := range map[string]operation{"VPSLLD": {"VSHL", s4}, "VPSLLQ": {"VSHL", d2}, "VPSRLD": {"VUSHR", s4}, "VPSRLQ": {"VUSHR", d2}} {
		all[op] = func(f *function, at int, args []string) {
			n := f.input(args[1])
			f.emit("%s $%d, %s, %s", x.arm, f.small(args[0]), x.s.of(n), x.s.of(f.output(args[2])))
		}
	}
	all["VPSRAD"] = func(f *function, at int, args []string) {
		by, n := f.small(args[0]), f.input(args[1])
		d := f.output(args[2])
		f.emit("WORD $0x%08x // sshr v%d.4s, v%d.4s, #%d", sshr|uint32(64-by)<<16|uint32(n)<<5|uint32(d), d, n, by)
	}
	all["VPMULLD"] = func(f *function, at int, args []string) {
		m, n := f.input(args[0]), f.input(args[1])
		f.three("mul", mul, s4, m, n, f.output(args[2]))
	}
	all["VPMULUDQ"] = func(f *function, at int, args []string) {
		m, n := f.input(args[0]), f.input(args[1])
		d := f.output(args[2])
		narrow := func(n, d int) {
			f.emit("WORD $0x%08x // xtn v%d.2s, v%d.2d", xtn|uint32(n)<<5|uint32(d), d, n)
		}
		narrow(m, second)
		narrow(n, temporary)
		f.emit("WORD $0x%08x // umull v%d.2d, v%d.2s, v%d.2s", umull|uint32(second)<<16|uint32(temporary)<<5|uint32(d), d, temporary, second)
	}
	// A bit for each lane: its sign.
	for op, s := range map[string]shape{"VMOVMSKPS": s4, "VMOVMSKPD": d2} {
		all[op] = func(f *function, at int, args []string) {
			n, to := f.input(args[0]), f.integer(args[1])
			f.emit("VUSHR $%d, %s, %s", 8*s.size-1, s.of(n), s.of(second))
			f.emit("VMOV V%d.%c[0], %s", second, s.name[0], to)
			for lane := 1; lane < 16/s.size; lane++ {
				f.emit("VMOV V%d.%c[%d], %s", second, s.name[0], lane, scratch)
				f.emit("ORR %s<<%d, %s, %[3]s", scratch, lane, to)
			}
		}
	}
	all["VCVTDQ2PS"] = func(f *function, at int, args []string) {
		n := f.input(args[0])
		f.two("scvtf", scvtf, s4, n, f.output(args[1]))
	}
	return all
}

func shuffleRules() map[string]rule {
	all := map[string]rule{}
	for op, x := range map[string]operation{
		"VUNPCKLPS": {"VZIP1", s4}, "VUNPCKHPS": {"VZIP2", s4}, "VUNPCKLPD": {"VZIP1", d2}, "VUNPCKHPD": {"VZIP2", d2},
		"VPUNPCKLDQ": {"VZIP1", s4}, "VPUNPCKHDQ": {"VZIP2", s4}, "VPUNPCKLQDQ": {"VZIP1", d2}, "VPUNPCKHQDQ": {"VZIP2", d2},
	} {
		all[op] = func(f *function, at int, args []string) {
			if op == "VUNPCKHPD" && args[0] == args[1] {
				f.broadcast(at, d2, lane{f.input(args[0]), 1}, args[2])
				return
			}
			f.known(x, args[0], args[1], args[2])
		}
	}
	// A lane for all, or the second half or the second lane first: then the other lanes are not
	// used.
	all["VPERMILPS"] = func(f *function, at int, args []string) {
		n, order := f.input(args[1]), f.small(args[0])&0xff
		switch {
		case order%0x55 == 0:
			f.broadcast(at, s4, lane{n, int(order / 0x55)}, args[2])
		case order == 1:
			f.emit("VDUP V%d.S[1], %s", n, s4.of(f.output(args[2])))
		case order == 0b1110:
			f.emit("VEXT $8, %s, %[1]s, %s", bytesOf(n), bytesOf(f.output(args[2])))
		default:
			f.fail("the order %s", args[0])
		}
	}
	// The odd lanes of the first, the even ones of the second.
	all["VPBLENDD"] = func(f *function, at int, args []string) {
		odd, even := f.input(args[1]), f.input(args[2])
		to := f.output(args[3])
		if f.small(args[0])&0xff != 0xaa || to == odd {
			f.fail("the lanes %s", args[0])
		}
		f.emit("VUSHR $32, %s, %s", d2.of(odd), d2.of(second))
		f.move(even, to)
		f.emit("VSLI $32, %s, %s", d2.of(second), d2.of(to))
	}
	all["VSHUFPS"] = func(f *function, at int, args []string) {
		x, ok := map[int64]operation{
			0b10_00_10_00: {"VUZP1", s4}, 0b11_01_11_01: {"VUZP2", s4}, // the even lanes of both, the odd ones
			0b01_00_01_00: {"VZIP1", d2}, 0b11_10_11_10: {"VZIP2", d2}, // the lower halves, the upper ones
		}[f.small(args[0])&0xff]
		if !ok {
			f.fail("the order %s", args[0])
			return
		}
		f.known(x, args[1], args[2], args[3])
	}
	return all
}
