// How many bonds an atom can have.

package smiles

import "slices"

// valences are the numbers of bonds that an element of the main groups has, by the number of electrons that it lacks in
// comparison to them: an atom with a charge binds as the neutral element with as many electrons, [N+] as C and [O-] as F.
// Elements that are not here are not checked.
var valences = map[string][]int{
	"H": {1}, "He": {0},
	"B": {3}, "C": {4}, "N": {3}, "O": {2}, "F": {1}, "Ne": {0},
	"Al": {3, 6}, "Si": {4, 6}, "P": {3, 5, 7}, "S": {2, 4, 6}, "Cl": {1}, "Ar": {0},
	"Ge": {4}, "As": {3, 5, 7}, "Se": {2, 4, 6}, "Br": {1}, "Kr": {0},
	"Te": {2, 4, 6}, "I": {1, 3, 5},
}

// Valences returns an error if an atom has more bonds, and hydrogens that are written, than it can have. An aromatic bond
// counts 1 here; that its double bonds fit is what Kekule checks.
func (m *Molecule) Valences() error {
	if err := m.check(); err != nil {
		return err
	}
	m = m.separated()
	for i, have := range m.bonds() {
		allowed := m.allowed(i)
		if len(allowed) > 0 && have > allowed[len(allowed)-1] {
			return m.wrong(i, "has bonds of order %d together: it can have %d", have, allowed[len(allowed)-1])
		}
	}
	return nil
}

// separated is the molecule with the charges of groups that many write without: N=O as [N+][O-], as in a nitro group that
// is written N(=O)=O, where a nitrogen has more bonds than it can have otherwise.
func (m *Molecule) separated() *Molecule {
	sums, to := m.bonds(), *m
	for i, b := range m.Bonds {
		n, o := b.A, b.B
		if m.Atoms[n].Symbol == "O" {
			n, o = o, n
		}
		if x, y := m.Atoms[n], m.Atoms[o]; b.Order != 2 || x.Symbol != "N" || y.Symbol != "O" || x.Charge != 0 || y.Charge != 0 || sums[o] != 2 || sums[n] != 5 && !(x.Aromatic && sums[n] == 4) {
			continue
		}
		if &to.Atoms[0] == &m.Atoms[0] {
			to.Atoms, to.Bonds = slices.Clone(m.Atoms), slices.Clone(m.Bonds)
		}
		to.Bonds[i].Order, to.Atoms[n].Charge, to.Atoms[o].Charge = 1, 1, -1
		sums[n] = 0 // once
	}
	return &to
}

// bonds are the sums of the orders of each atom's bonds, with hydrogens that are written.
func (m *Molecule) bonds() []int {
	sums := make([]int, len(m.Atoms))
	for i, a := range m.Atoms {
		sums[i] = a.Hydrogens
	}
	for _, b := range m.Bonds {
		sums[b.A] += b.Order
		sums[b.B] += b.Order
	}
	return sums
}

// allowed are the valences of an atom, in order; nil if any will do.
func (m *Molecule) allowed(i int) []int {
	a := m.Atoms[i]
	if a.Charge == 0 {
		return valences[a.Symbol]
	}
	if _, main := valences[a.Symbol]; !main {
		return nil
	}
	n := numberOf(a.Symbol) - a.Charge
	if n == 0 {
		return []int{0} // a proton
	}
	if n < 0 || n > len(elements) {
		return nil
	}
	return valences[elements[n-1]]
}
