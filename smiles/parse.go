// The grammar: how tokens make a molecule.

package smiles

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Parse reads a SMILES text. It is an error unless the text is well formed: tokens are known, parentheses are balanced and
// hold something, each bond is between two atoms, each ring closes once, between two atoms that differ, with one bond.
// Whether the atoms can have these bonds is not checked; see Check.
func Parse(text string) (*Molecule, error) {
	tokens, err := Tokens(text)
	if err != nil {
		return nil, err
	}
	p := parser{m: &Molecule{Text: text}, last: -1, rings: map[string]ring{}, pairs: map[[2]int]bool{}}
	for i, token := range tokens {
		if err := p.add(token); err != nil {
			return nil, fmt.Errorf("smiles %q: token %d, %s: %w", text, i+1, token, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("smiles %q: %w", text, err)
	}
	p.m.leaveRings()
	return p.m, nil
}

// A parser follows a molecule, token by token.
type parser struct {
	m      *Molecule
	last   int             // the atom to bind to; -1: none
	bond   string          // written before the next atom or ring closure
	branch []branch        // open parentheses
	rings  map[string]ring // open ring closures, by number
	pairs  map[[2]int]bool // atoms that are bound
}

// A branch is an open parenthesis: the atom before it, and the number of atoms.
type branch struct{ from, atoms int }

// A ring is an open ring closure.
type ring struct {
	atom int
	bond string
}

func (p *parser) add(token string) error {
	switch first := token[0]; {
	case token == "(":
		if n := len(p.branch) - 1; p.last < 0 || p.bond != "" || n >= 0 && p.branch[n].atoms == len(p.m.Atoms) {
			return errors.New("a branch must follow an atom")
		}
		p.branch = append(p.branch, branch{p.last, len(p.m.Atoms)})
	case token == ")":
		n := len(p.branch) - 1
		if n < 0 || p.bond != "" || p.branch[n].atoms == len(p.m.Atoms) {
			return errors.New("there is no branch to end, or it is empty")
		}
		p.last, p.branch = p.branch[n].from, p.branch[:n]
	case token == ".":
		if p.last < 0 || p.bond != "" {
			return errors.New("a part must follow an atom")
		}
		p.last = -1
	case strings.IndexByte(bonds, first) >= 0:
		if p.last < 0 || p.bond != "" {
			return errors.New("a bond must follow an atom")
		}
		p.bond = token
	case first == '%' || isDigit(first):
		return p.ring(strings.TrimPrefix(token, "%"))
	default:
		return p.atom(token)
	}
	return nil
}

func (p *parser) atom(token string) error {
	a := Atom{Symbol: token}
	switch {
	case token[0] == '[':
		var err error
		if a, err = bracket(token); err != nil {
			return err
		}
	case token != strings.ToUpper(token[:1])+token[1:]:
		a = Atom{Symbol: strings.ToUpper(token), Aromatic: true}
	}
	p.m.Atoms = append(p.m.Atoms, a)
	at := len(p.m.Atoms) - 1
	if p.last >= 0 {
		if err := p.bind(p.last, at, p.bond); err != nil {
			return err
		}
	}
	p.last, p.bond = at, ""
	return nil
}

// ring opens or closes a ring at the last atom.
func (p *parser) ring(number string) error {
	if p.last < 0 {
		return errors.New("a ring closure must follow an atom")
	}
	open, is := p.rings[number]
	bond := p.bond
	p.bond = ""
	if !is {
		p.rings[number] = ring{p.last, bond}
		return nil
	}
	delete(p.rings, number)
	directed := strings.Contains("/\\", bond) && strings.Contains("/\\", open.bond)
	if bond != "" && open.bond != "" && bond != open.bond && !directed {
		return fmt.Errorf("ring %s has two bonds, %s and %s", number, open.bond, bond)
	}
	return p.bind(open.atom, p.last, cmp.Or(bond, open.bond))
}

// bind adds a bond between two atoms. Between aromatic atoms, a bond that is not written is aromatic.
func (p *parser) bind(a, b int, bond string) error {
	if a == b || p.pairs[[2]int{a, b}] || p.pairs[[2]int{b, a}] {
		return errors.New("two atoms are bound twice, or one to itself")
	}
	p.pairs[[2]int{a, b}] = true
	aromatic := bond == ":" || bond == "" && p.m.Atoms[a].Aromatic && p.m.Atoms[b].Aromatic
	order := max(1, map[string]int{"=": 2, "#": 3, "$": 4}[bond])
	p.m.Bonds = append(p.m.Bonds, Bond{a, b, order, aromatic})
	return nil
}

// end checks that nothing is open.
func (p *parser) end() error {
	switch {
	case len(p.m.Atoms) == 0:
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
