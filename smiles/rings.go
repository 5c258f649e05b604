// Which bonds are in rings.

package smiles

// rings reports for each bond whether it is in a ring: in a walk in depth, something beyond it leads back to before it
// (Tarjan 1974).
func (m *Molecule) rings() []bool {
	type half struct{ to, bond int }
	near := make([][]half, len(m.Atoms))
	for i, b := range m.Bonds {
		near[b.A], near[b.B] = append(near[b.A], half{b.B, i}), append(near[b.B], half{b.A, i})
	}
	in := make([]bool, len(m.Bonds))
	found, low, clock := make([]int, len(m.Atoms)), make([]int, len(m.Atoms)), 0
	var walk func(at, by int)
	walk = func(at, by int) {
		clock++
		found[at], low[at] = clock, clock
		for _, h := range near[at] {
			switch {
			case h.bond == by:
			case found[h.to] > 0:
				low[at] = min(low[at], found[h.to])
				in[h.bond] = true
			default:
				walk(h.to, h.bond)
				low[at] = min(low[at], low[h.to])
				in[h.bond] = low[h.to] <= found[at]
			}
		}
	}
	for i := range m.Atoms {
		if found[i] == 0 {
			walk(i, -1)
		}
	}
	return in
}

// leaveRings makes aromatic bonds that are in no ring single ones, such as that between the rings of biphenyl.
func (m *Molecule) leaveRings() {
	for i, ring := range m.rings() {
		m.Bonds[i].Aromatic = m.Bonds[i].Aromatic && ring
	}
}
