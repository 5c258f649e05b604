//go:build linux

package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
)

func TestVectorKernelsStayInsideTheirOperands(t *testing.T) {
	t.Run("float32", testVectorStaysInside[float32])
	t.Run("float64", testVectorStaysInside[float64])
}

func testVectorStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 67
	r := rand.New(rand.NewPCG(6, 7))
	for _, atEnd := range []bool{true, false} {
		var memory, part [4][]F
		for i := range memory {
			memory[i] = fenced[F](t, most, atEnd)
		}
		for n := range most + 1 {
			for i, m := range memory {
				part[i] = m[:n]
				if atEnd {
					part[i] = m[len(m)-n:]
				}
				for k := range part[i] {
					part[i][k] = oneOf[F](r)
				}
			}
			for _, isa := range Supported() {
				for _, c := range vectorCases[F]() {
					c.run(vectorsFor[F](isa), part[0], part[1], part[2], part[3], 1, 2)
				}
			}
		}
	}
}
