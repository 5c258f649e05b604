//go:build linux

package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// fenced returns n elements between two pages that must not be accessed. They end at the
// page after them, or begin at the page before them.
func fenced[F Float](t *testing.T, n int, atEnd bool) []F {
	t.Helper()
	page, bytes := syscall.Getpagesize(), n*gemmSize[F]()
	size := (bytes + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(all)) })
	require.NoError(t, syscall.Mprotect(all[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(all[page+size:], syscall.PROT_NONE))
	from := page
	if atEnd {
		from += size - bytes
	}
	return unsafe.Slice((*F)(unsafe.Pointer(&all[from])), n)
}

func TestGemmStaysInsideItsOperands(t *testing.T) {
	t.Run("float32", testGemmStaysInside[float32])
	t.Run("float64", testGemmStaysInside[float64])
}

func testGemmStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 80
	rng := rand.New(rand.NewPCG(7, 8))
	for _, atEnd := range []bool{true, false} {
		all := func(n int) []F { return fenced[F](t, n, atEnd) }
		as, bs, cs, biases, packs := all(most*most), all(most*4*most), all(most*4*most), all(4*most), all(most*5*most)
		// cut returns n elements next to a fence.
		cut := func(s []F, n int) []F {
			if atEnd {
				return s[len(s)-n:]
			}
			return s[:n]
		}
		for _, isa := range Supported() {
			scratches := all(40 * most)
			for i := range 1500 {
				m, n, k := 1+rng.IntN(most/2), 1+rng.IntN(most), 1+rng.IntN(most/2)
				if i%8 == 0 {
					m, n = 1+rng.IntN(3), 1+rng.IntN(4*most)
				}
				s := GemmShape{M: m, N: n, K: k, A: Strides{k, 1}, B: Strides{n, 1}, LDC: n}
				if i&1 > 0 {
					s.A = Strides{1, m}
				}
				if i&2 > 0 {
					s.B = Strides{1, k}
				}
				g, err := PlanGemm[F](isa, s)
				require.NoError(t, err)
				x := GemmArgs[F]{
					A: cut(as, m*k), B: cut(bs, k*n), C: cut(cs, m*n), Bias: cut(biases, n), Accumulate: i&4 > 0,
				}
				if i%3 == 0 {
					x.PackedB = cut(packs, g.PackedB())
					require.NoError(t, g.PackB(x.PackedB, x.B))
				}
				require.NoError(t, g.Run(x, cut(scratches, g.Scratch())))
			}
		}
	}
}

func TestABatchStaysInsideItsOperands(t *testing.T) {
	t.Run("float32", testBatchStaysInside[float32])
	t.Run("float64", testBatchStaysInside[float64])
}

func testBatchStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	rng := rand.New(rand.NewPCG(13, 14))
	for _, atEnd := range []bool{true, false} {
		const most = 1 << 15
		as, bs, cs, scratches := fenced[F](t, most, atEnd), fenced[F](t, most, atEnd), fenced[F](t, most, atEnd), fenced[F](t, most, atEnd)
		cut := func(s []F, n int) []F {
			if atEnd {
				return s[len(s)-n:]
			}
			return s[:n]
		}
		for _, isa := range Supported() {
			for range 500 {
				c := newBatchCase(rng, 1+rng.IntN(40), 1+rng.IntN(70), 1+rng.IntN(40), 1+rng.IntN(5))
				g, err := PlanGemmBatch[F](isa, c.shape, c.a, c.b, c.c)
				require.NoError(t, err)
				x := BatchArgs[F]{A: cut(as, c.ends[0]), B: cut(bs, c.ends[1]), C: cut(cs, c.ends[2])}
				require.NoError(t, g.Run(0, g.Len(), x, cut(scratches, g.Scratch())))
			}
		}
	}
}
