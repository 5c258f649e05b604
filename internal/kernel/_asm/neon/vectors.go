// Moves of vectors, arithmetic of floats and integers, comparisons.

package neon

// input is an operand that is read as a register: one in memory goes to the temporary one.
func (f *function) input(arg string) int {
	if isMemory(arg) {
		f.emit("FMOVQ %s, F%d", f.at(arg), temporary)
		return temporary
	}
	n, ok := vector(arg)
	if !ok {
		f.fail("%q is no vector", arg)
	}
	f.spread(1 << n)
	return n
}

// output is a destination.
func (f *function) output(arg string) int {
	n, ok := vector(arg)
	if !ok {
		f.fail("%q is no vector register", arg)
	}
	f.lazy &^= 1 << n
	return n
}

// stand makes a register stand for a lane of another one, if it only multiplies, and reports
// whether it does.
func (f *function) stand(at int, s shape, to int, of lane) bool {
	if !f.onlyMultiplies(at, to, of.register) {
		return false
	}
	f.wide = s.size == 8
	f.lane[to] = of
	f.lazy |= 1 << to
	return true
}

// spread copies the lanes that registers stand for to all of their lanes.
func (f *function) spread(set uint32) {
	for n := range temporary {
		if set&f.lazy&(1<<n) != 0 {
			s := s4
			if f.wide {
				s = d2
			}
			f.emit("VDUP V%d.%c[%d], %s", f.lane[n].register, s.name[0], f.lane[n].number, s.of(n))
			f.lazy &^= 1 << n
		}
	}
}

// broadcast copies a lane to all lanes of a register.
func (f *function) broadcast(at int, s shape, from lane, arg string) {
	to := f.output(arg)
	if to == from.register || !f.stand(at, s, to, from) {
		f.emit("VDUP V%d.%c[%d], %s", from.register, s.name[0], from.number, s.of(to))
	}
}

// move copies a vector.
func (f *function) move(from, to int) {
	if from != to {
		f.emit("VMOV %s, %s", bytesOf(from), bytesOf(to))
	}
}

func moveRules() map[string]rule {
	move := func(f *function, at int, args []string) {
		switch {
		case isMemory(args[1]):
			f.emit("FMOVQ F%d, %s", f.input(args[0]), f.at(args[1]))
		case isMemory(args[0]):
			f.emit("FMOVQ %s, F%d", f.at(args[0]), f.output(args[1]))
		default:
			from := f.input(args[0])
			f.move(from, f.output(args[1]))
		}
	}
	all := map[string]rule{}
	for _, name := range []string{"VMOVUPS", "VMOVUPD", "VMOVAPS", "VMOVAPD", "VMOVDQU"} {
		all[name] = move
	}
	// A value that only multiplies stays in one lane: VFMLA takes it from there, and the load
	// takes no vector unit.
	broadcast := func(s shape, load string) rule {
		return func(f *function, at int, args []string) {
			if !isMemory(args[0]) {
				f.broadcast(at, s, lane{f.input(args[0]), 0}, args[1])
				return
			}
			to := f.output(args[1])
			if f.stand(at, s, to, lane{to, 0}) {
				f.emit("%s %s, F%d", load, f.scalarAt(args[0], s.size), to)
			} else {
				f.emit("VLD1R (%s), [%s]", f.exactly(args[0]), s.of(to))
			}
		}
	}
	all["VBROADCASTSS"] = broadcast(s4, "FMOVS")
	all["VBROADCASTSD"], all["VMOVDDUP"] = broadcast(d2, "FMOVD"), broadcast(d2, "FMOVD")
	all["VMOVD"] = func(f *function, at int, args []string) {
		f.emit("FMOVS %s, F%d", f.integer(args[0]), f.output(args[1]))
	}
	masked := func(s shape) rule {
		return func(f *function, at int, args []string) {
			if isMemory(args[2]) {
				f.storeLanes(s, f.input(args[0]), f.input(args[1]), args[2])
			} else {
				f.loadLanes(s, args[0], f.input(args[1]), f.output(args[2]))
			}
		}
	}
	all["VMASKMOVPS"], all["VMASKMOVPD"] = masked(s4), masked(d2)
	return all
}

