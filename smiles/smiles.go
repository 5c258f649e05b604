// Package smiles reads molecules that are written as lines of text, SMILES (Weininger 1988; the grammar is that of
// OpenSMILES 1.0), and checks whether they can exist:
//
//	m, err := smiles.Parse("CC(=O)Oc1ccccc1C(=O)O") // is it well formed?
//	err = m.Valences()                              // has every atom few enough bonds?
//	err = m.Kekule()                                // can the aromatic rings be written with double bonds?
//	err = smiles.Check("CC(=O)Oc1ccccc1C(=O)O")     // all three
//
// It computes no canonical form and no properties: what a generative model of molecules is scored by needs none.
package smiles

import (
	"errors"
	"fmt"
)

// A Molecule is the graph of a SMILES text.
type Molecule struct {
	Text  string // as it was read
	Atoms []Atom
	Bonds []Bond
}

// An Atom is an atom as it is written.
type Atom struct {
	Symbol    string // of the element, such as "C" or "Cl"; "*" is any
	Aromatic  bool   // written in lower case
	Bracket   bool   // written in brackets: it has just the hydrogens that are written
	Hydrogens int    // written in brackets
	Charge    int
	Isotope   int // mass number; 0 if none is written
}

// A Bond is between two atoms, by their places in Molecule.Atoms.
type Bond struct {
	A, B int
	// Order is 1 to 4; an aromatic bond has 1.
	Order    int
	Aromatic bool
}

// Check returns an error unless a text is the SMILES of a molecule that can exist: Parse, Valences and Kekule in turn.
func Check(text string) error {
	m, err := Parse(text)
	if err != nil {
		return err
	}
	if err := m.Valences(); err != nil {
		return err
	}
	return m.Kekule()
}

// check returns an error unless the bonds are between the atoms.
func (m *Molecule) check() error {
	if m == nil {
		return errors.New("smiles: no molecule: Parse returns one")
	}
	for i, b := range m.Bonds {
		if n := len(m.Atoms); b.A < 0 || b.B < 0 || b.A >= n || b.B >= n || b.A == b.B {
			return fmt.Errorf("smiles: bond %d is between the atoms %d and %d of %d", i, b.A, b.B, n)
		}
	}
	return nil
}

// wrong is an error about an atom.
func (m *Molecule) wrong(atom int, format string, args ...any) error {
	name := m.Atoms[atom].Symbol
	if m.Atoms[atom].Aromatic {
		name = "aromatic " + name
	}
	return fmt.Errorf("smiles %q: atom %d, %s, %w", m.Text, atom+1, name, fmt.Errorf(format, args...))
}
