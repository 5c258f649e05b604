// Multiples of index registers. A load of arm64 adds a register to its base, but no multiple of
// one, save that of the vector's own size. So the multiples that vectors use most are kept in
// registers of their own, and computed wherever the index changes.

package neon

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// multiple is a register of arm64 times a scale.
type multiple struct {
	index string
	scale int
}

// keepers are integer registers that neither the generators nor the rules use.
var keepers = []string{"R20", "R21", "R22", "R23", "R24", "R25", "R7"}

// kept are the multiples that have registers, and where they are needed.
type kept struct {
	multiples []multiple
	live      []uint32 // those that are read after each instruction
}

// keepMultiples chooses the multiples that are kept.
func (f *function) keepMultiples() error {
	uses := map[multiple]int{}
	for _, in := range f.code {
		if strings.HasPrefix(in.op, "V") && !strings.HasPrefix(in.op, "VBROADCAST") {
			for _, m := range f.multiplesOf(in) {
				uses[m]++
			}
		}
	}
	maps.DeleteFunc(uses, func(_ multiple, n int) bool { return n == 1 })
	all := slices.SortedFunc(maps.Keys(uses), func(a, b multiple) int {
		return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a.index, b.index), cmp.Compare(a.scale, b.scale))
	})
	f.kept.multiples = all[:min(len(all), len(keepers))]
	set := func(is func(m multiple) bool) (s uint32) {
		for i, m := range f.kept.multiples {
			if is(m) {
				s |= 1 << i
			}
		}
		return s
	}
	var err error
	f.kept.live, err = f.flow(func(in instruction) uint32 {
		of := f.multiplesOf(in)
		return set(func(m multiple) bool { return slices.Contains(of, m) })
	}, func(in instruction) uint32 {
		changed := f.changes(in)
		return set(func(m multiple) bool { return m.index == changed })
	})
	return err
}

// multiplesOf are the multiples that the operands of an instruction have.
func (f *function) multiplesOf(in instruction) (all []multiple) {
	for _, arg := range in.args {
		if isMemory(arg) {
			if m := f.parseMemory(arg); m.index != "" && m.scale > 1 {
				all = append(all, multiple{m.index, m.scale})
			}
		}
	}
	return all
}

// changes is the integer register of arm64 that an instruction writes, or "".
func (f *function) changes(in instruction) string {
	if len(in.args) == 0 || !isInteger(in.last()) || strings.HasPrefix(in.op, "CMP") || strings.HasPrefix(in.op, "TEST") {
		return ""
	}
	return f.integer(in.last())
}

// updateMultiples computes the multiples of the register that instruction i has changed, if
// they are read.
func (f *function) updateMultiples(i int) {
	changed := f.changes(f.code[i])
	for k, m := range f.kept.multiples {
		if m.index == changed && f.kept.live[i]>>k&1 != 0 {
			f.emit("LSL $%d, %s, %s", memory{scale: m.scale}.shift(), m.index, keepers[k])
		}
	}
}

// addend is a register with an operand's multiple of its index, if there is one.
func (f *function) addend(m memory) (string, bool) {
	if m.scale == 1 {
		return m.index, m.index != ""
	}
	if i := slices.Index(f.kept.multiples, multiple{m.index, m.scale}); i >= 0 {
		return keepers[i], true
	}
	return "", false
}
