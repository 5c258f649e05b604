package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALossThatIsNoNumberOrBeyondAllIsAnErrorThatSaysWhere(t *testing.T) {
	require.NoError(t, finite(0, 0, 0))
	require.NoError(t, finite(-math.MaxFloat64, 0, 0))
	for _, loss := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		require.ErrorContains(t, finite(loss, 2, 5), "at epoch 3, step 6", "%v", loss)
	}
}
