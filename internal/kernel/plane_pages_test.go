//go:build linux

package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
)

func TestPlanesStayInsideTheirOperands(t *testing.T) {
	t.Run("float32", testPlanesStayInside[float32])
	t.Run("float64", testPlanesStayInside[float64])
}

func testPlanesStayInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 1 << 14
	for _, atEnd := range []bool{true, false} {
		x, y := fenced[F](t, most, atEnd), fenced[F](t, most, atEnd)
		part := func(m []F, n int) []F {
			if atEnd {
				return m[most-n:]
			}
			return m[:n]
		}
		for seed := range uint64(300) {
			w, cells := randomWindows(rand.New(rand.NewPCG(seed, 9)))
			for _, isa := range Supported() {
				for _, run := range planeOps[F](isa) {
					run(part(y, w.Windows[0]*w.Windows[1]), part(x, cells), w)
				}
			}
		}
	}
}
