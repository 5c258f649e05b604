// SMILES: molecules written as lines of text.

package data

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// SMILES returns the tokens of a molecule in SMILES (Weininger 1988): atoms, such as C, Cl and [nH], bonds, parentheses,
// and ring closures, such as 1 and %12. A character that is none of these is an error.
func SMILES(molecule string) ([]string, error) {
	var tokens []string
	for rest := molecule; rest != ""; {
		n, err := smilesToken(rest)
		if err != nil {
			return nil, fmt.Errorf("smiles %q: byte %d: %w", molecule, len(molecule)-len(rest), err)
		}
		tokens = append(tokens, rest[:n])
		rest = rest[n:]
	}
	return tokens, nil
}

const (
	smilesAtoms  = "BCNOPSFIbcnops*"
	smilesBonds  = "-=#$:/\\~"
	smilesDigits = "0123456789"
)

// smilesToken is the length of the first token.
func smilesToken(s string) (int, error) {
	switch {
	case s[0] == '[':
		end := strings.IndexByte(s, ']')
		if end < 2 || strings.IndexByte(s[1:end], '[') >= 0 {
			return 0, errors.New("an atom in brackets has no end, or is empty")
		}
		return end + 1, nil
	case strings.HasPrefix(s, "Cl"), strings.HasPrefix(s, "Br"):
		return 2, nil
	case s[0] == '%':
		if len(s) < 3 || !strings.Contains(smilesDigits, s[1:2]) || !strings.Contains(smilesDigits, s[2:3]) {
			return 0, errors.New("two digits must follow %")
		}
		return 3, nil
	case strings.IndexByte(smilesAtoms+smilesBonds+smilesDigits+"().", s[0]) >= 0:
		return 1, nil
	}
	return 0, fmt.Errorf("%q is no atom, bond, parenthesis or ring closure", s[:1])
}

// A smilesAtom is an atom as it is written, with its bonds.
type smilesAtom struct {
	symbol     string
	neighbours int
	bonds      int // the sum of the orders, where an aromatic bond counts 1
}

// CheckSMILES returns an error unless a molecule in SMILES is well formed: tokens are known, parentheses are balanced and
// hold something, each bond is between two atoms, each ring closes once, between two atoms that differ, with one bond.
// It checks neither valences nor aromaticity; see CheckValences.
func CheckSMILES(molecule string) error {
	_, err := parseSMILES(molecule)
	return err
}

// CheckValences is CheckSMILES and returns an error, too, if an atom without brackets has more bonds than its element can
// have, or more neighbours than an aromatic ring leaves room for. Whether aromatic rings have a Kekulé form is not
// checked, so a program for chemistry still rejects some molecules that pass.
func CheckValences(molecule string) error {
	atoms, err := parseSMILES(molecule)
	if err != nil {
		return err
	}
	most := map[string]smilesAtom{
		"B": {bonds: 3}, "C": {bonds: 4}, "N": {bonds: 3}, "O": {bonds: 2}, "P": {bonds: 5}, "S": {bonds: 6},
		"F": {bonds: 1}, "Cl": {bonds: 1}, "Br": {bonds: 1}, "I": {bonds: 1},
		"b": {bonds: 3}, "c": {bonds: 4, neighbours: 3}, "n": {bonds: 3}, "o": {bonds: 2}, "p": {bonds: 3}, "s": {bonds: 2},
	}
	for i, a := range atoms {
		limit, known := most[a.symbol]
		if limit.neighbours == 0 {
			limit.neighbours = limit.bonds
		}
		if known && (a.bonds > limit.bonds || a.neighbours > limit.neighbours) {
			return fmt.Errorf("smiles %q: atom %d, %s, has %d neighbours and bonds of order %d together: it can have %d and %d",
				molecule, i+1, a.symbol, a.neighbours, a.bonds, limit.neighbours, limit.bonds)
		}
	}
	return nil
}

