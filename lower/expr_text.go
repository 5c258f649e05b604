package lower

import (
	"strconv"
	"strings"
)

// String prints the expression in one canonical form, such as "add(mul(a0,0.5),a1)".
// Equal strings mean equal expressions. A large expression has names for the parts
// that are read more than once; each of those is printed once.
func (e Expr) String() string {
	var b strings.Builder
	if e.n != nil && e.n.size >= hugeExpr {
		e.writeShared(&b)
		return b.String()
	}
	if e.n != nil {
		b.Grow(8 * e.n.size) // about 8 bytes for each part
	}
	e.write(&b, nil)
	return b.String()
}

func (e Expr) write(b *strings.Builder, names map[*exprNode]string) {
	switch {
	case e.n == nil:
		b.WriteString("invalid")
	case names[e.n] != "":
		b.WriteString(names[e.n])
	case e.n.fn == FnArg:
		b.WriteString("a" + strconv.Itoa(e.n.arg))
	case e.n.fn == FnNum:
		b.WriteString(strconv.FormatFloat(e.n.num, 'g', -1, 64))
	default:
		b.WriteString(fns[e.n.fn].name)
		b.WriteByte('(')
		for i, a := range e.n.args {
			if i > 0 {
				b.WriteByte(',')
			}
			a.write(b, names)
		}
		b.WriteByte(')')
	}
}

// writeShared writes the parts that are read more than once, and then the rest.
func (e Expr) writeShared(b *strings.Builder) {
	readers := map[*exprNode]int{}
	var order []Expr // operands first
	var walk func(Expr)
	walk = func(e Expr) {
		if readers[e.n]++; readers[e.n] > 1 || len(e.n.args) == 0 {
			return
		}
		for _, a := range e.n.args {
			walk(a)
		}
		order = append(order, e)
	}
	walk(e)
	names := map[*exprNode]string{}
	for _, part := range order {
		if readers[part.n] > 1 {
			name := "t" + strconv.Itoa(len(names))
			b.WriteString(name + "=")
			part.write(b, names)
			b.WriteString("; ")
			names[part.n] = name
		}
	}
	e.write(b, names)
}
