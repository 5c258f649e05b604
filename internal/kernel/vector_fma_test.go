package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// exactFMA is x*y + z in exact arithmetic, rounded once, for finite arguments.
func exactFMA(x, y, z float32) float32 {
	number := func(v float32) *big.Float { return new(big.Float).SetPrec(1000).SetFloat64(float64(v)) }
	sum := number(x)
	sum.Mul(sum, number(y))
	sum.Add(sum, number(z))
	r, _ := sum.Float32()
	return r
}

// In these cases two roundings, to float64 and then to float32, give another result.
func TestFMARoundsOnce(t *testing.T) {
	cases := []struct {
		name    string
		x, y, z float32
	}{
		{"just above the midpoint", 1 + 0x1p-23, 1 + 0x1p-23, 0x1p60},
		{"slightly above the midpoint", 0x1p-24 + 0x1p-40, 1 + 0x1p-20, 1},
		{"slightly below the midpoint", 0x1p-24 - 0x1p-47, 1, 1},
		{"a tiny product at a midpoint", 0x1p-80, 0x1p-20, 0x1p-149},
		{"half the least subnormal, and more", 0x1p-75, 0x1p-75 + 0x1p-98, 0},
		{"half the least subnormal", 0x1p-75, 0x1p-75, 0},
		{"cancellation", 1 + 0x1p-23, 1 - 0x1p-24, -1},
		{"overflow at the midpoint", math.MaxFloat32, 1, 0x1p103},
		{"no overflow below the midpoint", math.MaxFloat32, 1, 0x1p103 - 0x1p80},
	}
	for _, c := range cases {
		for _, sign := range []float32{1, -1} {
			want := exactFMA(sign*c.x, c.y, sign*c.z)
			require.Equal(t, math.Float32bits(want), math.Float32bits(mulAdd32(sign*c.x, c.y, sign*c.z)), "%s, sign %v", c.name, sign)
		}
	}
}

// (1+2^-k)*(1-2^-k) is just below 1. Scaled to half of z's last place, it gives sums just
// beside the midpoint of two float32. The other half of the cases is random.
func TestFMAEqualsExactArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	twice := 0
	for range 50000 {
		k, e := 13+r.IntN(11), r.IntN(250)-149
		x := float32(1 + math.Ldexp(1, -k))
		y := float32(math.Ldexp(1-math.Ldexp(1, -k), (e-1)/2))
		x = float32(math.Ldexp(float64(x), e-1-(e-1)/2)) * float32(1-2*r.IntN(2))
		z := float32(math.Ldexp(float64(r.IntN(1<<24)), e))
		if r.IntN(2) == 0 {
			x, y, z = oneOf[float32](r), oneOf[float32](r), oneOf[float32](r)
		}
		if finite := float64(x) * float64(y) * float64(z); math.IsNaN(finite) || math.IsInf(finite, 0) {
			continue
		}
		want, got := exactFMA(x, y, z), mulAdd32(x, y, z)
		if want != float32(float64(x)*float64(y)+float64(z)) {
			twice++
		}
		if want == 0 && got == 0 {
			continue // the sign of a zero of big.Float may differ
		}
		require.Equal(t, want, got, "%g * %g + %g", x, y, z)
	}
	require.Greater(t, twice, 1000, "too few cases in which two roundings are wrong")
}
