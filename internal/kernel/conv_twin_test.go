package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// special draws small integers, whose sums are exact in any order, and a few values that
// are not finite.
func special(r *rand.Rand, n int) []float32 {
	v := draws(r, n, true)
	for i := range v {
		if r.IntN(200) == 0 {
			v[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}[r.IntN(3)]
		}
	}
	return v
}

// requireSameBits fails unless the values are equal; NaN equals NaN.
func requireSameBits(t *testing.T, want, got []float32) {
	t.Helper()
	for i, v := range want {
		if v != got[i] && (v == v || got[i] == got[i]) {
			require.Failf(t, "the twins differ", "element %d: want %v, got %v", i, v, got[i])
		}
	}
}

func TestConvTilesEqualTheirTwin(t *testing.T) {
	largest := map[ISA]map[int]int{ // pixels, by outputs
		Plain:  {1: 3},
		AVX2:   {1: 10, 2: 6},
		AVX512: {1: 14, 2: 7, 4: 6},
	}
	r := rand.New(rand.NewPCG(1, 5))
	for _, isa := range Supported() {
		for outs, most := range largest[isa] {
			for _, taps := range []int{1, 3} {
				for pixels := 1; pixels <= most; pixels++ {
					t.Run(fmt.Sprint(isa, taps, pixels, outs), func(t *testing.T) {
						for try := range 6 {
							a := convTile{
								segs: []int{32, 0, 7}[:try%4], c: 1 + r.IntN(3), xStep: 48 + r.IntN(5), yStep: outs*2*Group + r.IntN(5),
								tiles: r.IntN(4), groups: r.IntN(3), add: r.IntN(2), relu: r.IntN(2),
							}
							reach := (4*pixels+taps)*a.xStep + 5*Group
							a.x, a.w = special(r, reach+1)[1:], draws(r, a.groups*len(a.segs)*a.c*taps*outs, true)
							if try%2 == 0 {
								a.bias = draws(r, 2*outs, true)
							}
							start := draws(r, 4*pixels*a.yStep+2*outs*Group, true)
							all, got := guarded(len(start))
							copy(got, start)
							want := append([]float32{}, start...)
							b := a
							b.y = want
							convTileGeneric(&b, taps, pixels, outs)
							a.y = got
							runConvTile(isa, &a, taps, pixels, outs)
							requireGuards(t, all)
							requireSameBits(t, want, got)
						}
					})
				}
			}
		}
	}
}

func TestSquareConvFilterEqualsItsTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for _, isa := range Supported() {
		lanes := filterLanes(isa)
		for try := range 8 {
			a := convFilterTile{
				rows: r.IntN(4), cols: 1 + r.IntN(11), xCol: Group + r.IntN(5), xTap: 16 + r.IntN(5), dyCol: Group + r.IntN(5), fresh: try % 2,
			}
			a.xRow, a.dyRow, a.xTapRow = a.cols*a.xCol+3, a.cols*a.dyCol+2, 11*Group+r.IntN(9)
			reach := max(0, a.rows-1)*a.xRow + (a.cols-1)*a.xCol + 2*a.xTap + 2*a.xTapRow + Group
			a.x, a.dy = special(r, reach+1)[1:], draws(r, a.rows*a.dyRow+Group, true)
			start := draws(r, 9*lanes, true)
			all, got := guarded(len(start))
			copy(got, start)
			want := append([]float32{}, start...)
			b := a
			b.acc = want
			convFilterSquareGeneric(&b, lanes)
			a.acc = got
			runConvFilterSquare(isa, &a)
			requireGuards(t, all)
			requireSameBits(t, want, got)
		}
	}
}

func TestConvFiltersEqualTheirTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for _, isa := range Supported() {
		lanes := filterLanes(isa)
		for taps := 1; taps <= 3; taps++ {
			limit := 8
			if taps == 1 {
				limit = 16
			}
			if isa == AVX2 {
				limit /= 2
			}
			for ins := 1; ins <= 8; ins *= 2 {
				for outs := 1; outs <= 8 && ins*outs <= limit; outs *= 2 {
					t.Run(fmt.Sprint(isa, taps, ins, outs), func(t *testing.T) {
						for try := range 6 {
							a := convFilterTile{
								rows: r.IntN(4), cols: 1 + r.IntN(11), xCol: ins*Group + r.IntN(5), xTap: 16 + r.IntN(5),
								dyCol: outs*Group + r.IntN(5), fresh: try % 2,
							}
							if try >= 3 { // the kernels for rows
								a.xTap = a.xCol
							}
							a.xRow, a.dyRow = a.cols*a.xCol+3, a.cols*a.dyCol+2
							a.x = special(r, a.rows*a.xRow+3*a.xTap+ins*Group+16)
							a.dy = draws(r, a.rows*a.dyRow+outs*Group+16, true)
							start := draws(r, taps*ins*outs*lanes, true)
							all, got := guarded(len(start))
							copy(got, start)
							want := append([]float32{}, start...)
							b := a
							b.acc = want
							convFilterGeneric(&b, taps, ins, outs, lanes)
							a.acc = got
							convFilters(isa, &a, taps, ins, outs)
							requireGuards(t, all)
							requireSameBits(t, want, got)
						}
					})
				}
			}
		}
	}
}
