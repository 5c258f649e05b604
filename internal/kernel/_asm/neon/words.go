// Instructions that Go's assembler does not have, as words. The comment beside a word is what
// a disassembler says.

package neon

import "fmt"

// shape is how the lanes of a vector are seen: S4 or D2.
type shape struct {
	name  string // of Go's assembler
	plain string // of Arm's
	bit   uint32 // set in the words of D2
	size  int    // bytes of a lane
}

var (
	s4 = shape{"S4", "4s", 0, 4}
	d2 = shape{"D2", "2d", 1 << 22, 8}
)

// The words of instructions with the registers 0, in S4.
const (
	fadd  = 0x4e20d400
	fsub  = 0x4ea0d400
	fmul  = 0x6e20dc00
	fdiv  = 0x6e20fc00
	fcmeq = 0x4e20e400
	fcmge = 0x6e20e400
	fcmgt = 0x6ea0e400
	fsqrt = 0x6ea1f800
	fmla  = 0x4f801000 // by an element
	fmls  = 0x4f805000
	scvtf = 0x4e21d800
	mul   = 0x4ea09c00 // of integers
	umull = 0x2ea0c000
	xtn   = 0x0ea12800
	mvn   = 0x6e205800
	sshr  = 0x4f000400
	ldr   = 0x3ce06800 // of a vector, at the sum of two registers
	str   = 0x3ca06800
)

// three writes an instruction with the operands m, n and d in the order of Go's assembler: d is
// the result of n and m.
func (f *function) three(name string, word uint32, s shape, m, n, d int) {
	f.emit("WORD $0x%08x // %s v%d.%s, v%d.%s, v%d.%s", word|s.bit|uint32(m)<<16|uint32(n)<<5|uint32(d), name, d, s.plain, n, s.plain, m, s.plain)
}

// two writes an instruction with the operands n and d: d is the result of n.
func (f *function) two(name string, word uint32, s shape, n, d int) {
	f.emit("WORD $0x%08x // %s v%d.%s, v%d.%s", word|s.bit|uint32(n)<<5|uint32(d), name, d, s.plain, n, s.plain)
}

// byElement writes d += n * m[lane], or d -= n * m[lane].
func (f *function) byElement(name string, word uint32, s shape, m lane, n, d int) {
	kind, at := "s", uint32(m.number>>1)<<11|uint32(m.number&1)<<21
	if s.size == 8 {
		kind, at = "d", uint32(m.number)<<11
	}
	f.emit("WORD $0x%08x // %s v%d.%s, v%d.%s, v%d.%s[%d]", word|s.bit|at|uint32(m.register)<<16|uint32(n)<<5|uint32(d), name, d, s.plain, n, s.plain, m.register, kind, m.number)
}

// indexed writes a load or store of a vector at the sum of two registers of Go's assembler.
func (f *function) indexed(name string, word uint32, vector int, base, index string) {
	var n, m uint32
	if _, err := fmt.Sscanf(base+" "+index, "R%d R%d", &n, &m); err != nil {
		f.fail("%s and %s are no registers: %w", base, index, err)
	}
	f.emit("WORD $0x%08x // %s q%d, [x%d,x%d]", word|m<<16|n<<5|uint32(vector), name, vector, n, m)
}

// of is a register with its shape.
func (s shape) of(n int) string { return fmt.Sprintf("V%d.%s", n, s.name) }

// bytesOf is a register as sixteen bytes.
func bytesOf(n int) string { return fmt.Sprintf("V%d.B16", n) }
