// Liveness: which vector registers are read again.

package neon

import (
	"fmt"
	"strings"
)

// keepsLast are the operations that read their last operand, too.
func keepsLast(op string) bool {
	return strings.HasPrefix(op, "VFMADD") || strings.HasPrefix(op, "VFNMADD") || strings.HasPrefix(op, "VUCOMI") || strings.HasPrefix(op, "VPTEST")
}

// reads and writes are the vector registers that an instruction reads and writes.
func (in instruction) reads() (set uint32) {
	if in.clears() {
		return 0
	}
	for i, arg := range in.args {
		if n, ok := vector(arg); ok && (i < len(in.args)-1 || keepsLast(in.op)) {
			set |= 1 << n
		}
	}
	return set
}

// clears reports whether an instruction is the exclusive or of a register and itself.
func (in instruction) clears() bool {
	return (strings.HasPrefix(in.op, "VXORP") || in.op == "VPXOR") && in.args[0] == in.args[1] && !isMemory(in.args[0])
}

func (in instruction) writes() uint32 {
	if len(in.args) == 0 || strings.HasPrefix(in.op, "VUCOMI") || strings.HasPrefix(in.op, "VPTEST") {
		return 0
	}
	if n, ok := vector(in.last()); ok {
		return 1 << n
	}
	return 0
}

// findLive computes which vector registers are read after each instruction.
func (f *function) findLive() error {
	for _, in := range f.code {
		for _, arg := range in.args {
			if strings.HasPrefix(arg, "X") {
				if _, ok := vector(arg); !ok {
					return fmt.Errorf("%s: the register is for the translation", arg)
				}
			}
		}
	}
	var err error
	f.live, err = f.flow(instruction.reads, instruction.writes)
	return err
}

// flow computes which of some values are read after each instruction before they are written,
// by going backward until nothing changes.
func (f *function) flow(reads, writes func(in instruction) uint32) (live []uint32, err error) {
	at := map[string]int{}
	for i, in := range f.code {
		if in.op == "" {
			at[in.label] = i
		}
	}
	live = make([]uint32, len(f.code))
	before := make([]uint32, len(f.code)+1)
	for changed := true; changed; {
		changed = false
		for i := len(f.code) - 1; i >= 0; i-- {
			in := f.code[i]
			after := before[i+1]
			if in.op == "RET" {
				after = 0
			} else if isJump(in.op) {
				to, ok := at[in.args[0]]
				if !ok {
					return nil, fmt.Errorf("there is no label %s", in.args[0])
				}
				if in.op == "JMP" {
					after = 0
				}
				after |= before[to]
			}
			now := reads(in) | after&^writes(in)
			if live[i] != after || before[i] != now {
				live[i], before[i], changed = after, now, true
			}
		}
	}
	return live, nil
}

// onlyMultiplies reports whether a register, which instruction i writes, is only read as a
// factor of multiply-adds before it is written again in the same block, and while the register
// whose lane it stands for stays as it is.
func (f *function) onlyMultiplies(i, register, of int) bool {
	bit, changed := uint32(1)<<register, false
	for k, in := range f.code[i+1:] {
		if in.op == "" || isJump(in.op) {
			return f.live[i+k]&bit == 0
		}
		if in.reads()&bit != 0 {
			last, _ := vector(in.last())
			factor := strings.HasPrefix(in.op, "VFMADD231") || strings.HasPrefix(in.op, "VFNMADD231")
			if !factor || last == register || in.args[0] == in.args[1] || changed {
				return false
			}
		}
		changed = changed || of != register && in.writes()>>of&1 != 0
		if in.writes()&bit != 0 {
			return true
		}
	}
	return true
}

// flagsAreRead reports whether the flags of instruction i are read before others are set.
func (f *function) flagsAreRead(i int) bool {
	for _, in := range f.code[i+1:] {
		switch {
		case in.op == "":
			return false
		case strings.HasPrefix(in.op, "CMOV") || strings.HasPrefix(in.op, "J") && in.op != "JMP":
			return true
		case in.op == "JMP" || in.op == "RET" || setsFlags[in.op]:
			return false
		}
	}
	return false
}

// setsFlags are the operations of amd64 that set flags.
var setsFlags = map[string]bool{
	"ADDQ": true, "SUBQ": true, "DECQ": true, "INCQ": true, "ANDQ": true, "XORQ": true, "NEGQ": true, "SHLQ": true, "CMPQ": true, "CMPL": true, "TESTQ": true,
	"VUCOMISS": true, "VUCOMISD": true, "IMULQ": true, "IMUL3Q": true,
}
