package picture_test

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/examples/internal/picture"
)

func TestAGridHasEachPictureInItsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grid.png")
	pixels := []float32{0, 1, 0.2, 2, 1, 0, -1, 0.6, 1, 1, 1, 0.4} // three pictures of 1 by 4
	require.NoError(t, picture.Grid(path, pixels, 1, 4, 2))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	require.Equal(t, 9, img.Bounds().Dx())
	require.Equal(t, 3, img.Bounds().Dy())
	rows := [][]uint8{{0, 255, 51, 255, 0, 255, 0, 0, 153}, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {255, 255, 255, 102, 0, 0, 0, 0, 0}}
	for y, row := range rows {
		for x, want := range row {
			require.Equal(t, color.Gray{Y: want}, img.At(x, y), "row %d, column %d", y, x)
		}
	}
}

func TestWhatIsNoPictureIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grid.png")
	require.ErrorContains(t, picture.Grid(path, make([]float32, 5), 2, 2, 2), "5 values")
	require.Error(t, picture.Grid(path, make([]float32, 4), 2, 2, 0))
	require.Error(t, picture.Grid(path, nil, 2, 2, 1))
	require.Error(t, picture.Grid(t.TempDir(), make([]float32, 4), 2, 2, 1))
}
