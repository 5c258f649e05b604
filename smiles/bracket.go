// Atoms in brackets: [isotope symbol chirality hydrogens charge class], such as [13CH4], [nH], [C@@H], [O-] and [Fe+2].

package smiles

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// elements are the symbols of the periodic table; the place of a symbol is its atomic number less 1.
var elements = strings.Fields(`H He
Li Be B C N O F Ne Na Mg Al Si P S Cl Ar
K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og`)

// aromatics are the symbols of aromatic atoms; those of two letters need brackets.
var aromatics = []string{"se", "as", "te", "b", "c", "n", "o", "p", "s"}

// numberOf is the atomic number of a symbol; 0 if there is no such element.
func numberOf(symbol string) int {
	for i, e := range elements {
		if e == symbol {
			return i + 1
		}
	}
	return 0
}

// bracket reads an atom in brackets.
func bracket(token string) (a Atom, err error) {
	r := strings.TrimSuffix(strings.TrimPrefix(token, "["), "]")
	a.Bracket = true
	if a.Isotope, r, err = leadingNumber(r, 0); err != nil {
		return a, fmt.Errorf("the isotope: %w", err)
	}
	if r, err = a.symbol(r); err != nil {
		return a, err
	}
	r = chirality(r)
	if after, is := strings.CutPrefix(r, "H"); is {
		if a.Hydrogens, r, err = leadingNumber(after, 1); err != nil {
			return a, fmt.Errorf("the hydrogens: %w", err)
		}
	}
	if r != "" && (r[0] == '+' || r[0] == '-') {
		if r, err = a.charge(r); err != nil {
			return a, err
		}
	}
	if after, is := strings.CutPrefix(r, ":"); is {
		if _, r, err = leadingNumber(after, -1); err != nil {
			return a, fmt.Errorf("the class: %w", err)
		}
	}
	if r != "" {
		return a, fmt.Errorf("%q does not belong in brackets", r)
	}
	return a, nil
}

// symbol reads the symbol and returns the rest. A longer symbol comes before a shorter one: [Sc] is no sulphur.
func (a *Atom) symbol(r string) (rest string, err error) {
	for _, s := range aromatics {
		if strings.HasPrefix(r, s) {
			a.Symbol, a.Aromatic = strings.ToUpper(s[:1])+s[1:], true
			return r[len(s):], nil
		}
	}
	if strings.HasPrefix(r, "*") {
		a.Symbol = "*"
		return r[1:], nil
	}
	for n := min(2, len(r)); n > 0; n-- {
		if numberOf(r[:n]) > 0 {
			a.Symbol = r[:n]
			return r[n:], nil
		}
	}
	return r, fmt.Errorf("there is no element in %q", r)
}

// chirality passes over @, @@ and forms such as @TH1.
func chirality(r string) string {
	after, is := strings.CutPrefix(r, "@")
	if !is {
		return r
	}
	if after, is := strings.CutPrefix(after, "@"); is {
		return after
	}
	for _, form := range []string{"TH", "AL", "SP", "TB", "OH"} {
		if end := strings.TrimLeft(strings.TrimPrefix(after, form), digits); strings.HasPrefix(after, form) && len(after)-len(form)-len(end) > 0 {
			return end
		}
	}
	return after
}

// charge reads +, -, ++, --, +2 and the like, and returns the rest.
func (a *Atom) charge(r string) (rest string, err error) {
	sign := map[byte]int{'+': 1, '-': -1}[r[0]]
	n := len(r) - len(strings.TrimLeft(r, r[:1]))
	if r = r[n:]; n == 1 && r != "" && isDigit(r[0]) {
		if n, r, err = leadingNumber(r, 1); err != nil {
			return r, fmt.Errorf("the charge: %w", err)
		}
	}
	if a.Charge = sign * n; n > 15 {
		return r, fmt.Errorf("a charge of %d: want -15 to 15", a.Charge)
	}
	return r, nil
}

// leadingNumber reads the digits at the start of a text; without digits the number is that given, and below 0 an error.
func leadingNumber(s string, without int) (n int, rest string, err error) {
	rest = strings.TrimLeft(s, digits)
	text := s[:len(s)-len(rest)]
	switch {
	case text == "" && without < 0:
		return 0, s, errors.New("a number is missing")
	case text == "":
		return without, s, nil
	case len(text) > 4:
		return 0, s, fmt.Errorf("%s is too large", text)
	}
	n, err = strconv.Atoi(text)
	return n, rest, err
}
