package checkpoint

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// matcher finds the arrays that parameters start from.
type matcher struct {
	arrays    map[string]Array
	order     []string
	named     map[string]bool // arrays that a parameter of the model was to start from
	used      map[string]bool // arrays that one does start from
	rows      []row
	skipHere  globList
	skipThere globList
	noStates  bool
}

// row is a Name with its pattern.
type row struct {
	Name
	here glob
}

func newMatcher(arrays []Array, o RestoreOptions) (*matcher, error) {
	m := &matcher{arrays: map[string]Array{}, named: map[string]bool{}, used: map[string]bool{}, noStates: o.NoStates}
	for _, a := range arrays {
		m.arrays[a.Name] = a
		m.order = append(m.order, a.Name)
	}
	skipThere := append([]string(nil), o.SkipThere...)
	for _, n := range o.Names {
		if err := n.check(); err != nil {
			return nil, err
		}
		if n.Here == "" {
			skipThere = append(skipThere, n.There)
			continue
		}
		here, err := globOf(n.Here)
		if err != nil {
			return nil, err
		}
		m.rows = append(m.rows, row{n, here})
	}
	var err error
	if m.skipHere, err = globs(o.SkipHere); err == nil {
		m.skipThere, err = globs(skipThere)
	}
	return m, err
}

// find returns the array that a parameter starts from, laid out for it. If there is none
// and the options do not say so, it returns the difference.
func (m *matcher) find(q *graph.Param) (a Array, ok bool, difference string) {
	from, n, err := m.sources(q)
	if m.skipHere.match(q.Name()) || m.noStates && !q.Trainable() {
		return Array{}, false, ""
	}
	if err == nil {
		a, err = n.convert(q.Shape(), from...)
	}
	if err == nil && !a.Shape.Equal(q.Shape()) {
		if err = fmt.Errorf("it is to start from %s", listed(from)); n.There != "" {
			err = fmt.Errorf("%w, which becomes %v", err, a.Shape)
		}
	}
	if err == nil {
		for _, a := range from {
			m.used[a.Name] = true
		}
		return a, true, ""
	}
	kind := "weight"
	if !q.Trainable() {
		kind = "state"
	}
	return Array{}, false, fmt.Sprintf("%s %q %v: %v", kind, q.Name(), q.Shape(), err)
}

// sources returns the arrays that a parameter is to start from, by the first row that
// fits, or by its own name.
func (m *matcher) sources(q *graph.Param) (from []Array, n Name, err error) {
	missing := ""
	for _, r := range m.rows {
		stars, ok := r.here.find(q.Name())
		if !ok {
			continue
		}
		from, lacks := m.get(append([]string{r.There}, r.With...), stars)
		if lacks == "" {
			return from, r.Name, nil
		}
		if missing == "" {
			missing = lacks
		}
	}
	if missing == "" {
		if from, missing = m.get([]string{q.Name()}, nil); missing == "" {
			return from, Name{}, nil
		}
	}
	return nil, Name{}, fmt.Errorf("the file has no %q", missing)
}

// get returns arrays of the file by the patterns of their names, or the name of one that
// the file does not have.
func (m *matcher) get(patterns, stars []string) (arrays []Array, lacks string) {
	for _, pattern := range patterns {
		name := fill(pattern, stars)
		a, ok := m.arrays[name]
		if !ok {
			return nil, name
		}
		arrays = append(arrays, a)
	}
	for _, a := range arrays {
		m.named[a.Name] = true
	}
	return arrays, ""
}

// unused returns the arrays that no parameter starts from, and a line for each that the
// options do not leave out.
func (m *matcher) unused() (names, differences []string) {
	for _, name := range m.order {
		a := m.arrays[name]
		if m.used[name] {
			continue
		}
		names = append(names, name)
		if !m.named[name] && !a.State && !m.skipThere.match(name) {
			differences = append(differences, fmt.Sprintf("array %q %v of the file: no parameter of the model starts from it", name, a.Shape))
		}
	}
	return names, differences
}

// listed names arrays with their shapes.
func listed(arrays []Array) string {
	var out []string
	for _, a := range arrays {
		out = append(out, fmt.Sprintf("%q %v", a.Name, a.Shape))
	}
	return strings.Join(out, " and ")
}
