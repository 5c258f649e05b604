package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestWhatIsFetchedDoesNotChangeTheProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for _, isa := range Supported() {
		for _, s := range [][3]int{{1, 1, 1}, {2, 300, 40}, {33, 130, 512}, {5, 40, 0}, {40, 20, 2000}} {
			m, n, k := s[0], s[1], s[2]
			_, a := gemmMatrix(rng, m, k, Strides{k, 1}, 0, false)
			_, b := gemmMatrix(rng, k, n, Strides{n, 1}, 0, false)
			g := packedPlan(t, isa, m, n, k, false)
			run := func(fetch [][]float32) []float32 {
				c := make([]float32, m*n)
				require.NoError(t, g.Run(GemmArgs[float32]{A: a, B: b, C: c, Fetch: fetch}, make([]float32, g.Scratch())))
				return c
			}
			want := run(nil)
			many := make([][]float32, 50)
			for i := range many {
				many[i] = make([]float32, i*i)
			}
			for _, fetch := range [][][]float32{{}, {nil}, {make([]float32, 1)}, {make([]float32, 1<<16), nil, make([]float32, 100)}, many} {
				require.Equal(t, want, run(fetch), "%s %v", isa, s)
			}
		}
	}
}

func TestFetchTouchesAllOfTheMemoryAndLittleElse(t *testing.T) {
	if len(Supported()) == 1 {
		t.Skip("this build and machine have no assembly kernels")
	}
	for _, s := range [][3]int{{32, 128, 512}, {32, 512, 156}, {128, 512, 3584}} {
		g := packedPlan(t, Best(), s[0], s[1], s[2], false)
		memory := [][]float32{make([]float32, 32*512), make([]float32, 32*128), make([]float32, 32*160)}
		for range 8 {
			memory = append(memory, make([]float32, 32*32))
		}
		f, kc := g.newFetch(Block{0, s[0], 0, s[1]}, memory)
		touched := map[uintptr]bool{} // by cache line
		calls := (s[0] + g.tiles.rows - 1) / g.tiles.rows * ((s[1] + g.tiles.panel() - 1) / g.tiles.panel()) * ((s[2] + kc - 1) / kc)
		for range calls {
			next, step := f.take(kc)
			if next == nil {
				break
			}
			for i := range kc {
				touched[(uintptr(unsafe.Pointer(next))+uintptr(i*step))/64] = true
			}
		}
		for _, m := range memory {
			for i := range m {
				require.True(t, touched[uintptr(unsafe.Pointer(&m[i]))/64], "%v: element %d of %d", s, i, len(m))
			}
		}
		require.LessOrEqual(t, len(touched), (32*(512+128+160)+8*32*32)/16+len(memory)*(kc/64+4), s)
	}
}
