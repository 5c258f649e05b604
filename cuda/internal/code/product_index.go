package code

import (
	"fmt"
	"slices"
	"strings"
)

// role is the index of a product that an axis belongs to. The elements C[b,m,n]
// are the sums over k of A[b,m,k] B[b,k,n], and each of the four indices may
// stand for several axes of the operands.
type role uint8

const (
	batch role = iota
	rows
	columns
	depth

	roles = iota
)

// letters are the indices' names in C. An index that stands for several axes is
// split into m0, m1 and so on.
var letters = [roles]string{"b", "m", "n", "k"}

// extents are the extents of a product's axes by role, the outermost first.
type extents [roles][]int

// size is the extent of an index.
func (e *extents) size(r role) int {
	n := 1
	for _, d := range e[r] {
		n *= d
	}
	return n
}

// form is a linear form in the positions along a product's axes. An axis
// without a factor has the factor 0.
type form struct {
	of   [roles][]int
	plus int
}

// factor is the factor of the i-th axis of a role.
func (f *form) factor(r role, i int) int {
	if i < len(f.of[r]) {
		return f.of[r][i]
	}
	return 0
}

// reads reports whether the form depends on the index.
func (f *form) reads(r role) bool {
	return slices.ContainsFunc(f.of[r], func(x int) bool { return x != 0 })
}

// span is the least and the greatest value of the form.
func (f *form) span(e *extents) (least, most int) {
	least, most = f.plus, f.plus
	for r := range f.of {
		for i, x := range f.of[r] {
			least += min(0, x*(e[r][i]-1))
			most += max(0, x*(e[r][i]-1))
		}
	}
	return least, most
}

// text is the form in C.
func (f *form) text(e *extents) string {
	var terms []string
	for r := range f.of {
		for i, x := range f.of[r] {
			switch name := e.name(role(r), i); x {
			case 0:
			case 1:
				terms = append(terms, name)
			default:
				terms = append(terms, fmt.Sprintf("%s * %d", name, x))
			}
		}
	}
	if f.plus != 0 || len(terms) == 0 {
		terms = append(terms, fmt.Sprint(f.plus))
	}
	return strings.ReplaceAll(strings.Join(terms, " + "), "+ -", "- ")
}

// name is the C name of the position along an axis.
func (e *extents) name(r role, i int) string {
	if len(e[r]) == 1 {
		return letters[r]
	}
	return fmt.Sprintf("%s%d", letters[r], i)
}

// splitIndex writes the code that splits an index into the positions along its axes.
func (e *extents) splitIndex(t *text, r role) {
	if len(e[r]) > 1 {
		t.line("const int %s;", strings.Join(positions(letters[r], e[r], 0, letters[r], false), ", "))
	}
}

// splitDepth writes the code that splits the index along the depth: k is the first
// index of a piece, d the place in it. If the last axes fit into pieces a whole
// number of times, the positions along them depend on d alone.
func (e *extents) splitDepth(t *text, deep int) {
	axes := e[depth]
	first, n := len(axes), 1
	for first > 0 && len(axes) > 1 && deep%(n*axes[first-1]) == 0 {
		first--
		n *= axes[first]
	}
	if first == len(axes) {
		t.line("k += d;")
		e.splitIndex(t, depth)
		return
	}
	if first > 0 {
		more := ""
		if deep > n {
			more = fmt.Sprintf(" + d / %d", n)
		}
		index := fmt.Sprintf("k / %d%s", n, more)
		t.line("const int %s;", strings.Join(positions("k", axes[:first], 0, index, false), ", "))
	}
	t.line("const int %s;", strings.Join(positions("k", axes[first:], first, "d", deep > n), ", "))
}

