package smiles_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/smiles"
)

func TestSMILESIsCutIntoAtomsBondsAndRings(t *testing.T) {
	tokens, err := smiles.Tokens("C[C@H](Cl)c1cc[nH]c%12Br")
	require.NoError(t, err)
	require.Equal(t, []string{"C", "[C@H]", "(", "Cl", ")", "c", "1", "c", "c", "[nH]", "c", "%12", "Br"}, tokens)
	for _, wrong := range []string{"C[", "C[]", "C%1", "C%", "X", "C C", "[C[C]]"} {
		_, err := smiles.Tokens(wrong)
		require.ErrorContains(t, err, "smiles", wrong)
	}
}

func TestAMoleculeHasItsAtomsAndBonds(t *testing.T) {
	m, err := smiles.Parse("[13CH3]C(=O)[O-].[Na+]")
	require.NoError(t, err)
	require.Equal(t, []smiles.Atom{
		{Symbol: "C", Bracket: true, Hydrogens: 3, Isotope: 13}, {Symbol: "C"}, {Symbol: "O"},
		{Symbol: "O", Bracket: true, Charge: -1}, {Symbol: "Na", Bracket: true, Charge: 1},
	}, m.Atoms)
	require.Equal(t, []smiles.Bond{{A: 0, B: 1, Order: 1}, {A: 1, B: 2, Order: 2}, {A: 1, B: 3, Order: 1}}, m.Bonds)
	m, err = smiles.Parse("c1ccccc1c1ccccc1")
	require.NoError(t, err)
	aromatic := 0
	for _, b := range m.Bonds {
		if b.Aromatic {
			aromatic++
		}
	}
	require.Equal(t, 12, aromatic, "the bond between the rings is single")
	for text, want := range map[string]smiles.Atom{
		"[Fe+2]": {Symbol: "Fe", Bracket: true, Charge: 2}, "[O--]": {Symbol: "O", Bracket: true, Charge: -2},
		"[se]": {Symbol: "Se", Aromatic: true, Bracket: true}, "[Sc]": {Symbol: "Sc", Bracket: true},
		"[C@@H2:12]": {Symbol: "C", Bracket: true, Hydrogens: 2}, "[C@TH1H]": {Symbol: "C", Bracket: true, Hydrogens: 1}, "[*]": {Symbol: "*", Bracket: true},
	} {
		m, err := smiles.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, m.Atoms[0], text)
	}
}

func TestMoleculesThatExistPass(t *testing.T) {
	for _, m := range []string{
		"C", "CC1C2CCC(C2)C1CN(CCO)C(=O)c1ccc(Cl)cc1", "COc1ccc(-c2cc(=O)c3c(O)c(OC)c(OC)cc3o2)cc1O", "C1CC1",
		"F/C=C/F", "C/C1=C/CC1", "[Na+].[Cl-]", "C%10CC%10", "C(C)(C)C", "c1cc[nH]c1", "CS(=O)(=O)N", "C#N", "*C", "C=1CC1",
		"c1ccc2cccc2cc1", "c1ccc2ccccc2c1", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "C[N+](C)(C)C", "[O-][N+](=O)c1ccccc1", "c1ccsc1", "c1cc[n+](C)cc1",
		"[H+]", "[Pt]", "c1ccc(-c2ccccc2)cc1", "O=c1cc[nH]cc1", "C[P](=O)(O)O", "F[P-](F)(F)(F)(F)F", "O=N(=O)c1ccccc1", "N1CCNcCC1", "O=n1ccccc1",
	} {
		require.NoError(t, smiles.Check(m), m)
	}
}

func TestWhatIsMalformedIsAnErrorThatSaysWhere(t *testing.T) {
	for m, want := range map[string]string{
		"":         "there is no atom",
		"C(":       "1 parentheses are open",
		"C)":       "no branch to end",
		"C()C":     "it is empty",
		"(C)C":     "a branch must follow an atom",
		"C((C))C":  "token 3, (: a branch must follow an atom",
		"C1CC":     "1 rings are open",
		"1CC1":     "a ring closure must follow an atom",
		"C11":      "bound twice, or one to itself",
		"C1C1":     "bound twice",
		"C=":       "the last atom is missing",
		"C.":       "the last atom is missing",
		"C==C":     "token 3, =: a bond must follow an atom",
		"=C":       "a bond must follow an atom",
		"C(=)C":    "no branch to end",
		"C-1CC=1":  "ring 1 has two bonds, - and =",
		"C..C":     "a part must follow an atom",
		"C12CC12":  "bound twice",
		"[Xx]":     `no element in "Xx"`,
		"[C!]":     `"!" does not belong in brackets`,
		"[C+99]":   "a charge of 99",
		"[C:]":     "the class: a number is missing",
		"[12345C]": "the isotope: 12345 is too large",
	} {
		_, err := smiles.Parse(m)
		require.ErrorContains(t, err, want, m)
	}
}

func TestAtomsWithTooManyBondsAreErrors(t *testing.T) {
	for _, m := range []string{"C(C)(C)(C)(C)C", "O(C)(C)C", "CC#C=C", "FC=F", "c1cc(C)(C)ccc1", "CO=C", "ClC(Cl)=N#C", "C[N](C)(C)C", "C[O-]C", "[CH5]", "CN(=O)C", "[H]([H])[H]"} {
		p, err := smiles.Parse(m)
		if m == "c1cc(C)(C)ccc1" { // a carbon with four neighbours has room for no double bond
			require.NoError(t, p.Valences())
			require.ErrorContains(t, smiles.Check(m), "Kekulé", m)
			continue
		}
		require.NoError(t, err)
		require.ErrorContains(t, p.Valences(), "it can have", m)
	}
}

func TestRingsWithoutAKekuleFormAreErrors(t *testing.T) {
	for m, want := range map[string]string{
		"c1cccc1":       "have no Kekulé form",
		"c1ccnc1":       "have no Kekulé form", // pyrrole is c1cc[nH]c1
		"cc":            "is in no ring",
		"c1ccc2cccc2c1": "have no Kekulé form",
	} {
		require.ErrorContains(t, smiles.Check(m), want, m)
	}
}

func TestNoArgumentMakesAMoleculePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		var none *smiles.Molecule
		broken := &smiles.Molecule{Atoms: []smiles.Atom{{Symbol: "C", Charge: -1 << 40}}, Bonds: []smiles.Bond{{A: 0, B: 7}}}
		return []any{none, broken, &smiles.Molecule{Atoms: []smiles.Atom{{Charge: 1 << 40, Symbol: "C"}}}}, map[string]any{
			"Parse": smiles.Parse, "Tokens": smiles.Tokens, "Check": smiles.Check,
		}, []any{"[", "[+", "[C@", "[C@TH", "%%%", "[:1]", "C[13]", "\x00\xff"}
	})
}

func ExampleCheck() {
	for _, molecule := range []string{"CC(=O)Oc1ccccc1C(=O)O", "C1CC", "C(C)(C)(C)(C)C", "c1cccc1"} {
		fmt.Println(smiles.Check(molecule))
	}
	// Output:
	// <nil>
	// smiles "C1CC": 1 rings are open
	// smiles "C(C)(C)(C)(C)C": atom 1, C, has bonds of order 5 together: it can have 4
	// smiles "c1cccc1": atom 1, aromatic C, is in rings that have no Kekulé form
}
