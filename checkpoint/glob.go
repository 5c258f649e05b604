package checkpoint

import (
	"fmt"
	"regexp"
	"strings"
)

// glob is a pattern for names, in which "*" matches any characters and "?" matches one.
type glob struct{ match *regexp.Regexp }

func globOf(pattern string) (glob, error) {
	if pattern == "" {
		return glob{}, fmt.Errorf("a pattern is empty: \"*\" matches every name")
	}
	text := strings.NewReplacer(`\*`, "(.*)", `\?`, "(.)").Replace(regexp.QuoteMeta(pattern))
	match, err := regexp.Compile("(?s)^" + text + "$")
	return glob{match}, err
}

// find returns what the "*" and "?" of the pattern stand for in the name.
func (g glob) find(name string) (stars []string, ok bool) {
	m := g.match.FindStringSubmatch(name)
	if m == nil {
		return nil, false
	}
	return m[1:], true
}

// wild counts the "*" and "?" of a pattern.
func wild(pattern string) int { return strings.Count(pattern, "*") + strings.Count(pattern, "?") }

// fill replaces the "*" and "?" of a pattern by what they stand for.
func fill(pattern string, stars []string) string {
	var b strings.Builder
	for _, r := range pattern {
		if (r == '*' || r == '?') && len(stars) > 0 {
			b.WriteString(stars[0])
			stars = stars[1:]
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// globList matches a name that one of its patterns matches.
type globList []glob

func globs(patterns []string) (globList, error) {
	var list globList
	for _, pattern := range patterns {
		g, err := globOf(pattern)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

func (l globList) match(name string) bool {
	for _, g := range l {
		if g.match.MatchString(name) {
			return true
		}
	}
	return false
}
