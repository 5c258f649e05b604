package recipe

import (
	"fmt"
	"slices"
	"strings"
)

// nearest returns the name that is most like another one, or "" if none is like it.
func nearest(name string, known []string) string {
	best, least := "", len([]rune(name))/2+1
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d < least {
			best, least = k, d
		}
	}
	return best
}

// Unknown is an error about a name that is not one of those that are known. It says which
// of these is most like it.
func Unknown(what, name string, known []string) error {
	err := Nearest(what, name, known)
	if len(known) == 0 {
		return err
	}
	return fmt.Errorf("%w (known: %s)", err, joinNames(known))
}

// Nearest is Unknown without the list of what is known, which may be long.
func Nearest(what, name string, known []string) error {
	text := fmt.Sprintf("%s %q is unknown", what, name)
	if n := nearest(name, known); n != "" {
		text += fmt.Sprintf(": did you mean %q?", n)
	}
	return fmt.Errorf("%s", text)
}

// joinNames lists names in their order.
func joinNames(names []string) string { return strings.Join(names, ", ") }

// distance is the number of letters to insert, delete, replace or swap with the next one
// to make one text of another (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := []int(nil), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i, u := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j, v := range y {
			cost := 1
			if u == v {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && u == y[j-1] && x[i-1] == v {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

// oneOf returns an error unless a value is one of those that are known.
func oneOf(key, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return Unknown(key+":", value, known)
}
