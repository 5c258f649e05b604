package code

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// product is C[b,m,n] = sum over k of A[b,m,k] B[b,k,n], and its epilogue.
type product struct {
	extents
	a, b     operand
	epilogue epilogue
	// group is how many neighbouring columns make an item for the epilogue:
	// those along the last of the columns' axes. 1 if each column is an item.
	group int
}

// epilogue is what a product does with its items.
type epilogue interface {
	// forms are those of the epilogue, in the product's axes, without the
	// group's.
	forms() []*form
	// item writes the code for the item at [b,m,n], whose elements are c. The
	// code can use split, the number of the part of the depth.
	item(m *maker, p *part, e *extents, c []string) error
	// sums are the sums over the block's items that item adds to.
	sums() []*blockSum
}

// blockSum is a sum, or a maximum, over items of a block: over the rows, the
// columns or both. item adds to it by more.
type blockSum struct {
	kind          lower.ReduceKind
	rows, columns bool
	// to is memory for a sum of each block: [batch][blocks along the rows][columns],
	// [batch][blocks along the columns][rows], or [batch][blocks].
	to Ref

	name string
}

// productWriter writes the kernel of a product.
type productWriter struct {
	*maker
	*product
	cut
	*part
	all, items extents // of the product and of its items, with axes joined
	a, b       operand // with axes joined
	down       int     // blocks along the rows
	across     int     // blocks along the columns
}

// extent is the product's size.
func (m *maker) extent(p *product, splits int) extent {
	e, _, _ := p.joined()
	return extent{batch: e.size(batch), m: e.size(rows), n: e.size(columns), k: e.size(depth), inner: inner(e[depth]), group: p.group, double: m.double, splits: splits}
}

// joined are the extents and the operands, with axes joined.
func (p *product) joined() (e extents, a, b operand) {
	e, a, b = p.extents, p.a.clone(), p.b.clone()
	var forms []*form
	for _, o := range []operand{a, b} {
		for i := range o {
			forms = append(forms, o[i].forms()...)
		}
	}
	joinAxes(&e, forms)
	return e, a, b
}

// inner is how many elements the last axes have together, as many axes as a
// piece can be made to fit: 1 if there is a single axis, 0 if the last one is
// too long.
func inner(axes []int) int {
	if len(axes) < 2 {
		return 1
	}
	n := 1
	for i := len(axes) - 1; i >= 0 && n*axes[i] <= maxInner; i-- {
		n *= axes[i]
	}
	if n == 1 {
		return 0
	}
	return n
}

// multiply adds the call that computes a product with a given cut.
func (m *maker) multiply(p *product, c cut) error {
	w := productWriter{maker: m, product: p, cut: c, items: p.extents}
	w.all, w.a, w.b = p.joined()
	if p.group > 1 {
		last := len(p.extents[columns]) - 1
		w.items[columns] = p.extents[columns][:last:last]
	}
	joinAxes(&w.items, p.epilogue.forms())
	w.down, w.across = ceil(w.all.size(rows), w.high), ceil(w.all.size(columns), w.wide)
	w.part = newPart("product", w.all.size(batch)*w.splits*w.down*w.across)
	w.part.threads = w.cut.threads()
	m.kernels.define(tileSource)
	w.begin()
	if err := w.writeEpilogue(); err != nil {
		return err
	}
	m.launch(w.part)
	return nil
}

// begin writes which part of the product the block computes, and the product.
// Blocks of the same columns follow one another, because they read the same
// part of B.
func (w *productWriter) begin() {
	size := func(r role) int { return w.all.size(r) }
	w.line("// [%d,%d] = [%d,%d] [%d,%d]", size(rows), size(columns), size(rows), size(depth), size(depth), size(columns))
	deepA := w.a.neighbours(&w.all, depth) > w.a.neighbours(&w.all, rows)
	deepB := w.b.neighbours(&w.all, depth) > w.b.neighbours(&w.all, columns)
	w.line("typedef %s tile;", w.cut.name(deepA, deepB))
	w.line("alignas(16) __shared__ real memory[tile::memory];")
	before := 1
	place := func(n int) string {
		if n == 1 {
			return "0"
		}
		s := "int(block)"
		if before > 1 {
			s += fmt.Sprintf(" / %d", before)
		}
		if before *= n; before < w.part.blocks {
			s += fmt.Sprintf(" %% %d", n)
		}
		return s
	}
	w.line("const int tileRow = %s, tileColumn = %s;", place(w.down), place(w.across))
	w.line("const int split = %s, b = %s;", place(w.splits), place(size(batch)))
	w.line("const int top = tileRow * %d, left = tileColumn * %d;", w.high, w.wide)
	w.splitIndex(&w.all, batch)
	begin, end := "0", fmt.Sprint(size(depth))
	if w.splits > 1 {
		w.line("const int first = split * %d;", w.share)
		begin, end = "first", fmt.Sprintf("min(first + %d, %s)", w.share, end)
	}
	w.line("real c[%d][%d] = {};", w.cut.rows, w.cut.columns)
	w.line("tile::multiply(c, memory, %s, %s,", begin, end)
	w.part.depth++
	w.load(w.a, "int m, int k, int d", "m += top", rows, w.high, "},")
	w.load(w.b, "int k, int d, int n", "n += left", columns, w.wide, "});")
	w.part.depth--
}

// splitIndex writes the code that splits an index.
func (w *productWriter) splitIndex(e *extents, r role) { e.splitIndex(&w.part.text, r) }

// load writes the function that returns an operand's element. Its place along
// one side of the tile is counted from the beginning of the tile.
func (w *productWriter) load(o operand, params, move string, side role, step int, end string) {
	w.line("[=](%s) -> real {", params)
	w.part.depth++
	w.line("%s;", move)
	var outside []string
	if n := w.all.size(side); n%step > 0 {
		outside = append(outside, fmt.Sprintf("%s >= %d", letters[side], n))
	}
	if n := w.all.size(depth); n%w.deep > 0 {
		outside = append(outside, fmt.Sprintf("k + d >= %d", n))
	}
	if outside != nil {
		w.line("if (%s) return 0;", strings.Join(outside, " || "))
	}
	w.splitIndex(&w.all, side)
	w.all.splitDepth(&w.part.text, w.deep)
	o.text(&w.part.text, &w.all, w.read)
	w.part.depth--
	w.line("%s", end)
}
