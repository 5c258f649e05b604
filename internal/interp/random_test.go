package interp

import (
	"math"
	"runtime"
	"testing"

	"github.com/stheno-ml/stheno/lower"
	"github.com/stretchr/testify/require"
)

// clockAt returns the clock of an epoch and a first sample.
func clockAt[T lower.Float](epoch, first uint32) lower.Array[T] {
	a := lower.NewArray[T](lower.Shape{4})
	for i, v := range lower.ClockWords(epoch, first) {
		a.Data[i] = T(v)
	}
	return a
}

// draw runs the primitive.
func draw[T lower.Float](t *testing.T, p lower.Random, epoch, first uint32) []T {
	t.Helper()
	f := lower.NewFunc(lower.Shape{4})
	f.Return(f.Apply(p, f.In(0))[0])
	out, err := Run(f, clockAt[T](epoch, first))
	require.NoError(t, err)
	return out[0].Data
}

func TestRandomEqualsItsDefinition(t *testing.T) {
	for _, shape := range []lower.Shape{{1}, {5}, {3, 1}, {3, 3}, {2, 4}, {3, 2, 5}, {2, 70, 70}} {
		for _, kind := range []lower.RandomKind{lower.RandomUniform, lower.RandomNormal} {
			for _, at := range [][2]uint32{{0, 0}, {3, 5}, {70_000, 1 << 20}, {math.MaxUint32, math.MaxUint32}} {
				p := lower.Random{Kind: kind, Key: 0x0123456789abcdef, Shape: shape}
				single, double := draw[float32](t, p, at[0], at[1]), draw[float64](t, p, at[0], at[1])
				row := shape[1:].Size()
				for i, v := range single {
					want := p.At(at[0], uint64(at[1])+uint64(i/row), i%row)
					require.Equal(t, want, v, "%v at %v, element %d", p, at, i)
					require.Equal(t, float64(want), double[i], "%v at %v, element %d, float64", p, at, i)
				}
			}
		}
	}
}

func TestRandomNumbersHaveKnownBits(t *testing.T) {
	// The published words of Philox for counter and key 0.
	p := lower.Random{Kind: lower.RandomUniform, Shape: lower.Shape{1, 4}}
	require.Equal(t, []float32{0x6627e8p-24, 0xe169c5p-24, 0xbc57acp-24, 0x9b00dbp-24}, draw[float32](t, p, 0, 0))
	p = lower.Random{Kind: lower.RandomNormal, Key: lower.RandomKey(1, "vae/eps"), Shape: lower.Shape{2, 2}}
	require.Equal(t, []float32{-0.016239874, 1.8014888, -1.3877367, -0.54278964}, draw[float32](t, p, 2, 100))
}

func TestRandomNumbersDoNotDependOnTheSplitOfTheBatch(t *testing.T) {
	p := lower.Random{Kind: lower.RandomNormal, Key: 11, Shape: lower.Shape{8, 3, 5}}
	whole := draw[float32](t, p, 4, 1000)
	for _, n := range []int{1, 2, 4} {
		var parts []float32
		for at := 0; at < 8; at += n {
			q := lower.Random{Kind: p.Kind, Key: p.Key, Shape: lower.Shape{n, 3, 5}}
			parts = append(parts, draw[float32](t, q, 4, 1000+uint32(at))...)
		}
		require.Equal(t, whole, parts)
	}
}

func TestRandomNumbersDoNotDependOnTheNumberOfThreads(t *testing.T) {
	p := lower.Random{Kind: lower.RandomNormal, Key: 11, Shape: lower.Shape{37, 1001}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := draw[float32](t, p, 0, 0)
	for _, n := range []int{2, 4} {
		runtime.GOMAXPROCS(n)
		require.Equal(t, want, draw[float32](t, p, 0, 0))
	}
}

// Streams with another key, another epoch (in either of its words) or other samples share
// no numbers and are not correlated.
func TestStreamsAreIndependent(t *testing.T) {
	const n = 4000
	type at struct {
		key          uint64
		epoch, first uint32
	}
	streams := []at{{1, 0, 0}, {2, 0, 0}, {1 << 32, 0, 0}, {1, 1, 0}, {1, 1 << 16, 0}, {1, 0, 40}, {1, 0, 1 << 16}, {1, 40, 1}}
	var xs [][]float64
	seen := map[float64]int{}
	for _, s := range streams {
		x := draw[float64](t, lower.Random{Kind: lower.RandomNormal, Key: s.key, Shape: lower.Shape{40, n / 40}}, s.epoch, s.first)
		xs = append(xs, x)
		for _, v := range x {
			seen[v]++
		}
	}
	for i, x := range xs {
		for k := range i {
			dot := 0.0
			for j := range x {
				dot += x[j] * xs[k][j]
			}
			require.Less(t, math.Abs(dot), 4.5*math.Sqrt(n), "%v and %v", streams[i], streams[k])
		}
	}
	// 32,000 draws from 2^23 values coincide about 61 times by chance.
	require.InDelta(t, len(xs)*n, len(seen), 100)
}

func TestAnInvalidClockIsAnError(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, words := range [][]float64{{-1, 0, 0, 0}, {0, 65536, 0, 0}, {0, 0, .5, 0}, {0, 0, 0, nan}, {inf, 0, 0, 0}, {1, 2, 3}} {
		_, _, err := lower.ReadClock(words)
		require.ErrorContains(t, err, "clock", "%v", words)
	}
	f := lower.NewFunc(lower.Shape{4})
	f.Return(f.Apply(lower.Random{Shape: lower.Shape{2}}, f.In(0))[0])
	_, err := Run(f, lower.ArrayOf([]float32{0, 0, .25, 0}, lower.Shape{4}))
	require.ErrorContains(t, err, "word 2 of the clock is 0.25")

	epoch, first, err := lower.ReadClock([]float32{65535, 1, 2, 65535})
	require.NoError(t, err)
	require.Equal(t, uint32(0x1ffff), epoch)
	require.Equal(t, uint64(0xffff0002), first)
}

func TestRandomInfersItsShape(t *testing.T) {
	for want, c := range map[string]struct {
		p  lower.Random
		in []lower.Shape
	}{
		"clock is [3]":    {lower.Random{Shape: lower.Shape{2}}, []lower.Shape{{3}}},
		"clock is []":     {lower.Random{Shape: lower.Shape{2}}, []lower.Shape{{}}},
		"1 operands":      {lower.Random{Shape: lower.Shape{2}}, nil},
		"a scalar":        {lower.Random{}, []lower.Shape{{4}}},
		"extent 0":        {lower.Random{Shape: lower.Shape{2, 0}}, []lower.Shape{{4}}},
		"no distribution": {lower.Random{Kind: 7, Shape: lower.Shape{2}}, []lower.Shape{{4}}},
	} {
		_, err := c.p.Infer(c.in)
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, "random[normal, key 0xff][2 3]", lower.Random{Kind: lower.RandomNormal, Key: 255, Shape: lower.Shape{2, 3}}.String())
}

func BenchmarkRandom(b *testing.B) {
	for _, kind := range []lower.RandomKind{lower.RandomUniform, lower.RandomNormal} {
		b.Run(kind.String(), func(b *testing.B) {
			p := lower.Random{Kind: kind, Key: 1, Shape: lower.Shape{128, 784}}
			out := lower.NewArray[float32](p.Shape)
			b.SetBytes(int64(4 * len(out.Data)))
			for b.Loop() {
				if err := runRandom(p, clockAt[float32](0, 0), out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
