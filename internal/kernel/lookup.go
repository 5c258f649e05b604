// Rows and elements that are found by their numbers.

package kernel

//go:generate go run -C _asm ./vector -part lookup -out ../lookup_amd64.s -stubs ../lookup_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part lookup -out ../lookup64_amd64.s -stubs ../lookup64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part lookup -out ../lookup_arm64.s -stubs ../lookup_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -float 64 -part lookup -out ../lookup64_arm64.s -stubs ../lookup64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part lookup -dispatch ../lookup_dispatch

// Lookup is the kernels that find the rows of a matrix, or the elements of a row, by
// their numbers. Numbers are stored as elements, from 0; what follows the decimal point
// is ignored. A number below 0, a NaN, and a number that is not below that of all rows
// name no row. All instruction sets return the same bits, except for the payload of a
// NaN. Results must not overlap operands.
type Lookup[F Float] struct {
	takeRows     func(dst, x, at []F, n int, limit F)
	sumRows      func(dst, x, at []F, n, count int, limit F)
	addRows      func(dst, x, at []F, n, first, rows int, limit F)
	takeElements func(dst, x, at []F, n, k int, limit F)
	addElements  func(dst, x, at []F, n, k int, limit F)
}

// LookupFor returns the kernels for isa, one of Supported.
func LookupFor[F Float](isa ISA) Lookup[F] {
	l := Lookup[F]{takeRowsGeneric[F], sumRowsGeneric[F], addRowsAtGeneric[F], takeElementsGeneric[F], addElementsGeneric[F]}
	switch l := any(&l).(type) {
	case *Lookup[float32]:
		bindLookup(isa, l)
	case *Lookup[float64]:
		bindLookup64(isa, l)
	}
	return l
}

// Rows sets row i of dst [len(at),n] to row at[i] of x [rows,n], or to NaN if there is
// none.
func (l *Lookup[F]) Rows(dst, x, at []F, rows, n int) {
	dst, x = dst[:len(at)*n], x[:rows*n]
	if len(dst) == 0 {
		return
	}
	for call := lookupRows(n); len(at) > 0; {
		k := min(call, len(at))
		l.takeRows(dst[:k*n], x, at[:k], n, F(rows))
		dst, at = dst[k*n:], at[k:]
	}
}

// RowSums sets each row of dst [len(at)/count,n] to the sum of the rows of x [rows,n]
// that count numbers of at name. They are added to 0 in the order of the numbers. The
// sum is NaN if one of them names no row.
func (l *Lookup[F]) RowSums(dst, x, at []F, rows, n, count int) {
	if count == 0 {
		clear(dst)
		return
	}
	sums := len(at) / count
	dst, x = dst[:sums*n], x[:rows*n]
	if len(dst) == 0 {
		return
	}
	for call := lookupRows(n * count); sums > 0; {
		k := min(call, sums)
		l.sumRows(dst[:k*n], x, at[:k*count], n, count, F(rows))
		dst, at, sums = dst[k*n:], at[k*count:], sums-k
	}
}

// AddRows adds row i of x [len(at),n] to row at[i] of an array [rows,n], in the order of
// the numbers. dst is the rows of the array from first on; other rows are left out.
func (l *Lookup[F]) AddRows(dst, x, at []F, rows, first, n int) {
	x = x[:len(at)*n]
	if len(x) == 0 {
		return
	}
	some := len(dst) / n
	for call := lookupRows(n); len(at) > 0; {
		k := min(call, len(at))
		l.addRows(dst, x[:k*n], at[:k], n, first, some, F(rows))
		x, at = x[k*n:], at[k:]
	}
}

// Elements sets element i of each row of dst [rows,k] to element at[i] of the row of x
// [rows,n], or to NaN if there is none. at [rows,k] has numbers for each row.
func (l *Lookup[F]) Elements(dst, x, at []F, rows, n, k int) {
	dst, x, at = dst[:rows*k], x[:rows*n], at[:rows*k]
	if len(dst) == 0 {
		return
	}
	for call := lookupRows(8 * k); rows > 0; {
		r := min(call, rows)
		l.takeElements(dst[:r*k], x[:r*n], at[:r*k], n, k, F(n))
		dst, x, at, rows = dst[r*k:], x[r*n:], at[r*k:], rows-r
	}
}

// AddElements adds element i of each row of x [rows,k] to element at[i] of the row of dst
// [rows,n], in this order. Numbers that do not exist are left out. at [rows,k] has numbers
// for each row.
func (l *Lookup[F]) AddElements(dst, x, at []F, rows, n, k int) {
	dst, x, at = dst[:rows*n], x[:rows*k], at[:rows*k]
	if len(x) == 0 {
		return
	}
	for call := lookupRows(8 * k); rows > 0; {
		r := min(call, rows)
		l.addElements(dst[:r*n], x[:r*k], at[:r*k], n, k, F(n))
		dst, x, at, rows = dst[r*n:], x[r*k:], at[r*k:], rows-r
	}
}

// lookupRows is the number of rows of n elements that a call of the assembly may have.
func lookupRows(n int) int { return max(1, vectorsPerCall/(4+n/8)) }
