// The rows of an ARFF file, dense and sparse, and the words that its lines are made of.

package data

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// rows calls each for every row.
func (a *arffFile) rows(each func(line int, at []int, texts []string) error) error {
	var at []int
	var texts []string
	_, _, err := arffLines(a.data, a.line, func(line int, s string) (bool, error) {
		at, texts = at[:0], texts[:0]
		var err error
		if s[0] == '{' {
			at, texts, err = a.sparse(s[1:], at, texts)
			if at == nil {
				at = []int{} // a row of which everything is left out
			}
		} else {
			texts, err = a.dense(s, texts)
		}
		if err != nil {
			return false, fmt.Errorf("%s: line %d: %w", a.name, line, err)
		}
		if s[0] == '{' {
			return true, each(line, at, texts)
		}
		return true, each(line, nil, texts)
	})
	return err
}

// dense reads a row of all values.
func (a *arffFile) dense(s string, texts []string) ([]string, error) {
	for s != "" && s[0] != '%' {
		if s[0] == '{' {
			return nil, errors.New("a weight in {} follows the row: remove it")
		}
		text, rest, err := arffValue(s)
		if err != nil {
			return nil, err
		}
		if texts = append(texts, text); len(texts) > len(a.attributes) {
			break
		}
		s = strings.TrimLeft(rest, " \t")
		s = strings.TrimLeft(strings.TrimPrefix(s, ","), " \t")
	}
	if len(texts) != len(a.attributes) {
		more := ""
		if len(texts) > len(a.attributes) {
			more = " or more"
		}
		return nil, fmt.Errorf("%d values%s, but there are %d attributes", len(texts), more, len(a.attributes))
	}
	return texts, nil
}

// sparse reads a row of pairs of an index and a value, up to }.
func (a *arffFile) sparse(s string, at []int, texts []string) ([]int, []string, error) {
	for {
		s = strings.TrimLeft(s, " \t")
		if after, ok := strings.CutPrefix(s, "}"); ok {
			if after = strings.TrimSpace(after); after != "" && after[0] != '%' {
				return nil, nil, fmt.Errorf("%.100q follows the row: remove it, weights of rows cannot be read", after)
			}
			return at, texts, nil
		}
		index, _, rest, err := arffToken(s)
		if err != nil {
			return nil, nil, fmt.Errorf("a sparse row ends in }: %w", err)
		}
		k, err := strconv.Atoi(index)
		if err != nil || k < 0 || k >= len(a.attributes) || len(at) > 0 && k <= at[len(at)-1] {
			return nil, nil, fmt.Errorf("an index %.100q; they rise, from 0 to at most %d", index, len(a.attributes)-1)
		}
		text, rest, err := arffValue(rest)
		if err != nil {
			return nil, nil, fmt.Errorf("the value of index %d: %w", k, err)
		}
		at, texts = append(at, k), append(texts, text)
		s = strings.TrimPrefix(strings.TrimLeft(rest, " \t"), ",")
	}
}

// arffValue reads a value of a row.
func arffValue(s string) (text, rest string, err error) {
	text, quoted, rest, err := arffToken(s)
	if err == nil && text == "?" && !quoted {
		text = arffMissing
	}
	return text, rest, err
}

// arffToken reads a word, or a text in single or double quotes.
func arffToken(s string) (text string, quoted bool, rest string, err error) {
	s = strings.TrimLeft(s, " \t")
	if s == "" || s[0] == '%' {
		return "", false, "", errors.New("a value is missing at the end of the line")
	}
	if s[0] != '\'' && s[0] != '"' {
		end := strings.IndexAny(s, " \t,{}%")
		if end < 0 {
			end = len(s)
		}
		if end == 0 {
			return "", false, "", fmt.Errorf("%q, where a value is wanted; a missing one is ?", s[:1])
		}
		return s[:end], false, s[end:], nil
	}
	if end := strings.IndexByte(s[1:], s[0]); end >= 0 && strings.IndexByte(s[1:1+end], '\\') < 0 {
		return s[1 : 1+end], true, s[2+end:], nil
	}
	var out []byte
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return string(out), true, s[i+1:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				out = append(out, '\n')
			case 'r':
				out = append(out, '\r')
			case 't':
				out = append(out, '\t')
			default:
				out = append(out, s[i])
			}
		default:
			out = append(out, s[i])
		}
	}
	return "", true, "", fmt.Errorf("the quote %q has no end in its line", s[0])
}
