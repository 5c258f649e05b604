package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// zero is the sum of no elements, in C.
func (s *blockSum) zero() string {
	if s.kind == lower.ReduceMax {
		return "-infinity()"
	}
	return "0"
}

// more writes the addition of a value.
func (s *blockSum) more(t *text, value string) {
	if s.kind == lower.ReduceMax {
		t.line("%s = greater(%s, %s);", s.name, s.name, value)
		return
	}
	t.line("%s += %s;", s.name, value)
}

// fold is the sum of a value over count threads of the block, stride apart, in C.
func (s *blockSum) fold(value string, count, stride int, place string) string {
	return fmt.Sprintf("fold<%d, %d, %v>(%s, sums, %s)", count, stride, s.kind == lower.ReduceMax, value, place)
}

// writeEpilogue writes how the block's elements reach the epilogue: in passes through
// shared memory, so that neighbouring threads have neighbouring columns, whichever
// threads computed them.
func (w *productWriter) writeEpilogue() error {
	threads, items := w.cut.threads(), w.wide/w.product.group
	wide := min(items, threads) // threads along a row
	tall, turns, high := threads/wide, items/wide, w.high/w.passes()
	sums := w.product.epilogue.sums()
	if len(sums) > 0 {
		w.line("__shared__ real sums[%d];", threads)
	}
	for i, s := range sums {
		s.name = fmt.Sprintf("s%d", i)
		switch {
		case s.rows && s.columns:
			w.line("real %s = %s;", s.name, s.zero())
		case s.rows:
			w.line("real %s[%d];", s.name, turns)
			w.line("for (int q = 0; q < %d; q++) %s[q] = %s;", turns, s.name, s.zero())
			s.name += "[q]"
		}
	}
	w.line("const int right = threadIdx.x %% %d, below = threadIdx.x / %d;", wide, wide)
	w.line("#pragma unroll")
	w.open("for (int pass = 0; pass < tile::passes; pass++)")
	w.line("tile::stage(c, memory, pass);")
	w.splitIndex(&w.items, batch)
	w.open("for (int step = 0; step < %d; step += %d)", high, tall)
	w.line("const int row = step + below, m = top + pass * %d + row;", high)
	inside := ""
	if high%tall > 0 {
		inside = fmt.Sprintf("row < %d", high)
	}
	if n := w.items.size(rows); n%w.high > 0 {
		inside = and(inside, fmt.Sprintf("m < %d", n))
	}
	w.splitIndex(&w.items, rows)
	for _, s := range sums {
		if !s.rows {
			w.line("real %s = %s;", s.name, s.zero())
		}
	}
	w.line("#pragma unroll")
	w.open("for (int q = 0; q < %d; q++)", turns)
	w.line("const int i = q * %d + right, n = tileColumn * %d + i;", wide, items)
	within := inside
	if n := w.items.size(columns); n%items > 0 {
		within = and(within, fmt.Sprintf("n < %d", n))
	}
	if within != "" {
		w.line("if (!(%s)) continue;", within)
	}
	c := make([]string, w.product.group)
	for g := range c {
		c[g] = fmt.Sprintf("c%d", g)
		w.line("const real c%d = tile::staged(memory, row, %s);", g, column(w.product.group, g))
	}
	w.splitIndex(&w.items, columns)
	if err := w.product.epilogue.item(w.maker, w.part, &w.items, c); err != nil {
		return err
	}
	w.close()
	for _, s := range sums {
		if !s.rows {
			w.line("%s = %s;", s.name, s.fold(s.name, wide, 1, "right"))
			w.line("if (%s) %s[(b * %d + tileColumn) * %d + m] = %s;", and("right == 0", inside), w.part.write(s.to), w.across, w.items.size(rows), s.name)
		}
	}
	w.close()
	if w.passes() > 1 {
		w.line("__syncthreads();")
	}
	w.close()
	for _, s := range sums {
		switch n := w.items.size(columns); {
		case s.rows && s.columns:
			w.line("%s = %s;", s.name, s.fold(s.name, threads, 1, "threadIdx.x"))
			w.line("if (threadIdx.x == 0) %s[(b * %d + tileRow) * %d + tileColumn] = %s;", w.part.write(s.to), w.down, w.across, s.name)
		case s.rows:
			w.open("for (int q = 0; q < %d; q++)", turns)
			w.line("const int n = tileColumn * %d + q * %d + right;", items, wide)
			w.line("const real s = %s;", s.fold(s.name, tall, wide, "below"))
			w.line("if (below == 0 && n < %d) %s[(b * %d + tileRow) * %d + n] = s;", n, w.part.write(s.to), w.down, n)
			w.close()
		}
	}
	return nil
}

// column is the column of the g-th element of item i, in C.
func column(group, g int) string {
	if group == 1 {
		return "i"
	}
	return fmt.Sprintf("i * %d + %d", group, g)
}

// and is the conjunction of two conditions; either may be empty.
func and(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " && " + b
}
