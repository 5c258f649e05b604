//go:build linux

package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
)

func TestLookupStaysInsideItsOperands(t *testing.T) {
	t.Run("float32", testLookupStaysInside[float32])
	t.Run("float64", testLookupStaysInside[float64])
}

func testLookupStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 1 << 13
	for _, atEnd := range []bool{true, false} {
		x, at, dst := fenced[F](t, most, atEnd), fenced[F](t, most, atEnd), fenced[F](t, most, atEnd)
		part := func(m []F, n int) []F {
			if atEnd {
				return m[most-n:]
			}
			return m[:n]
		}
		for seed := range uint64(100) {
			r := rand.New(rand.NewPCG(seed, 9))
			rows, n, count := 1+r.IntN(30), 1+r.IntN(140), 1+r.IntN(40)
			numbers := lookupNumbers[F](r, max(5*count, rows), rows)
			own := part(at, len(numbers))
			copy(own, numbers)
			for _, isa := range Supported() {
				for _, run := range lookupOps(LookupFor[F](isa)) {
					run(part(dst, count*n), part(x, rows*n), own, rows, n, count)
				}
			}
		}
	}
}
