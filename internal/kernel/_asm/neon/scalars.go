// Scalars, in the first lane.

package neon

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
		source := func(f *function, arg string) int {
			if isMemory(arg) {
				f.emit("%s %s, F%d", x.move, f.at(arg), temporary)
				return temporary
			}
			n, _ := vector(arg)
			return n
		}
		add := func(f *function, at int, args []string) {
			from := source(f, args[0])
			n, _ := vector(args[1])
			to := f.output(args[len(args)-1])
			if len(args) == 2 {
				n = to
			}
			f.emit("%s F%d, F%d, F%d", x.add, from, n, to)
		}
		all["VADD"+x.suffix], all["ADD"+x.suffix] = add, add
		all["VUCOMI"+x.suffix] = func(f *function, at int, args []string) {
			from := source(f, args[0])
			n, _ := vector(args[1])
			f.emit("%s F%d, F%d", x.compare, from, n)
		}
		all["VCVTT"+x.suffix+"2SIQ"] = func(f *function, at int, args []string) {
			from := source(f, args[0])
			f.emit("%s F%d, %s", x.toInt, from, f.integer(args[1]))
		}
	}
	return all
}