// loadLanes loads the lanes of the mask, and clears the others. It does not touch the memory
// of the others.
func (f *function) loadLanes(s shape, from string, mask, to int) {
	base := f.exactly(from)
	f.emit("VEOR %s, %[1]s, %[1]s", bytesOf(temporary))
	f.eachLane(s, mask, base, func(lane int, at string) {
		f.emit("VLD1 (%s), V%d.%c[%d]", at, temporary, s.name[0], lane)
	})
	f.move(temporary, to)
}

// storeLanes stores the lanes of the mask.
func (f *function) storeLanes(s shape, from, mask int, to string) {
	base := f.exactly(to)
	f.eachLane(s, mask, base, func(lane int, at string) {
		f.emit("VST1 V%d.%c[%d], (%s)", from, s.name[0], lane, at)
	})
}

// eachLane writes code for the lanes of a mask, with a register that points to their places.
func (f *function) eachLane(s shape, mask int, base string, code func(lane int, at string)) {
	for lane := range 16 / s.size {
		skip := f.newLabel()
		f.emit("VMOV V%d.%c[%d], %s", mask, s.name[0], lane, scratch)
		if s.size == 4 {
			f.emit("CBZW %s, %s", scratch, skip)
		} else {
			f.emit("CBZ %s, %s", scratch, skip)
		}
		at := base
		if lane > 0 {
			at = another
			f.emit("ADD $%d, %s, %s", lane*s.size, base, at)
		}
		code(lane, at)
		f.out.WriteString("\n" + skip + ":\n")
	}
}

func floatRules() map[string]rule {
	all := map[string]rule{}
	both := func(name string, r func(s shape) rule) {
		all[name+"PS"], all[name+"PD"] = r(s4), r(d2)
	}
	for name, word := range map[string]uint32{"VADD": fadd, "VSUB": fsub, "VMUL": fmul, "VDIV": fdiv} {
		arm := map[string]string{"VADD": "fadd", "VSUB": "fsub", "VMUL": "fmul", "VDIV": "fdiv"}[name]
		both(name, func(s shape) rule {
			return func(f *function, at int, args []string) {
				m, n := f.input(args[0]), f.input(args[1])
				f.three(arm, word, s, m, n, f.output(args[2]))
			}
		})
	}
	both("VSQRT", func(s shape) rule {
		return func(f *function, at int, args []string) {
			n := f.input(args[0])
			f.two("fsqrt", fsqrt, s, n, f.output(args[1]))
		}
	})
	// The second operand of amd64 is the result where one is NaN, or both are zero.
	extreme := func(greater bool) func(s shape) rule {
		return func(s shape) rule {
			return func(f *function, at int, args []string) {
				b, a := f.input(args[0]), f.input(args[1])
				to := f.output(args[2])
				if greater {
					f.three("fcmgt", fcmgt, s, b, a, second)
				} else {
					f.three("fcmgt", fcmgt, s, a, b, second)
				}
				f.choose(second, a, b, to)
			}
		}
	}
	both("VMAX", extreme(true))
	both("VMIN", extreme(false))
	// addend + or - the product of two, one of which may be lazy.
	multiplyAdd := func(by, whole string, word uint32) func(s shape) rule {
		return func(s shape) rule {
			return func(f *function, at int, args []string) {
				m, n := args[0], args[1]
				if isMemory(m) {
					m, n = n, m
				}
				first, _ := vector(m)
				if f.lazy&(1<<first) == 0 && !isMemory(n) {
					if other, _ := vector(n); f.lazy&(1<<other) != 0 {
						m, n = n, m
						first = other
					}
				}
				to, _ := vector(args[2])
				f.spread(1 << to)
				if f.lazy&(1<<first) != 0 && m != n {
					f.byElement(by, word, s, f.lane[first], f.input(n), to)
					return
				}
				f.emit("%s %s, %s, %s", whole, s.of(f.input(m)), s.of(f.input(n)), s.of(to))
			}
		}
	}
	both("VFMADD231", multiplyAdd("fmla", "VFMLA", fmla))
	both("VFNMADD231", multiplyAdd("fmls", "VFMLS", fmls))
	// to = to * n + addend
	both("VFMADD213", func(s shape) rule {
		return func(f *function, at int, args []string) {
			addend, n := f.input(args[0]), args[1]
			to, _ := vector(args[2])
			f.spread(1 << to)
			if first, ok := vector(n); ok && f.lazy&(1<<first) != 0 {
				f.move(addend, second)
				f.byElement("fmla", fmla, s, f.lane[first], to, second)
			} else {
				other := f.input(n)
				if other == temporary && addend == temporary {
					f.fail("two operands in memory")
				}
				f.move(addend, second)
				f.emit("VFMLA %s, %s, %s", s.of(other), s.of(to), s.of(second))
			}
			f.move(second, f.output(args[2]))
		}
	})
	both("VCMP", func(s shape) rule {
		return func(f *function, at int, args []string) {
			b, a := f.input(args[1]), f.input(args[2])
			f.compare(s, f.small(args[0]), a, b, f.output(args[3]))
		}
	})
	// Mask, yes, no, result.
	both("VBLENDV", func(s shape) rule {
		return func(f *function, at int, args []string) {
			mask, yes, no := f.input(args[0]), f.input(args[1]), f.input(args[2])
			to := f.output(args[3])
			if to != no && to != yes && to != mask {
				f.move(mask, to)
				f.emit("VBSL %s, %s, %s", bytesOf(no), bytesOf(yes), bytesOf(to))
				return
			}
			if to == mask {
				f.emit("VBSL %s, %s, %s", bytesOf(no), bytesOf(yes), bytesOf(to))
				return
			}
			f.choose(mask, yes, no, to)
		}
	})
	return all
}

