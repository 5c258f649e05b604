package code

// The library computes large products of plain matrices.
const (
	libraryExtent = 128     // the least of the rows, the columns and the depth
	libraryWork   = 1 << 27 // the least product of the three
)

// byLibrary returns the library call that computes a product, if it is large
// enough and the layouts allow it. Its C is not set.
func byLibrary(p placed) (Product, bool) {
	if len(p.a) != 1 || len(p.b) != 1 || len(p.a[0].within) > 0 || len(p.b[0].within) > 0 {
		return Product{}, false
	}
	e, a, b := p.extents, p.a[0].form, p.b[0].form
	c := through(p.place, p.shape.Strides())
	joinAxes(&e, []*form{&a, &b, &c})
	m, n, k := e.size(rows), e.size(columns), e.size(depth)
	if min(m, n, k) < libraryExtent || m*n*k < libraryWork {
		return Product{}, false
	}
	for r := range e {
		if len(e[r]) > 1 {
			return Product{}, false
		}
	}
	call := Product{M: m, N: n, K: k, Batch: e.size(batch), StrideA: a.factor(batch, 0), StrideB: b.factor(batch, 0), StrideC: c.factor(batch, 0), A: p.a[0].at, B: p.b[0].at}
	var okA, okB, okC, transposed bool
	call.LdA, call.TransA, okA = leading(m, k, a.factor(rows, 0), a.factor(depth, 0))
	call.LdB, call.TransB, okB = leading(k, n, b.factor(depth, 0), b.factor(columns, 0))
	call.LdC, transposed, okC = leading(m, n, c.factor(rows, 0), c.factor(columns, 0))
	return call, okA && okB && okC && !transposed && call.StrideA >= 0 && call.StrideB >= 0 && call.StrideC >= 0
}

// leading returns how far apart a matrix's rows are, or its columns if it is
// stored transposed; ok is false if both have gaps.
func leading(m, n, row, column int) (ld int, trans, ok bool) {
	if column == 1 && row >= n {
		return row, false, true
	}
	return column, true, row == 1 && column >= m
}
