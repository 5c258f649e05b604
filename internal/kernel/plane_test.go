package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// planeCell draws a cell that often equals another. Some cells are zeros of either sign,
// infinite or NaN.
func planeCell[F Float](r *rand.Rand) F {
	if r.IntN(12) > 0 {
		return F(r.IntN(7) - 3)
	}
	return oneOf[F](r)
}

// randomWindows returns random windows, and the number of cells of the plane.
func randomWindows(r *rand.Rand) (w PlaneWindows, cells int) {
	w = PlaneWindows{
		Windows: [2]int{1 + r.IntN(6), 1 + r.IntN(40)}, Size: [2]int{1 + r.IntN(4), 1 + r.IntN(4)},
		Stride: [2]int{1 + r.IntN(3), 1 + r.IntN(3)},
	}
	if r.IntN(3) == 0 {
		w.Windows[1] = 1 + r.IntN(5)
	}
	width := (w.Windows[1]-1)*w.Stride[1] + w.Size[1]
	w.LD = width + r.IntN(3)
	return w, ((w.Windows[0]-1)*w.Stride[0]+w.Size[0]-1)*w.LD + width
}

// planeOps returns the kernels by name.
func planeOps[F Float](isa ISA) map[string]func(y, x []F, w PlaneWindows) {
	p := PlanesFor[F](isa)
	return map[string]func(y, x []F, w PlaneWindows){"max": p.Max, "place": p.Place, "sum": p.Sum}
}

func checkPlanes[F Float](t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	w, cells := randomWindows(r)
	x, results := make([]F, cells), w.Windows[0]*w.Windows[1]
	for i := range x {
		x[i] = planeCell[F](r)
	}
	for name, plain := range planeOps[F](Plain) {
		want := make([]F, results)
		plain(want, x, w)
		for _, isa := range assembly(t) {
			whole, got := operand(r, results, 3, planeCell[F])
			planeOps[F](isa)[name](got, x, w)
			requireVectorGuards(t, whole, results, 3)
			for i := range want {
				if !sameNumber(want[i], got[i]) {
					require.Failf(t, "bits differ", "%s by %s, %+v: result %d is %v, want %v", name, isa, w, i, got[i], want[i])
				}
			}
		}
	}
}

func TestPlaneAssemblyEqualsItsTwin(t *testing.T) {
	for seed := range uint64(600) {
		checkPlanes[float32](t, seed)
		checkPlanes[float64](t, seed)
	}
}

func FuzzPlanes(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		checkPlanes[float32](t, seed)
		checkPlanes[float64](t, seed)
	})
}

func TestPlanesEqualTheirDefinition(t *testing.T) {
	nan, inf, minus := float32(math.NaN()), float32(math.Inf(1)), float32(math.Copysign(0, -1))
	cases := map[string]struct {
		window          [4]float32
		max, place, sum float32
	}{
		"numbers":                {[4]float32{1, 4, 3, 2}, 4, 1, 10},
		"the first of equals":    {[4]float32{1, 4, 4, 4}, 4, 1, 13},
		"0 before -0":            {[4]float32{minus, -1, 0, minus}, 0, 0, -1},
		"-0 alone":               {[4]float32{minus, minus, minus, minus}, minus, 0, 0},
		"the first NaN":          {[4]float32{inf, nan, nan, 2}, nan, 1, nan},
		"a NaN at the beginning": {[4]float32{nan, 1, inf, 3}, nan, 0, nan},
		"only -Inf":              {[4]float32{-inf, -inf, -inf, -inf}, -inf, 0, -inf},
	}
	for name, c := range cases {
		for _, isa := range Supported() {
			for stride := 1; stride <= 3; stride++ { // a row of equal windows
				const windows = 21
				ld := (windows-1)*stride + 2
				x := make([]float32, 2*ld)
				w := PlaneWindows{Windows: [2]int{1, windows}, Size: [2]int{2, 2}, Stride: [2]int{1, stride}, LD: ld}
				for q := 0; q < windows; q += 2 {
					copy(x[q*stride:], c.window[:2])
					copy(x[ld+q*stride:], c.window[2:])
				}
				for what, want := range map[string]float32{"max": c.max, "place": c.place, "sum": c.sum} {
					y := make([]float32, windows)
					planeOps[float32](isa)[what](y, x, w)
					for q := 0; q < windows; q += 2 {
						if !sameNumber(want, y[q]) {
							require.Equal(t, want, y[q], "%s: %s by %s, stride %d, window %d", name, what, isa, stride, q)
						}
					}
				}
			}
		}
	}
}

func TestPlanesAllocateNothing(t *testing.T) {
	p := PlanesFor[float32](Best())
	x, y := make([]float32, 28*28), make([]float32, 14*14)
	w := PlaneWindows{Windows: [2]int{14, 14}, Size: [2]int{2, 2}, Stride: [2]int{2, 2}, LD: 28}
	require.Zero(t, testing.AllocsPerRun(3, func() {
		p.Max(y, x, w)
		p.Place(y, x, w)
		p.Sum(y, x, w)
	}))
}

func BenchmarkPlanes(b *testing.B) {
	b.Run("float32", benchmarkPlanes[float32])
	b.Run("float64", benchmarkPlanes[float64])
}

func benchmarkPlanes[F Float](b *testing.B) {
	x, y := make([]F, 30*30), make([]F, 28*28)
	for i := range x {
		x[i] = F(i * 31 % 97)
	}
	for name, w := range map[string]PlaneWindows{
		"2x2 by 2": {Windows: [2]int{14, 14}, Size: [2]int{2, 2}, Stride: [2]int{2, 2}, LD: 28},
		"3x3 by 2": {Windows: [2]int{14, 14}, Size: [2]int{3, 3}, Stride: [2]int{2, 2}, LD: 30},
		"3x3 by 1": {Windows: [2]int{28, 28}, Size: [2]int{3, 3}, Stride: [2]int{1, 1}, LD: 30},
		"2x2 to 7": {Windows: [2]int{7, 7}, Size: [2]int{2, 2}, Stride: [2]int{2, 2}, LD: 14},
	} {
		for _, isa := range Supported() {
			for what, run := range planeOps[F](isa) {
				b.Run(fmt.Sprintf("%s/%s/%s", name, what, isa), func(b *testing.B) {
					for b.Loop() {
						run(y, x, w)
					}
				})
			}
		}
	}
}
