package recipe

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestPicturesAreGreyIfTheFirstIs(t *testing.T) {
	dir := t.TempDir()
	grey, red := image.NewGray(image.Rect(0, 0, 4, 4)), image.NewRGBA(image.Rect(0, 0, 4, 4))
	red.Set(1, 1, color.RGBA{255, 0, 0, 255})
	for _, folder := range []string{"grey", "red"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, folder), 0o755))
	}
	require.NoError(t, WritePNG(filepath.Join(dir, "grey", "a.png"), grey))
	require.NoError(t, WritePNG(filepath.Join(dir, "red", "a.png"), red))
	for _, c := range []struct {
		folder   string
		grey     *bool
		channels int
	}{{"grey", nil, 1}, {"red", nil, 3}, {"grey", new(false), 3}, {"red", new(true), 1}} {
		s, err := Data{Grey: c.grey}.openPictures(filepath.Join(dir, c.folder))
		require.NoError(t, err)
		x, err := data.FieldOf(s.train, "x")
		require.NoError(t, err)
		require.Equal(t, []int{c.channels, 4, 4}, x.Shape, "%+v", c)
	}
}

func TestFewSamplesMakeSmallSteps(t *testing.T) {
	for _, c := range []struct{ lines, batch int }{{20, 8}, {1300, 32}, {6000, 128}} {
		rows := "a,b\n"
		for i := range c.lines {
			rows += fmt.Sprintf("%d,%d\n", i%7, i%5)
		}
		path := filepath.Join(t.TempDir(), "rows.csv")
		require.NoError(t, os.WriteFile(path, []byte(rows), 0o600))
		r, err := Parse([]byte("data: {source: "+path+"}\nmodel: {type: dense, hidden: [1]}\n"), "a.yaml")
		require.NoError(t, err)
		_, err = r.Open(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, c.batch, r.Training.Batch, c)
		text, err := r.YAML()
		require.NoError(t, err)
		require.Contains(t, string(text), fmt.Sprintf("batch: %d", c.batch))
	}
}
