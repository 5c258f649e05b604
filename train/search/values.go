package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Values are the values of a trial's parameters by name: int, float64, or what a Choice
// has. Parameters that depend on others may be missing.
type Values map[string]any

// Int is the value of a parameter, or 0 if it is no whole number or is missing.
func (v Values) Int(name string) int {
	n, _ := v[name].(int)
	return n
}

// Float is the value of a parameter, or 0 if it is no number or is missing.
func (v Values) Float(name string) float64 {
	switch x := v[name].(type) {
	case float64:
		return x
	case int:
		return float64(x)
	}
	return 0
}

// Bool is the value of a parameter, or false if it is missing.
func (v Values) Bool(name string) bool {
	b, _ := v[name].(bool)
	return b
}

// Text is the value of a parameter, or "" if it is no text or is missing.
func (v Values) Text(name string) string {
	s, _ := v[name].(string)
	return s
}

// Into sets fields of a struct, such as a model's Config, by their names in JSON: of the
// parameters whose names begin with prefix and a dot, the rest is the path of a field.
// "dense.activation" with the prefix "dense" is the field activation. An element that is
// a number is a place in a list: "dense.hidden.0" and "dense.hidden.1" are the list
// hidden, of two elements. Other fields stay as they are. A path that the struct does
// not have is an error.
func (v Values) Into(prefix string, to any) error {
	tree := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		path, ok := strings.CutPrefix(name, prefix+".")
		if !ok {
			continue
		}
		if err := put(tree, strings.Split(path, "."), v[name]); err != nil {
			return fmt.Errorf("search: parameter %q: %w", name, err)
		}
	}
	lists, err := withLists(tree)
	if err != nil {
		return fmt.Errorf("search: parameters %q: %w", prefix, err)
	}
	text, err := json.Marshal(lists)
	if err != nil {
		return fmt.Errorf("search: parameters %q: %w", prefix, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("search: parameters %q into %T: %w", prefix, to, err)
	}
	return nil
}

// put sets the value at a path of a tree.
func put(tree map[string]any, path []string, value any) error {
	if len(path) == 1 {
		if _, taken := tree[path[0]]; taken {
			return fmt.Errorf("another parameter sets a part of it")
		}
		tree[path[0]] = value
		return nil
	}
	if tree[path[0]] == nil {
		tree[path[0]] = map[string]any{}
	}
	below, ok := tree[path[0]].(map[string]any)
	if !ok {
		return fmt.Errorf("another parameter sets all of %q", path[0])
	}
	return put(below, path[1:], value)
}

// withLists makes lists of the branches whose names are numbers.
func withLists(tree map[string]any) (any, error) {
	numbers := 0
	for name, v := range tree {
		if below, ok := v.(map[string]any); ok {
			var err error
			if tree[name], err = withLists(below); err != nil {
				return nil, err
			}
		}
		if _, err := strconv.ParseUint(name, 10, 16); err == nil {
			numbers++
		}
	}
	if numbers == 0 || numbers < len(tree) {
		return tree, nil
	}
	list := make([]any, len(tree))
	for i := range list {
		v, ok := tree[strconv.Itoa(i)]
		if !ok {
			return nil, fmt.Errorf("a list of %d elements has no element %d", len(tree), i)
		}
		list[i] = v
	}
	return list, nil
}

// String has the values in the order of their names, such as "depth=3 rate=0.0031".
func (v Values) String() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		out = append(out, name+"="+text(v[name]))
	}
	return strings.Join(out, " ")
}

// text is a value for people: numbers have three digits.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case string:
		return v
	}
	return exact(v)
}

// exact is a value with all its digits.
func exact(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}
