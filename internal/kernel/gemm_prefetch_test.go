package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestPrefetchingDoesNotChangeTheProduct(t *testing.T) {
	t.Run("float32", testPrefetchChangesNothing[float32])
	t.Run("float64", testPrefetchChangesNothing[float64])
}

func testPrefetchChangesNothing[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for _, isa := range Supported() {
		for _, s := range [][3]int{{1, 1, 1}, {2, 300, 40}, {33, 130, 512}, {5, 40, 0}, {40, 20, 2000}} {
			m, n, k := s[0], s[1], s[2]
			_, a := gemmMatrix[F](rng, m, k, Strides{k, 1}, 0, false)
			_, b := gemmMatrix[F](rng, k, n, Strides{n, 1}, 0, false)
			g := packedPlan[F](t, isa, m, n, k, false)
			run := func(prefetch [][]F) []F {
				c := make([]F, m*n)
				require.NoError(t, g.Run(GemmArgs[F]{A: a, B: b, C: c, Prefetch: prefetch}, make([]F, g.Scratch())))
				return c
			}
			want := run(nil)
			many := make([][]F, 50)
			for i := range many {
				many[i] = make([]F, i*i)
			}
			for _, prefetch := range [][][]F{{}, {nil}, {make([]F, 1)}, {make([]F, 1<<16), nil, make([]F, 100)}, many} {
				require.Equal(t, want, run(prefetch), "%s %v", isa, s)
			}
		}
	}
}

func TestPrefetchCoversItsMemoryAndLittleElse(t *testing.T) {
	t.Run("float32", testPrefetchCoversMemory[float32])
	t.Run("float64", testPrefetchCoversMemory[float64])
}

func testPrefetchCoversMemory[F Float](t *testing.T) {
	if len(Supported()) == 1 {
		t.Skip("this build and machine have no assembly kernels")
	}
	for _, s := range [][3]int{{32, 128, 512}, {32, 512, 156}, {128, 512, 3584}} {
		g := packedPlan[F](t, Best(), s[0], s[1], s[2], false)
		memory := [][]F{make([]F, 32*512), make([]F, 32*128), make([]F, 32*160)}
		for range 8 {
			memory = append(memory, make([]F, 32*32))
		}
		f, kc := g.newPrefetch(Block{0, s[0], 0, s[1]}, memory)
		prefetched := map[uintptr]bool{} // by cache line
		calls := (s[0] + g.tiles.rows - 1) / g.tiles.rows * ((s[1] + g.tiles.panel() - 1) / g.tiles.panel()) * ((s[2] + kc - 1) / kc)
		for range calls {
			next, step := f.take(kc)
			if next == nil {
				break
			}
			for i := range kc {
				prefetched[(uintptr(unsafe.Pointer(next))+uintptr(i*step))/64] = true
			}
		}
		for _, m := range memory {
			for i := range m {
				require.True(t, prefetched[uintptr(unsafe.Pointer(&m[i]))/64], "%v: element %d of %d", s, i, len(m))
			}
		}
		require.LessOrEqual(t, len(prefetched), (32*(512+128+160)+8*32*32)/gemmAlign[F]()+len(memory)*(kc/64+4), s)
	}
}
