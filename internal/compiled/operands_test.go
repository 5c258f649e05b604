package compiled

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestCheckRowsFindsBadAxesAndIndices(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float64))
	for _, c := range []struct {
		axis int
		rows []int
		want string
	}{
		{0, []int{0, 1}, ""},
		{1, []int{2, 0}, ""},
		{-1, []int{0}, "axis -1 is outside of shape (2, 3)"},
		{2, []int{0}, "axis 2 is outside of shape (2, 3)"},
		{0, []int{0, 2}, "index 2, element 1, is outside of axis 0 of extent 2"},
		{1, []int{-1}, "index -1, element 0, is outside of axis 1 of extent 3"},
	} {
		err := checkRows(reflect.ValueOf(struct{ axis int }{c.axis}), []gorgonia.Value{x, tensor.New(tensor.WithShape(len(c.rows)), tensor.WithBacking(c.rows))})
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.want)
	}
}
