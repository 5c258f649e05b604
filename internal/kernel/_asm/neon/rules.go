// The rules for the operations of amd64, by their names. Operands are in the order of Go's
// assembler, the destination last.

package neon

import (
	"fmt"
	"strings"
)

type rule = func(f *function, at int, args []string)

var rules = map[string]rule{}

func init() {
	for _, group := range []map[string]rule{integerRules(), jumpRules(), moveRules(), floatRules(), bitRules(), shuffleRules(), scalarRules()} {
		for name, r := range group {
			rules[name] = r
		}
	}
}

// source is an operand that is read as an integer register or a constant of arm64.
func (f *function) source(arg string) string {
	switch {
	case isConstant(arg):
		return fmt.Sprintf("$%d", f.small(arg))
	case isMemory(arg):
		f.emit("MOVD %s, %s", f.at(arg), scratch)
		return scratch
	}
	return f.integer(arg)
}

func integerRules() map[string]rule {
	// flagged is an operation that sets flags only where they are read.
	flagged := func(name string) rule {
		return func(f *function, at int, args []string) {
			if isMemory(args[1]) {
				from, place := f.source(args[0]), f.at(args[1])
				if f.flagsAreRead(at) || isMemory(args[0]) {
					f.fail("flags of memory, or two operands in memory")
				}
				f.emit("MOVD %s, %s", place, another)
				f.emit("%s %s, %s, %[3]s", name, from, another)
				f.emit("MOVD %s, %s", another, place)
				return
			}
			from, to := f.source(args[0]), f.integer(args[1])
			with := ""
			if f.flagsAreRead(at) {
				with = "S"
			}
			f.emit("%s%s %s, %s, %[4]s", name, with, from, to)
		}
	}
	add, sub := flagged("ADD"), flagged("SUB")
	times := func(f *function, at int, args []string) {
		from, to := f.source(args[0]), f.integer(args[len(args)-1])
		if isConstant(args[0]) {
			f.emit("MOVD %s, %s", from, another)
			from = another
		}
		by := to
		if len(args) == 3 {
			by = f.source(args[1])
		}
		f.emit("MUL %s, %s, %s", from, by, to)
	}
	return map[string]rule{
		"ADDQ": add,
		"SUBQ": sub,
		"DECQ": func(f *function, at int, args []string) { sub(f, at, []string{"$1", args[0]}) },
		"INCQ": func(f *function, at int, args []string) { add(f, at, []string{"$1", args[0]}) },
		"ANDQ": flagged("AND"),
		"XORQ": func(f *function, at int, args []string) {
			f.emit("EOR %s, %s, %[2]s", f.source(args[0]), f.integer(args[1]))
		},
		"NEGQ": func(f *function, at int, args []string) {
			r := f.integer(args[0])
			f.emit("NEG %s, %s", r, r)
		},
		"SHLQ": func(f *function, at int, args []string) {
			by := fmt.Sprint("$", 0)
			if isConstant(args[0]) {
				by = f.source(args[0])
			} else if by = "R1"; args[0] != "CL" {
				f.fail("a shift by %s", args[0])
			}
			r := f.integer(args[1])
			f.emit("LSL %s, %s, %s", by, r, r)
		},
		"IMULQ":  times,
		"IMUL3Q": times,
		"CMPQ": func(f *function, at int, args []string) {
			a := args[0]
			if isMemory(a) {
				a = f.source(a)
			} else {
				a = f.integer(a)
			}
			b := args[1]
			if isMemory(b) {
				f.emit("MOVD %s, %s", f.at(b), another)
				b = another
			} else {
				b = f.source(b)
			}
			f.emit("CMP %s, %s", b, a)
		},
		"TESTQ": func(f *function, at int, args []string) { f.emit("TST %s, %s", f.source(args[0]), f.integer(args[1])) },
		"LEAQ": func(f *function, at int, args []string) {
			to, m := f.integer(args[1]), f.parseMemory(args[0])
			if r, ok := f.addend(m); ok && m.offset == 0 {
				f.emit("ADD %s, %s, %s", r, m.base, to)
				return
			}
			register, offset := f.point(m)
			switch {
			case offset != 0:
				f.emit("ADD $%d, %s, %s", offset, register, to)
			case register != to:
				f.emit("MOVD %s, %s", register, to)
			}
		},
		"MOVQ": func(f *function, at int, args []string) {
			from, to := args[0], args[1]
			switch {
			case isMemory(to):
				source := f.source(from)
				if isConstant(from) {
					f.emit("MOVD %s, %s", source, scratch)
					source = scratch
				}
				f.emit("MOVD %s, %s", source, f.at(to))
			case isMemory(from):
				f.emit("MOVD %s, %s", f.at(from), f.integer(to))
			case isConstant(from):
				f.emit("MOVD $%d, %s", f.constant(from), f.integer(to))
			case isInteger(from):
				f.emit("MOVD %s, %s", f.integer(from), f.integer(to))
			default:
				f.fail("a move to or from a vector")
			}
		},
		"MOVL": func(f *function, at int, args []string) {
			switch {
			case isConstant(args[0]):
				f.emit("MOVD $%d, %s", uint32(f.constant(args[0])), f.integer(args[1]))
			case isMemory(args[0]):
				f.emit("MOVWU %s, %s", f.at(args[0]), f.integer(args[1]))
			case isMemory(args[1]):
				f.emit("MOVW %s, %s", f.integer(args[0]), f.at(args[1]))
			default:
				f.fail("want a load or a store")
			}
		},
		"CMPL": func(f *function, at int, args []string) { f.emit("CMPW %s, %s", f.source(args[1]), f.integer(args[0])) },
		"MOVLQSX": func(f *function, at int, args []string) {
			if !isMemory(args[0]) {
				f.fail("want a load")
				return
			}
			f.emit("MOVW %s, %s", f.at(args[0]), f.integer(args[1]))
		},
		"PREFETCHT0": func(f *function, at int, args []string) { f.prefetch(args[0], "PLDL1KEEP") },
		"PREFETCHT1": func(f *function, at int, args []string) { f.prefetch(args[0], "PLDL2KEEP") },
		"VZEROUPPER": func(*function, int, []string) {},
		"RET":        func(f *function, at int, args []string) { f.emit("RET") },
	}
}

