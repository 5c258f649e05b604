// Moves of vectors, whole or by a mask, and copies of a lane.

package neon

// input is an operand that is read as a register: one in memory goes to the temporary one.
func (f *function) input(arg string) int {
	if isMemory(arg) {
		f.loadVector(arg, temporary)
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
	if !f.stand(at, s, to, from) {
		f.emit("VDUP V%d.%c[%d], %s", from.register, s.name[0], from.number, s.of(to))
	}
}

// loadVector loads a vector from memory.
func (f *function) loadVector(arg string, to int) {
	if m := f.parseMemory(arg); m.offset == 0 {
		if r, ok := f.addend(m); ok {
			f.indexed("ldr", ldr, to, m.base, r)
			return
		}
	}
	f.emit("FMOVQ %s, F%d", f.at(arg), to)
}

// storeVector stores a vector.
func (f *function) storeVector(from int, arg string) {
	if m := f.parseMemory(arg); m.offset == 0 {
		if r, ok := f.addend(m); ok {
			f.indexed("str", str, from, m.base, r)
			return
		}
	}
	f.emit("FMOVQ F%d, %s", from, f.at(arg))
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
			f.storeVector(f.input(args[0]), args[1])
		case isMemory(args[0]):
			f.loadVector(args[0], f.output(args[1]))
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
