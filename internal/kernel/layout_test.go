package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInterleavingImagesAndTheReverse(t *testing.T) {
	images := []Image{
		{H: 1, W: 1, C: 1},
		{H: 28, W: 28, C: 1, Halo: Halo{1, 1, 1, 1}},
		{H: 3, W: 17, C: 5, Halo: Halo{0, 2, 1, 3}},
		{H: 3, W: 8, C: 3},
		{H: 2, W: 14, C: 1, Halo: Halo{1, 1, 1, 1}},
		{H: 2, W: 40, C: 2, Halo: Halo{1, 0, 0, 0}},
		{H: 5, W: 5, C: 7, Halo: Halo{1, 1, 1, 1}},
		{H: 9, W: 15, C: 3},
		{H: 30, W: 35, C: 2, Halo: Halo{1, 0, 2, 1}},
	}
	for _, isa := range Supported() {
		for _, m := range images {
			for _, n := range []int{1, 3, 8, 15, 16} {
				t.Run(fmt.Sprint(isa, m, n), func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, uint64(n)))
					src := draws(r, n*m.C*m.H*m.W, false)
					all, dst := guarded(m.Len())
					m.FromNCHW(isa, dst, src, n, m.C*m.H*m.W)
					requireGuards(t, all)
					want := make([]float32, m.Len())
					for i := range want {
						want[i] = guard
					}
					for y := range m.H {
						for x := range m.W {
							for c := range m.C {
								lanes := want[m.at(y, x, c):][:Group]
								clear(lanes)
								for k := range n {
									lanes[k] = src[((k*m.C+c)*m.H+y)*m.W+x]
								}
							}
						}
					}
					require.Equal(t, want, dst)

					all, got := guarded(len(src))
					m.ToNCHW(isa, got, dst, n, m.C*m.H*m.W)
					requireGuards(t, all)
					require.Equal(t, src, got)
				})
			}
		}
	}
}

func TestClearHaloWritesOnlyTheHalo(t *testing.T) {
	m := Image{H: 2, W: 3, C: 2, Halo: Halo{1, 2, 3, 0}}
	all, buf := guarded(m.Len())
	m.ClearHalo(buf)
	requireGuards(t, all)
	inside := 0
	for _, v := range buf {
		if v == guard {
			inside++
		}
	}
	require.Equal(t, 2*3*2*Group, inside)
	for y := range m.H {
		for x := range m.W {
			require.Equal(t, float32(guard), buf[m.at(y, x, 1)])
		}
	}
}

func TestHaloMaxIsLargeEnoughForBoth(t *testing.T) {
	require.Equal(t, Halo{3, 2, 4, 5}, Halo{3, 1, 4, 1}.Max(Halo{1, 2, 4, 5}))
}

func BenchmarkLayout(b *testing.B) {
	for _, m := range []Image{
		{H: 28, W: 28, C: 1, Halo: Halo{1, 1, 1, 1}}, {H: 28, W: 28, C: 32, Halo: Halo{1, 1, 1, 1}},
	} {
		n := Group
		src, dst := make([]float32, n*m.C*m.H*m.W), make([]float32, m.Len())
		for _, isa := range Supported() {
			for name, run := range map[string]func(){
				"from NCHW": func() { m.FromNCHW(isa, dst, src, n, m.C*m.H*m.W) },
				"to NCHW":   func() { m.ToNCHW(isa, src, dst, n, m.C*m.H*m.W) },
			} {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/%s", isa, m.C, m.H, m.W, name), func(b *testing.B) {
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(src)), "ns/number")
				})
			}
		}
	}
}
