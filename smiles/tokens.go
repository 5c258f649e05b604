// How a text is cut into atoms, bonds, parentheses and ring closures.

package smiles

import (
	"errors"
	"fmt"
	"strings"
)

// Tokens returns the parts of a SMILES text: atoms, such as C, Cl and [nH], bonds, parentheses, dots, and ring closures,
// such as 1 and %12. A character that is none of these is an error. What is within brackets is checked by Parse.
func Tokens(text string) ([]string, error) {
	var tokens []string
	for rest := text; rest != ""; {
		n, err := tokenLength(rest)
		if err != nil {
			return nil, fmt.Errorf("smiles %q: byte %d: %w", text, len(text)-len(rest), err)
		}
		tokens = append(tokens, rest[:n])
		rest = rest[n:]
	}
	return tokens, nil
}

const (
	organic = "BCNOPSFIbcnops*" // atoms that need no brackets, besides Cl and Br
	bonds   = "-=#$:/\\~"
	digits  = "0123456789"
)

// tokenLength is the length of the first token.
func tokenLength(s string) (int, error) {
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
		if len(s) < 3 || !isDigit(s[1]) || !isDigit(s[2]) {
			return 0, errors.New("two digits must follow %")
		}
		return 3, nil
	case strings.IndexByte(organic+bonds+digits+"().", s[0]) >= 0:
		return 1, nil
	}
	return 0, fmt.Errorf("%q is no atom, bond, parenthesis or ring closure", s[:1])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
