package kernel

import (
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// reference returns the float64 function that each op approximates.
func reference() map[VectorOp]func(float64) float64 {
	return map[VectorOp]func(float64) float64{
		OpNeg: func(x float64) float64 { return -x }, OpAbs: math.Abs, OpSqrt: math.Sqrt, OpExp: math.Exp,
		OpExpm1: math.Expm1, OpLog: math.Log, OpLog1p: math.Log1p, OpTanh: math.Tanh,
		OpSigmoid: sigmoid64, OpSoftplus: softplus64, OpErf: math.Erf,
	}
}

// ulps returns the distance from got to want in units of the last place of float32 at
// want.
func ulps(got float32, want float64) float64 {
	if math.IsInf(float64(got), 0) || math.IsInf(float64(float32(want)), 0) {
		if got == float32(want) {
			return 0
		}
		return math.Inf(1)
	}
	_, exponent := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(exponent-24, -149))
}

// STHENO_EXHAUSTIVE=1 tries every float32, which takes some minutes.
func TestFunctionsAreWithinThreeUnitsInTheLastPlace(t *testing.T) {
	step := uint64(20011)
	if os.Getenv("STHENO_EXHAUSTIVE") != "" {
		step = 1
	}
	v := VectorFor(Best())
	x, y := make([]float32, 1024), make([]float32, 1024)
	for op := range VectorOp(vectorOps) {
		if binary(op) {
			continue
		}
		exact := reference()[op]
		t.Run(op.String(), func(t *testing.T) {
			worst, at := 0.0, float32(0)
			for next := uint64(0); next < 1<<32; {
				n := 0
				for ; n < len(x) && next < 1<<32; n++ {
					x[n] = math.Float32frombits(uint32(next))
					next += step
				}
				v.Unary[op](y[:n], x)
				for i, got := range y[:n] {
					want := exact(float64(x[i]))
					if sameNumber(got, float32(want)) {
						continue // within half a unit
					}
					if want != want || got != got {
						require.Failf(t, "NaN", "%v of %v: want %v, got %v", op, x[i], want, got)
					}
					if e := ulps(got, want); e > worst {
						worst, at = e, x[i]
					}
				}
			}
			t.Logf("at most %.2f ulp, at %v", max(worst, 0.5), at)
			require.Less(t, worst, 3.0, "at %v", at)
		})
	}
}

func TestFunctionsOfSpecialNumbers(t *testing.T) {
	inf, nan, negZero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	cases := []struct {
		op   VectorOp
		x, y float64
	}{
		{OpExp, -inf, 0}, {OpExp, inf, inf}, {OpExp, 0, 1}, {OpExp, negZero, 1}, {OpExp, 1e30, inf}, {OpExp, -1e30, 0},
		{OpExpm1, -inf, -1}, {OpExpm1, inf, inf}, {OpExpm1, 0, 0}, {OpExpm1, negZero, negZero}, {OpExpm1, 1e30, inf},
		{OpLog, 0, -inf}, {OpLog, negZero, -inf}, {OpLog, inf, inf}, {OpLog, -1, nan}, {OpLog, -inf, nan}, {OpLog, 1, 0},
		{OpLog1p, -1, -inf}, {OpLog1p, -2, nan}, {OpLog1p, inf, inf}, {OpLog1p, -inf, nan}, {OpLog1p, 0, 0}, {OpLog1p, negZero, negZero},
		{OpTanh, inf, 1}, {OpTanh, -inf, -1}, {OpTanh, 0, 0}, {OpTanh, negZero, negZero}, {OpTanh, 50, 1},
		{OpSigmoid, inf, 1}, {OpSigmoid, -inf, 0}, {OpSigmoid, 0, 0.5}, {OpSigmoid, negZero, 0.5},
		{OpSoftplus, inf, inf}, {OpSoftplus, -inf, 0}, {OpSoftplus, 1e30, float64(float32(1e30))},
		{OpErf, inf, 1}, {OpErf, -inf, -1}, {OpErf, 0, 0}, {OpErf, negZero, negZero},
		{OpSqrt, -1, nan}, {OpSqrt, inf, inf}, {OpSqrt, negZero, negZero},
		{OpNeg, 0, negZero}, {OpAbs, negZero, 0}, {OpAbs, -inf, inf},
	}
	for op := OpSqrt; op < vectorOps; op++ {
		cases = append(cases, struct {
			op   VectorOp
			x, y float64
		}{op, nan, nan})
	}
	for _, isa := range Supported() {
		narrow, wide := VectorFor(isa), Vector64(isa)
		for _, c := range cases {
			got := []float32{0}
			narrow.Unary[c.op](got, []float32{float32(c.x)})
			require.True(t, sameNumber(float32(c.y), got[0]), "%s: %v of %v: want %v, got %v", isa, c.op, c.x, c.y, got[0])
			if c.x > 1e29 && c.op == OpSoftplus {
				continue // c.y is rounded to float32
			}
			got64 := []float64{0}
			wide.Unary[c.op](got64, []float64{c.x})
			require.True(t, sameNumber(c.y, got64[0]), "%s: %v of %v in float64: want %v, got %v", isa, c.op, c.x, c.y, got64[0])
		}
	}
}
