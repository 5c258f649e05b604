//go:build linux

package kernel

import (
	"fmt"
	"runtime/debug"
	"testing"
)

func TestInterleavingStaysInsideItsOperands(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, atEnd := range []bool{true, false} {
		for _, m := range []Image{
			{H: 1, W: 1, C: 1}, {H: 3, W: 5, C: 3}, {H: 4, W: 17, C: 2},
		} {
			for n := 1; n <= Group; n += 7 {
				t.Run(fmt.Sprint(m, n, atEnd), func(t *testing.T) {
					x, y := fenced[float32](t, n*m.C*m.H*m.W, atEnd), fenced[float32](t, m.Len(), atEnd)
					for _, isa := range Supported() {
						m.FromNCHW(isa, y, x, n, m.C*m.H*m.W)
						m.ToNCHW(isa, x, y, n, m.C*m.H*m.W)
					}
				})
			}
		}
	}
}
