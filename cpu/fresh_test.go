package cpu

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestUninitializedMemoryIsNotShared(t *testing.T) {
	for _, n := range []int{0, 1, 7, minUninitializedBytes/4 - 1, minUninitializedBytes / 4, minUninitializedBytes/4 + 1, 100003} {
		var all [][]float32
		for k := range 5 {
			x := uninitialized[float32](n)
			require.Len(t, x, n)
			require.Equal(t, n, cap(x))
			for i := range x {
				x[i] = float32(k + i)
			}
			all = append(all, x)
			runtime.GC()
		}
		for k, x := range all {
			for i := range x {
				if x[i] != float32(k+i) {
					t.Fatalf("%d elements: memory %d is %v at %d", n, k, x[i], i)
				}
			}
			if 4*n >= minUninitializedBytes {
				require.Zero(t, uintptr(unsafe.Pointer(&x[0]))%64, "%d elements", n)
			}
		}
	}
	require.Len(t, uninitialized[float64](minUninitializedBytes), minUninitializedBytes)
}