// positions are the declarations of the positions along axes; the first axis is
// number first of its index. The index is below the product of their extents,
// unless it wraps around.
func positions(name string, axes []int, first int, index string, wraps bool) []string {
	out := make([]string, len(axes))
	inner := 1
	for i := len(axes) - 1; i >= 0; i-- {
		s := fmt.Sprintf("%s%d = unsigned(%s)", name, first+i, index)
		if inner > 1 {
			s += fmt.Sprintf(" / %d", inner)
		}
		if i > 0 || wraps {
			s += fmt.Sprintf(" %% %d", axes[i])
		}
		out[i] = s
		inner *= axes[i]
	}
	return out
}

// bound is a condition: the form is at least 0 and below an extent.
type bound struct {
	form
	below int
}

// text is the condition in C, empty if it always holds.
func (b *bound) text(e *extents) string {
	least, most := b.span(e)
	switch {
	case least >= 0 && most < b.below:
		return ""
	case least >= 0:
		return fmt.Sprintf("%s < %d", b.form.text(e), b.below)
	case most < b.below:
		return fmt.Sprintf("%s >= 0", b.form.text(e))
	}
	return fmt.Sprintf("unsigned(%s) < %du", b.form.text(e), b.below)
}

// needed are the bounds that do not always hold.
func needed(all []bound, e *extents) []bound {
	return slices.DeleteFunc(slices.Clone(all), func(b bound) bool { return b.text(e) == "" })
}

// access reads the element at form from memory, if all bounds hold.
type access struct {
	at Ref
	form
	within []bound
}

// condition is the bounds in C, empty if they always hold.
func (a *access) condition(e *extents) string {
	var all []string
	for i := range a.within {
		if s := a.within[i].text(e); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " && ")
}

// forms returns all forms of the access.
func (a *access) forms() []*form {
	out := []*form{&a.form}
	for i := range a.within {
		out = append(out, &a.within[i].form)
	}
	return out
}

// operand is an operand of a product: what the first access within its bounds
// reads, or zero.
type operand []access

// clone is a copy whose forms can be changed.
func (o operand) clone() operand {
	o = slices.Clone(o)
	for i := range o {
		o[i].within = slices.Clone(o[i].within)
	}
	return o
}

// drop removes bounds that always hold.
func (o operand) drop(e *extents) {
	for i := range o {
		o[i].within = needed(o[i].within, e)
	}
}

// neighbours is how many elements along an index are close together in memory: the
// fewer, the farther apart they are.
func (o operand) neighbours(e *extents, r role) int {
	most := 0
	for _, a := range o {
		last := len(e[r]) - 1
		if last < 0 {
			continue
		}
		if x := a.factor(r, last); x != 0 {
			most = max(most, e[r][last]/max(x, -x))
		}
	}
	return most
}

// text writes the code that returns the operand's element at known indices.
func (o operand) text(t *text, e *extents, name func(Ref) string) {
	for i := range o {
		condition := o[i].condition(e)
		if condition != "" {
			condition = "if (" + condition + ") "
		}
		t.line("%sreturn %s[%s];", condition, name(o[i].at), o[i].form.text(e))
		if condition == "" {
			return
		}
	}
	t.line("return 0;")
}

// joinAxes removes axes of extent 1, and joins neighbours that are one stretch
// for every form.
func joinAxes(e *extents, forms []*form) {
	for r := range e {
		for i := len(e[r]) - 1; i >= 0; i-- {
			one := e[r][i] == 1
			joined := !one && i+1 < len(e[r])
			for _, f := range forms {
				joined = joined && f.factor(role(r), i) == f.factor(role(r), i+1)*e[r][i+1]
			}
			if !one && !joined {
				continue
			}
			if joined {
				e[r] = slices.Clone(e[r])
				e[r][i+1] *= e[r][i]
			}
			e[r] = slices.Delete(slices.Clone(e[r]), i, i+1)
			for _, f := range forms {
				if i < len(f.of[r]) {
					f.of[r] = slices.Delete(slices.Clone(f.of[r]), i, i+1)
				}
			}
		}
	}
}