// choose is yes where the mask is set, else no. The mask is none of yes, no and to.
func (f *function) choose(mask, yes, no, to int) {
	switch to {
	case no:
		f.emit("VBIT %s, %s, %s", bytesOf(mask), bytesOf(yes), bytesOf(to))
	case yes:
		f.emit("VBIF %s, %s, %s", bytesOf(mask), bytesOf(no), bytesOf(to))
	default:
		f.move(mask, to)
		f.emit("VBSL %s, %s, %s", bytesOf(no), bytesOf(yes), bytesOf(to))
	}
}

// The predicates of comparisons: that of amd64, whether a and b change places, the
// instruction, and whether the result is the opposite.
var predicates = map[int64]struct {
	name  string
	word  uint32
	swap  bool
	isNot bool
}{
	0:  {"fcmeq", fcmeq, false, false}, // equal
	4:  {"fcmeq", fcmeq, false, true},  // not equal, or unordered
	17: {"fcmgt", fcmgt, true, false},  // less
	18: {"fcmge", fcmge, true, false},  // less or equal
	22: {"fcmge", fcmge, true, true},   // not less or equal
	25: {"fcmge", fcmge, false, true},  // not greater or equal
	29: {"fcmge", fcmge, false, false}, // greater or equal
	30: {"fcmgt", fcmgt, false, false}, // greater
}

// compare sets the lanes where a and b are as the predicate says.
func (f *function) compare(s shape, predicate int64, a, b, to int) {
	const unordered, ordered = 3, 7
	if predicate == unordered || predicate == ordered {
		f.three("fcmeq", fcmeq, s, a, a, second)
		if a != b {
			f.three("fcmeq", fcmeq, s, b, b, temporary)
			f.emit("VAND %s, %s, %s", bytesOf(temporary), bytesOf(second), bytesOf(second))
		}
		if predicate == ordered {
			f.move(second, to)
		} else {
			f.not(second, to)
		}
		return
	}
	p, ok := predicates[predicate]
	if !ok {
		f.fail("the predicate %d", predicate)
		return
	}
	if p.swap {
		a, b = b, a
	}
	f.three(p.name, p.word, s, b, a, to)
	if p.isNot {
		f.not(to, to)
	}
}

