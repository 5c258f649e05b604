// Aromatic rings: whether they can be written with single and double bonds.

package smiles

// Kekule returns an error unless the aromatic atoms are in rings and the aromatic bonds can be single and double ones such
// that each atom has its valence: a carbon with three neighbours or a hydrogen has one double bond, and so has a nitrogen
// with two neighbours, but not the one in [nH]. It does not count electrons: whether such rings are aromatic is not checked.
func (m *Molecule) Kekule() error {
	if err := m.check(); err != nil {
		return err
	}
	m = m.separated()
	inRing := make([]bool, len(m.Atoms))
	near := make([][]int, len(m.Atoms)) // by aromatic bonds
	for i, ring := range m.rings() {
		b := m.Bonds[i]
		inRing[b.A], inRing[b.B] = inRing[b.A] || ring, inRing[b.B] || ring
		if b.Aromatic {
			near[b.A], near[b.B] = append(near[b.A], b.B), append(near[b.B], b.A)
		}
	}
	sums := m.bonds()
	needs := make([]bool, len(m.Atoms))
	for i, a := range m.Atoms {
		if !a.Aromatic {
			continue
		}
		if !inRing[i] {
			return m.wrong(i, "is in no ring")
		}
		needs[i] = len(near[i]) > 0 && m.needsDouble(i, sums[i])
	}
	tries := 100_000
	done, at := match(near, needs, &tries)
	switch {
	case done:
		return nil
	case tries <= 0:
		return m.wrong(at, "is in rings that are too many to try")
	}
	return m.wrong(at, "is in rings that have no Kekulé form")
}

// needsDouble reports whether an aromatic atom with bonds of these orders has a double bond in its ring.
func (m *Molecule) needsDouble(i, sum int) bool {
	a := m.Atoms[i]
	for _, v := range m.allowed(i) {
		if v < sum {
			continue
		}
		if a.Symbol == "C" && !a.Bracket {
			return v > sum // hydrogens that are not written have the rest
		}
		if a.Symbol == "B" && !a.Bracket {
			return false
		}
		return v == sum+1
	}
	return false
}

// match pairs each atom that needs a double bond with one beside it that does. Where there is one way only, it is taken
// first, so that little is left to try. tries is the number of pairs that may be tried. If there is no way, at is an atom
// that has none.
func match(near [][]int, needs []bool, tries *int) (done bool, at int) {
	best, ways := -1, len(near)+1
	for i, open := range needs {
		if !open {
			continue
		}
		n := 0
		for _, k := range near[i] {
			if needs[k] {
				n++
			}
		}
		if n < ways {
			best, ways = i, n
		}
	}
	if best < 0 {
		return true, -1
	}
	at = best
	for _, k := range near[best] {
		if !needs[k] {
			continue
		}
		if *tries--; *tries < 0 {
			return false, best
		}
		needs[best], needs[k] = false, false
		if done, deeper := match(near, needs, tries); done {
			return true, -1
		} else if ways == 1 {
			at = deeper
		}
		needs[best], needs[k] = true, true
	}
	return false, at
}
