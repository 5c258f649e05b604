// Arithmetic and comparisons of floats.

package neon

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