func (f *function) not(n, to int) {
	f.emit("WORD $0x%08x // mvn v%d.16b, v%d.16b", mvn|uint32(n)<<5|uint32(to), to, n)
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
	for op, x := range map[string]struct {
		arm string
		s   shape
	}{
		"VPADDD": {"VADD", s4}, "VPADDQ": {"VADD", d2}, "VPSUBD": {"VSUB", s4}, "VPSUBQ": {"VSUB", d2},
		"VPCMPEQD": {"VCMEQ", s4}, "VPCMPEQQ": {"VCMEQ", d2},
	} {
		all[op] = func(f *function, at int, args []string) {
			m, n := f.input(args[0]), f.input(args[1])
			f.emit("%s %s, %s, %s", x.arm, x.s.of(m), x.s.of(n), x.s.of(f.output(args[2])))
		}
	}
	for op, x := range map[string]struct {
		arm string
		s   shape
	}{"VPSLLD": {"VSHL", s4}, "VPSLLQ": {"VSHL", d2}, "VPSRLD": {"VUSHR", s4}, "VPSRLQ": {"VUSHR", d2}} {
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
	for op, x := range map[string]struct {
		arm string
		s   shape
	}{
		"VUNPCKLPS": {"VZIP1", s4}, "VUNPCKHPS": {"VZIP2", s4}, "VUNPCKLPD": {"VZIP1", d2}, "VUNPCKHPD": {"VZIP2", d2},
		"VPUNPCKLDQ": {"VZIP1", s4}, "VPUNPCKHDQ": {"VZIP2", s4}, "VPUNPCKLQDQ": {"VZIP1", d2}, "VPUNPCKHQDQ": {"VZIP2", d2},
	} {
		all[op] = func(f *function, at int, args []string) {
			if op == "VUNPCKHPD" && args[0] == args[1] {
				f.broadcast(at, d2, lane{f.input(args[0]), 1}, args[2])
				return
			}
			m, n := f.input(args[0]), f.input(args[1])
			f.emit("%s %s, %s, %s", x.arm, x.s.of(m), x.s.of(n), x.s.of(f.output(args[2])))
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
		x, ok := map[int64]struct {
			arm string
			s   shape
		}{
			0b10_00_10_00: {"VUZP1", s4}, 0b11_01_11_01: {"VUZP2", s4}, // the even lanes of both, the odd ones
			0b01_00_01_00: {"VZIP1", d2}, 0b11_10_11_10: {"VZIP2", d2}, // the lower halves, the upper ones
		}[f.small(args[0])&0xff]
		if !ok {
			f.fail("the order %s", args[0])
			return
		}
		m, n := f.input(args[1]), f.input(args[2])
		f.emit("%s %s, %s, %s", x.arm, x.s.of(m), x.s.of(n), x.s.of(f.output(args[3])))
	}
	return all
}

// scalarRules are those of the first lane.
func scalarRules() map[string]rule {
	all := map[string]rule{}
	for _, x := range []struct {
		suffix, move, add, compare, toInt string
	}{{"SS", "FMOVS", "FADDS", "FCMPS", "FCVTZSS"}, {"SD", "FMOVD", "FADDD", "FCMPD", "FCVTZSD"}} {
		move := func(f *function, at int, args []string) {
			switch {
			case isMemory(args[1]):
				n, _ := vector(args[0])
				f.emit("%s F%d, %s", x.move, n, f.at(args[1]))
			case isMemory(args[0]):
				f.emit("%s %s, F%d", x.move, f.at(args[0]), f.output(args[1]))
			default:
				f.fail("a move of a lane")
			}
		}
		all["VMOV"+x.suffix], all["MOV"+x.suffix] = move, move
		add := func(f *function, at int, args []string) {
			from := temporary
			if isMemory(args[0]) {
				f.emit("%s %s, F%d", x.move, f.at(args[0]), temporary)
			} else {
				from, _ = vector(args[0])
			}
			n, _ := vector(args[1])
			to := f.output(args[len(args)-1])
			if len(args) == 2 {
				n = to
			}
			f.emit("%s F%d, F%d, F%d", x.add, from, n, to)
		}
		all["VADD"+x.suffix], all["ADD"+x.suffix] = add, add
		all["VUCOMI"+x.suffix] = func(f *function, at int, args []string) {
			from := temporary
			if isMemory(args[0]) {
				f.emit("%s %s, F%d", x.move, f.at(args[0]), temporary)
			} else {
				from, _ = vector(args[0])
			}
			n, _ := vector(args[1])
			f.emit("%s F%d, F%d", x.compare, from, n)
		}
		all["VCVTT"+x.suffix+"2SIQ"] = func(f *function, at int, args []string) {
			from := temporary
			if isMemory(args[0]) {
				f.emit("%s %s, F%d", x.move, f.at(args[0]), temporary)
			} else {
				from, _ = vector(args[0])
			}
			f.emit("%s F%d, %s", x.toInt, from, f.integer(args[1]))
		}
	}
	return all
}