// A smilesParser follows a molecule, token by token.
type smilesParser struct {
	atoms  []smilesAtom
	last   int                   // the atom to bind to; -1: none
	bond   string                // written before the next atom or ring closure
	branch []smilesBranch        // open parentheses
	rings  map[string]smilesRing // open ring closures, by number
	pairs  map[[2]int]bool       // atoms that are bound
}

// A smilesBranch is an open parenthesis: the atom before it, and the number of atoms.
type smilesBranch struct{ from, atoms int }

// A smilesRing is an open ring closure.
type smilesRing struct {
	atom int
	bond string
}

func parseSMILES(molecule string) ([]smilesAtom, error) {
	tokens, err := SMILES(molecule)
	if err != nil {
		return nil, err
	}
	p := smilesParser{last: -1, rings: map[string]smilesRing{}, pairs: map[[2]int]bool{}}
	for i, token := range tokens {
		if err := p.add(token); err != nil {
			return nil, fmt.Errorf("smiles %q: token %d, %s: %w", molecule, i+1, token, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("smiles %q: %w", molecule, err)
	}
	return p.atoms, nil
}

func (p *smilesParser) add(token string) error {
	switch first := token[0]; {
	case token == "(":
		if p.last < 0 || p.bond != "" {
			return errors.New("a branch must follow an atom")
		}
		p.branch = append(p.branch, smilesBranch{p.last, len(p.atoms)})
	case token == ")":
		n := len(p.branch) - 1
		if n < 0 || p.bond != "" || p.branch[n].atoms == len(p.atoms) {
			return errors.New("there is no branch to end, or it is empty")
		}
		p.last, p.branch = p.branch[n].from, p.branch[:n]
	case token == ".":
		if p.last < 0 || p.bond != "" {
			return errors.New("a part must follow an atom")
		}
		p.last = -1
	case strings.IndexByte(smilesBonds, first) >= 0:
		if p.last < 0 || p.bond != "" {
			return errors.New("a bond must follow an atom")
		}
		p.bond = token
	case first == '%' || strings.IndexByte(smilesDigits, first) >= 0:
		return p.ring(strings.TrimPrefix(token, "%"))
	default:
		p.atoms = append(p.atoms, smilesAtom{symbol: token})
		if p.last >= 0 {
			if err := p.bind(p.last, len(p.atoms)-1, p.bond); err != nil {
				return err
			}
		}
		p.last, p.bond = len(p.atoms)-1, ""
	}
	return nil
}

// ring opens or closes a ring at the last atom.
func (p *smilesParser) ring(number string) error {
	if p.last < 0 {
		return errors.New("a ring closure must follow an atom")
	}
	open, is := p.rings[number]
	bond := p.bond
	p.bond = ""
	if !is {
		p.rings[number] = smilesRing{p.last, bond}
		return nil
	}
	delete(p.rings, number)
	directed := strings.Contains("/\\", bond) && strings.Contains("/\\", open.bond)
	if bond != "" && open.bond != "" && bond != open.bond && !directed {
		return fmt.Errorf("ring %s has two bonds, %s and %s", number, open.bond, bond)
	}
	return p.bind(open.atom, p.last, cmp.Or(bond, open.bond))
}

// bind adds a bond between two atoms.
func (p *smilesParser) bind(a, b int, bond string) error {
	if a == b || p.pairs[[2]int{a, b}] || p.pairs[[2]int{b, a}] {
		return errors.New("two atoms are bound twice, or one to itself")
	}
	p.pairs[[2]int{a, b}] = true
	order := max(1, map[string]int{"=": 2, "#": 3, "$": 4}[bond])
	for _, i := range []int{a, b} {
		p.atoms[i].neighbours++
		p.atoms[i].bonds += order
	}
	return nil
}

// end checks that nothing is open.
func (p *smilesParser) end() error {
	switch {
	case len(p.atoms) == 0:
		return errors.New("there is no atom")
	case p.bond != "" || p.last < 0:
		return errors.New("the last atom is missing")
	case len(p.branch) > 0:
		return fmt.Errorf("%d parentheses are open", len(p.branch))
	case len(p.rings) > 0:
		return fmt.Errorf("%d rings are open", len(p.rings))
	}
	return nil
}
