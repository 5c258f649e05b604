package picture_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/picture"
)

func TestAGridShowsRowsOfSamples(t *testing.T) {
	m, err := picture.Grid([]int{1, 2, 2}, []float32{0, 1, 0.5, 0, 1, 1, 1, 1}, []float32{0, 0, 0, 2, -1, 0, 0, 0})
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 2*66+2, 2*66+2), m.Bounds())
	grey := func(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{
		{0, 0, grey(128)}, {2, 2, grey(0)}, {33, 2, grey(0)}, {34, 2, grey(255)}, {2, 34, grey(128)}, {65, 65, grey(0)}, {66, 2, grey(128)},
		{68, 2, grey(255)}, {65, 2 + 66 + 40, grey(255)}, {68, 68, grey(0)},
	} {
		require.Equal(t, c.want, m.At(c.x, c.y), "%d %d", c.x, c.y)
	}
}

func TestAGridHasTheFormOfItsSamples(t *testing.T) {
	colour, err := picture.Grid([]int{3, 1, 1}, []float32{1, 0, 0.2})
	require.NoError(t, err)
	require.Equal(t, color.RGBA{255, 0, 51, 255}, colour.At(10, 10))
	low, high := color.RGBA{68, 1, 84, 255}, color.RGBA{253, 231, 37, 255}
	sequence, err := picture.Grid([]int{3, 2}, []float32{-2, 0, 0, 0, 0, 4}) // the first number is the least, at the first time
	require.NoError(t, err)
	b := sequence.Bounds()
	require.Equal(t, low, sequence.At(3, 3))
	require.Equal(t, high, sequence.At(b.Dx()-4, b.Dy()-4))
	line, err := picture.Grid([]int{4}, []float32{0, 0, 0, 1})
	require.NoError(t, err)
	require.Equal(t, 16+4, line.Bounds().Dy())
	require.Equal(t, high, line.At(line.Bounds().Dx()-4, 4))
	for _, shape := range [][]int{{0}, {-1, 4}, {1 << 30, 1 << 30}, {5}} {
		_, err := picture.Grid(shape, []float32{1, 2, 3})
		require.Error(t, err)
	}
	_, err = picture.Grid([]int{1}, []float32{1, 2}, []float32{1})
	require.Error(t, err)
	_, err = picture.Grid([]int{1}, make([]float32, 1<<20))
	require.ErrorContains(t, err, "too large for a grid")
	dark, err := picture.Grid([]int{1, 1, 2}, []float32{-3, -2})
	require.NoError(t, err)
	require.Equal(t, color.RGBA{255, 255, 255, 255}, dark.At(40, 10), "the greatest value is white")
	same, err := picture.Grid([]int{1, 1, 1}, []float32{7})
	require.NoError(t, err)
	require.Equal(t, color.RGBA{255, 255, 255, 255}, same.At(10, 10))
}

func TestAPlaneShowsCodesByClass(t *testing.T) {
	m, err := picture.Plane([]float32{0.5, 0.5, -0.5, -0.5}, []float32{0, 1})
	require.NoError(t, err)
	blue, orange := color.RGBA{31, 119, 180, 255}, color.RGBA{255, 127, 14, 255}
	at := func(v float64) int { return int((v/1.05 + 1) / 2 * 512) }
	require.Equal(t, blue, m.At(at(0.5), at(-0.5)), "up is smaller")
	require.Equal(t, orange, m.At(at(-0.5), at(0.5)))
	_, err = picture.Plane([]float32{1, 2}, []float32{1, 2})
	require.Error(t, err)
}

// digits are the options of a training on few digits.
func digits() train.Options {
	return train.Options{Backend: cpu.Config{}, Epochs: 3, Batch: 32, Seed: 5, Validation: data.NewDigits(3, 40)}
}

func TestPicturesAreTheSameInEachTrainingAndDoNotChangeIt(t *testing.T) {
	m, set := vae.Config{Hidden: []int{16}, Latent: 2}, data.NewDigits(2, 96)
	plain, err := train.Fit(t.Context(), m, set, digits())
	require.NoError(t, err)
	var files []map[string]string
	for range 2 {
		dir := filepath.Join(t.TempDir(), "pictures")
		o := digits()
		o.Callbacks = []train.Callback{&picture.Writer{Dir: dir, Every: 2}}
		r, err := train.Fit(t.Context(), m, set, o)
		require.NoError(t, err)
		require.Empty(t, r.Warnings)
		for i, p := range plain.Params.All() {
			require.Equal(t, p.Floats(), r.Params.All()[i].Floats())
		}
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		all := map[string]string{}
		for _, e := range entries {
			content, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			all[e.Name()] = string(content)
		}
		files = append(files, all)
	}
	require.Equal(t, files[0], files[1])
	for _, kind := range []string{"recon", "samples", "plane"} {
		for _, epoch := range []string{"0002", "0003"} {
			require.Contains(t, files[0], kind+"-"+epoch+".png")
		}
	}
	require.Len(t, files[0], 6)
}

func TestAPictureThatCannotBeWrittenIsAWarning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	o := digits()
	o.Callbacks = []train.Callback{&picture.Writer{Dir: dir}, train.OnEpoch(func(train.Epoch) error { return os.RemoveAll(dir) })}
	r, err := train.Fit(t.Context(), vae.Config{Hidden: []int{4}, Latent: 3}, data.NewDigits(2, 40), o)
	require.NoError(t, err)
	require.Len(t, r.Warnings, 4, "two pictures of two epochs")
	require.Contains(t, r.Warnings[0], "recon-0002.png is missing")
}

func TestPicturesNeedSamples(t *testing.T) {
	o := digits()
	o.Validation, o.Callbacks = nil, []train.Callback{&picture.Writer{Dir: t.TempDir()}}
	_, err := train.Fit(t.Context(), vae.Config{Hidden: []int{4}}, data.NewDigits(2, 40), o)
	require.ErrorContains(t, err, "set Options.Validation")
	o = digits()
	o.Callbacks = []train.Callback{&picture.Writer{}}
	_, err = train.Fit(t.Context(), vae.Config{Hidden: []int{4}}, data.NewDigits(2, 40), o)
	require.ErrorContains(t, err, "set Dir")
}

// Pictures of a variational autoencoder after each epoch.
func ExampleWriter() {
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	_, err = train.Fit(context.Background(), vae.Config{Hidden: []int{16}, Latent: 2}, data.NewDigits(1, 256), train.Options{
		Backend:    cpu.Config{},
		Validation: data.NewDigits(2, 64),
		Callbacks:  []train.Callback{&picture.Writer{Dir: dir, Samples: 10}},
	})
	if err != nil {
		log.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "recon-0001.png"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a picture of", m.Bounds().Dx(), "by", m.Bounds().Dy(), "pixels")
	// Output: a picture of 862 by 174 pixels
}
