package report

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTicksAreRoundNumbers(t *testing.T) {
	for _, c := range []struct {
		name string
		axis axis
		want []string
	}{
		{"milliseconds", outerAxis(0, 517, 4), []string{"0", "200", "400", "600"}},
		{"fast steps", outerAxis(0, 0.785, 4), []string{"0", "0.2", "0.4", "0.6", "0.8"}},
		{"exactly a tick", outerAxis(0, 600, 4), []string{"0", "200", "400", "600"}},
		{"losses", outerAxis(0.0934, 0.6931, 5), []string{"0", "0.2", "0.4", "0.6", "0.8"}},
		{"negative to positive", outerAxis(-3, 4, 4), []string{"-4", "-2", "0", "2", "4"}},
		{"one value", outerAxis(100, 100, 4), []string{"90", "95", "100", "105", "110"}},
		{"nothing but zero", outerAxis(0, 0, 4), []string{"-0.5", "0", "0.5"}},
		{"thousands", outerAxis(0, 12000, 4), []string{"0", "5,000", "10,000", "15,000"}},
		{"very large", outerAxis(0, 4e9, 4), []string{"0", "1e+09", "2e+09", "3e+09", "4e+09"}},
		{"steps", innerAxis(0, 938, 5), []string{"0", "200", "400", "600", "800"}},
		{"epochs", innerAxis(1, 10, 5), []string{"2", "4", "6", "8", "10"}},
		{"decades", logAxis(0.02, 40), []string{"0.01", "0.1", "1", "10", "100"}},
		{"part of a decade", logAxis(0.1, 3), []string{"0.1", "0.2", "0.5", "1", "2", "5"}},
		{"tiny", logAxis(2e-8, 3e-5), []string{"1e-08", "1e-07", "1e-06", "1e-05", "0.0001"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, v := range c.axis.ticks {
				got = append(got, c.axis.label(v))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestAxesContainTheirRange(t *testing.T) {
	for e := -9; e < 12; e++ {
		for _, m := range []float64{1, 1.5, 3, 7.77, 9.99} {
			low := m * math.Pow(10, float64(e))
			for _, ratio := range []float64{1, 1.001, 2, 31, 1e4} {
				high := low * ratio
				cases := []struct {
					low, high float64
					axis      axis
				}{
					{low, high, outerAxis(low, high, 5)},
					{-high, low, outerAxis(-high, low, 5)},
					{-high, -low, outerAxis(-high, -low, 5)},
				}
				if ratio >= logFrom {
					cases = append(cases, cases[0])
					cases[3].axis = logAxis(low, high)
				}
				for _, c := range cases {
					a := c.axis
					at := fmt.Sprintf("axis of %g to %g: %+v", c.low, c.high, a)
					require.GreaterOrEqual(t, a.at(c.low), -1e-9, at)
					require.LessOrEqual(t, a.at(c.high), 1+1e-9, at)
					require.GreaterOrEqual(t, len(a.ticks), 2, at)
					require.LessOrEqual(t, len(a.ticks), 12, at)
				}
			}
		}
	}
}