func (f *function) prefetch(arg, how string) { f.emit("PRFM %s, %s", f.at(arg), how) }

// conditions are those of arm64 for those of amd64, after the comparison of integers and after
// that of scalars, where amd64 takes a NaN as below.
var conditions = map[string][2]string{
	"EQ": {"EQ", ""}, "Z": {"EQ", ""}, "NE": {"NE", ""}, "NZ": {"NE", ""},
	"LT": {"LT", ""}, "L": {"LT", ""}, "LE": {"LE", ""}, "GE": {"GE", ""}, "GT": {"GT", ""}, "G": {"GT", ""},
	"CS": {"LO", "LT"}, "CC": {"HS", "GE"}, "LS": {"LS", "LE"}, "HI": {"HI", "GT"},
	"QLT": {"LT", ""}, "QLE": {"LE", ""}, "QGT": {"GT", ""}, "QGE": {"GE", ""}, "QNE": {"NE", ""}, "QEQ": {"EQ", ""},
}

func jumpRules() map[string]rule {
	all := map[string]rule{
		"JMP": func(f *function, at int, args []string) { f.emit("JMP %s", args[0]) },
	}
	for name, to := range conditions {
		if strings.HasPrefix(name, "Q") {
			all["CMOV"+name] = func(f *function, at int, args []string) {
				r := f.integer(args[1])
				f.emit("CSEL %s, %s, %s, %s", to[0], f.source(args[0]), r, r)
			}
			continue
		}
		all["J"+name] = func(f *function, at int, args []string) {
			condition := to[0]
			if f.afterScalars(at) {
				condition = to[1]
			}
			if condition == "" {
				f.fail("a jump after a comparison of scalars")
			}
			f.emit("B%s %s", condition, args[0])
		}
	}
	return all
}

// afterScalars reports whether the flags before instruction i are those of scalars.
func (f *function) afterScalars(i int) bool {
	for i--; i >= 0; i-- {
		if op := f.code[i].op; setsFlags[op] {
			return strings.HasPrefix(op, "VUCOMI")
		}
	}
	return false
}
