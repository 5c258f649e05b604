package lower_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

func TestLogOfSubnormalNumbers(t *testing.T) {
	for _, exponent := range []int{-1023, -1050, -1074} {
		require.InEpsilon(t, float64(exponent)*math.Ln2, lower.Log(lower.Arg(0)).Eval(math.Ldexp(1, exponent)), 1e-15)
	}
}
