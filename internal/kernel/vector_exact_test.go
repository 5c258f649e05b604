// Tests of the float64 functions against arithmetic of 400 bits.

package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// bigBits is the precision of the references.
const bigBits = 400

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(bigBits).SetFloat64(x) }

func bigAdd(x, y *big.Float) *big.Float { return new(big.Float).Add(x, y) }
func bigSub(x, y *big.Float) *big.Float { return new(big.Float).Sub(x, y) }
func bigMul(x, y *big.Float) *big.Float { return new(big.Float).Mul(x, y) }
func bigQuo(x, y *big.Float) *big.Float { return new(big.Float).Quo(x, y) }

// bigExp is e^x by its series for x/2^n, squared n times.
func bigExp(x *big.Float) *big.Float {
	if x.Sign() == 0 {
		return bigOf(1)
	}
	n := max(0, x.MantExp(nil)+16)
	r := new(big.Float).SetMantExp(x, -n)
	sum, term := bigOf(1), bigOf(1)
	for k := 1.0; term.Sign() != 0 && term.MantExp(nil) > -bigBits; k++ {
		term = bigQuo(bigMul(term, r), bigOf(k))
		sum = bigAdd(sum, term)
	}
	for range n {
		sum = bigMul(sum, sum)
	}
	return sum
}

// bigLog is log(x) by two steps of Halley's method, which start from math.Log.
func bigLog(x *big.Float) *big.Float {
	fraction := bigOf(0)
	exponent := x.MantExp(fraction)
	near, _ := fraction.Float64()
	y := bigOf(math.Log(near) + float64(exponent)*math.Ln2)
	for range 2 {
		e := bigExp(y)
		y = bigAdd(y, bigMul(bigOf(2), bigQuo(bigSub(x, e), bigAdd(x, e))))
	}
	return y
}

// bigLog1p is log(1+x). For tiny x, 1+x would lose digits, so it uses the series.
func bigLog1p(x *big.Float) *big.Float {
	if x.Sign() != 0 && x.MantExp(nil) > -80 {
		return bigLog(bigAdd(x, bigOf(1)))
	}
	return bigMul(x, bigSub(bigOf(1), bigMul(x, bigOf(0.5))))
}

// exactFunctions returns the function that each op approximates.
func exactFunctions() map[VectorOp]func(x *big.Float) *big.Float {
	one := bigOf(1)
	return map[VectorOp]func(x *big.Float) *big.Float{
		OpSqrt:     func(x *big.Float) *big.Float { return new(big.Float).Sqrt(x) },
		OpExp:      bigExp,
		OpExpm1:    func(x *big.Float) *big.Float { return bigSub(bigExp(x), one) },
		OpLog:      bigLog,
		OpLog1p:    bigLog1p,
		OpSoftplus: func(x *big.Float) *big.Float { return bigLog1p(bigExp(x)) },
		OpSigmoid:  func(x *big.Float) *big.Float { e := bigExp(x); return bigQuo(e, bigAdd(e, one)) },
		OpTanh: func(x *big.Float) *big.Float {
			e := bigExp(bigAdd(x, x))
			return bigQuo(bigSub(e, one), bigAdd(e, one))
		},
	}
}

// bigUlps returns the distance from got to want in units of the last place of float64 at
// want.
func bigUlps(got float64, want *big.Float) float64 {
	off := bigSub(bigOf(got), want)
	e, _ := off.SetMantExp(off, -max(want.MantExp(nil)-53, -1074)).Float64()
	return math.Abs(e)
}

// STHENO_EXHAUSTIVE=1 tries a hundred times as many numbers.
func TestFloat64FunctionsAreWithinTwoUnitsInTheLastPlace(t *testing.T) {
	blocks := 4
	if os.Getenv("STHENO_EXHAUSTIVE") != "" {
		blocks *= 100
	}
	between := func(least, most float64) func(r *rand.Rand) float64 {
		return func(r *rand.Rand) float64 { return least + (most-least)*r.Float64() }
	}
	small := func(r *rand.Rand) float64 { return math.Ldexp(2*r.Float64()-1, -r.IntN(80)) }
	any := func(r *rand.Rand) float64 { return math.Float64frombits(r.Uint64N(0x7ff << 52)) } // positive
	subnormal := func(r *rand.Rand) float64 { return math.Float64frombits(1 + r.Uint64N(1<<52)) }
	for op, numbers := range map[VectorOp][]func(r *rand.Rand) float64{
		OpSqrt:     {any, subnormal},
		OpExp:      {between(-745, 709.7), between(-1, 1), small},
		OpExpm1:    {between(-40, 709.7), between(-1, 1), small},
		OpLog:      {any, subnormal, between(0.5, 2), func(r *rand.Rand) float64 { return 1 + small(r) }},
		OpLog1p:    {any, between(-1, 3), small, func(r *rand.Rand) float64 { return -1 + math.Abs(small(r)) + 0x1p-53 }},
		OpSoftplus: {between(-740, 50), between(-4, 4), small},
		OpSigmoid:  {between(-740, 50), between(-4, 4), small},
		OpTanh:     {between(-22, 22), between(-2, 2), small},
	} {
		t.Run(op.String(), func(t *testing.T) {
			v, exact, r := Vector64(Best()), exactFunctions()[op], rand.New(rand.NewPCG(5, uint64(op)))
			x, y := make([]float64, 200), make([]float64, 200)
			worst, at := 0.0, 0.0
			for _, number := range numbers {
				for range blocks {
					for i := range x {
						x[i] = number(r)
					}
					v.Unary[op](y, x)
					for i, got := range y {
						if e := bigUlps(got, exact(bigOf(x[i]))); e > worst {
							worst, at = e, x[i]
						}
					}
				}
			}
			t.Logf("at most %.2f ulp, at %v", worst, at)
			require.LessOrEqual(t, worst, 2.0, "at %v", at)
		})
	}
}
