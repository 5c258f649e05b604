// Operands: registers, constants and memory.

package neon

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// integers are the integer registers of arm64 in the place of those of amd64.
var integers = map[string]int{
	"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SI": 4, "DI": 5, "BP": 6, "R8": 8, "R9": 9, "R10": 10, "R11": 11, "R12": 12, "R13": 13, "R14": 14, "R15": 15,
}

// The integer registers that the generators do not use.
const (
	address = "R16" // of an operand in memory
	scratch = "R17"
	another = "R19"
)

// The vector registers that the generators do not use.
const (
	temporary = 30
	second    = 31
)

// integer is the register in the place of one of amd64.
func (f *function) integer(arg string) string {
	n, ok := integers[arg]
	if !ok {
		f.fail("%q is no integer register", arg)
	}
	return fmt.Sprintf("R%d", n)
}

func isInteger(arg string) bool { _, ok := integers[arg]; return ok }

// vector is the number of a vector register.
func vector(arg string) (int, bool) {
	if !strings.HasPrefix(arg, "X") {
		return 0, false
	}
	n, err := strconv.Atoi(arg[1:])
	return n, err == nil && n >= 0 && n < temporary
}

func isConstant(arg string) bool { return strings.HasPrefix(arg, "$") }

// constant is the value of a constant, such as $0x00000001 or $-8.
func (f *function) constant(arg string) int64 {
	text := strings.TrimPrefix(arg, "$")
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		u, err := strconv.ParseUint(text, 0, 64)
		if err != nil {
			f.fail("%q is no constant", arg)
		}
		v = int64(u)
	}
	return v
}

// small is a constant of 32 bits, which amd64 extends by its sign.
func (f *function) small(arg string) int64 { return int64(int32(f.constant(arg))) }

// memory is an operand in memory: a symbol, or base + index*scale, and an offset in bytes.
type memory struct {
	symbol      string // with its pseudo-register, such as table<>(SB); the offset is in it
	base, index string
	scale       int
	offset      int64
}

func isMemory(arg string) bool { return strings.HasSuffix(arg, ")") }

// parseMemory reads such operands as 8(AX)(CX*4), table<>+32(SB) and k+0(FP).
func (f *function) parseMemory(arg string) memory {
	if strings.HasSuffix(arg, "(SB)") || strings.HasSuffix(arg, "(FP)") {
		return memory{symbol: arg}
	}
	offset, rest, _ := strings.Cut(arg, "(")
	m := memory{scale: 1}
	if offset != "" {
		v, err := strconv.ParseInt(offset, 0, 64)
		if err != nil {
			f.fail("%q is no memory", arg)
		}
		m.offset = v
	}
	base, index, indexed := strings.Cut(strings.TrimSuffix(rest, ")"), ")(")
	m.base = f.integer(base)
	if indexed {
		name, scale, _ := strings.Cut(index, "*")
		m.index = f.integer(name)
		var err error
		if m.scale, err = strconv.Atoi(scale); err != nil {
			f.fail("%q is no memory", arg)
		}
	}
	return m
}

// shift is the index's shift.
func (m memory) shift() int { return bits.TrailingZeros(uint(m.scale)) }

// point makes a register point to an operand in memory, without its offset, which it
// returns. The register is the operand's base if there is nothing to add.
func (f *function) point(m memory) (string, int64) {
	switch {
	case m.symbol != "":
		f.emit("MOVD $%s, %s", m.symbol, address)
		return address, 0
	case m.index == "":
		return m.base, m.offset
	}
	if r, ok := f.addend(m); ok {
		f.emit("ADD %s, %s, %s", r, m.base, address)
	} else {
		f.emit("ADD %s<<%d, %s, %s", m.index, m.shift(), m.base, address)
	}
	return address, m.offset
}

// at is an operand in memory with an offset that an instruction of arm64 takes.
func (f *function) at(arg string) string {
	m := f.parseMemory(arg)
	if strings.HasSuffix(m.symbol, "(FP)") {
		return m.symbol
	}
	return place(f.point(m))
}

func place(register string, offset int64) string {
	if offset == 0 {
		return "(" + register + ")"
	}
	return fmt.Sprintf("%d(%s)", offset, register)
}

// exactly makes a register point to an operand in memory with its offset.
func (f *function) exactly(arg string) string {
	register, offset := f.point(f.parseMemory(arg))
	if offset == 0 {
		return register
	}
	f.emit("ADD $%d, %s, %s", offset, register, address)
	return address
}

// scalarAt is an operand in memory of a scalar load of size bytes, which takes an index.
func (f *function) scalarAt(arg string, size int) string {
	m := f.parseMemory(arg)
	if m.symbol == "" && m.index != "" && m.offset == 0 {
		switch m.scale {
		case 1:
			return fmt.Sprintf("(%s)(%s)", m.base, m.index)
		case size:
			return fmt.Sprintf("(%s)(%s<<%d)", m.base, m.index, m.shift())
		}
	}
	if m.symbol != "" && strings.HasSuffix(m.symbol, "(FP)") {
		return m.symbol
	}
	return place(f.point(m))
}
