package recipe_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/restore"
)

// discs writes n grey pictures of 12x12 pixels, each a bright disc somewhere.
func discs(t *testing.T, dir string, n int) {
	t.Helper()
	for i := range n {
		img := image.NewGray(image.Rect(0, 0, 12, 12))
		x, y := 3+float64(i%6), 3+float64(i/6%6)
		for k := range 144 {
			d := math.Hypot(float64(k%12)-x, float64(k/12)-y)
			img.SetGray(k%12, k/12, color.Gray{Y: uint8(255 / (1 + math.Exp(2*(d-3))))})
		}
		require.NoError(t, recipe.WritePNG(filepath.Join(dir, fmt.Sprintf("%03d.png", i)), img))
	}
}

// trained trains from settings KEY, VALUE, ....
func trained(t *testing.T, settings ...string) *recipe.Run {
	t.Helper()
	var all []recipe.Setting
	for i := 0; i < len(settings); i += 2 {
		all = append(all, recipe.Setting{Key: settings[i], Value: settings[i+1]})
	}
	r, err := recipe.Parse(nil, "test", all...)
	require.NoError(t, err)
	run, err := r.Train(context.Background(), filepath.Join(t.TempDir(), "run"), recipe.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	return run
}

// by is a method's result.
func by(t *testing.T, all []recipe.MethodResult, name string) restore.Nearness {
	t.Helper()
	for _, m := range all {
		if m.Name == name {
			return m.Nearness
		}
	}
	t.Fatalf("no method %s", name)
	return restore.Nearness{}
}

func TestPicturesOfAnotherSizeAreCounted(t *testing.T) {
	dir, wide := t.TempDir(), t.TempDir()
	discs(t, dir, 20)
	run := trained(t, "data.source", dir, "model.type", "conv.Denoising", "model.encoder", "2", "data.damage.kind", "gaussian", "data.damage.level", "0.2", "train.epochs", "1")
	done, err := run.Denoise(t.Context(), recipe.Denoising{From: dir})
	require.NoError(t, err)
	require.Zero(t, done.Resized)
	require.NoError(t, recipe.WritePNG(filepath.Join(wide, "wide.png"), image.NewGray(image.Rect(0, 0, 30, 10))))
	done, err = run.Denoise(t.Context(), recipe.Denoising{From: wide})
	require.NoError(t, err)
	require.Equal(t, 1, done.Resized)
	require.Equal(t, []int{12, 12}, done.Size)
}

func TestANetLearnsToUndoDamage(t *testing.T) {
	dir := t.TempDir()
	discs(t, dir, 72)
	for _, damage := range [][]string{
		{"data.damage.kind", "gaussian", "data.damage.level", "0.2"},
		{"data.damage.kind", "occlusion", "data.damage.size", "3", "data.damage.level", "0.3"},
	} {
		run := trained(t, append(damage, "data.source", dir, "model.type", "conv.Denoising", "model.encoder", "8", "model.residual", "1",
			"train.epochs", "40", "train.batch", "8", "train.optimizer.rate", "0.005")...)
		done, err := run.Denoise(t.Context(), recipe.Denoising{Check: true})
		require.NoError(t, err)
		require.Len(t, done.Pictures, 7, "a tenth is for testing")
		require.Less(t, by(t, done.Methods, recipe.Net).MSE, .6*by(t, done.Methods, recipe.Before).MSE, damage[1])
		// A run that is opened again does the same.
		again, err := recipe.Open(run.Dir, recipe.OpenOptions{})
		require.NoError(t, err)
		same, err := again.Denoise(t.Context(), recipe.Denoising{Check: true})
		require.NoError(t, err)
		require.Equal(t, done, same)
		require.NoError(t, again.Close())
	}
}

func TestANetLearnsToFillIn(t *testing.T) {
	dir := t.TempDir()
	discs(t, dir, 72)
	run := trained(t, "data.source", dir, "data.hide.kind", "block", "data.hide.size", "4", "model.type", "conv.Inpainting", "model.encoder", "8,16", "model.strided", "true",
		"train.epochs", "40", "train.batch", "8", "train.optimizer.rate", "0.005")
	done, err := run.Inpaint(t.Context(), recipe.Inpainting{})
	require.NoError(t, err)
	net := by(t, done.Methods, recipe.Net)
	require.Less(t, net.MSE, by(t, done.Methods, recipe.Before).MSE)
	require.Less(t, net.MSE, by(t, done.Methods, recipe.MeanPicture).MSE)
}

func TestANetLearnsToCleanTones(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		w := &data.WAV{Rate: 8000, Channels: 1}
		for k := range 4000 {
			w.Values = append(w.Values, float32(.3*math.Sin(2*math.Pi*float64(200+20*i)*float64(k)/8000)+.3*math.Sin(2*math.Pi*float64(300+20*i)*float64(k)/8000)))
		}
		require.NoError(t, data.SaveWAV(filepath.Join(dir, fmt.Sprintf("%d.wav", i)), w))
	}
	run := trained(t, "data.source", dir, "data.window", "128", "data.damage.kind", "gaussian", "data.damage.level", "0.2",
		"model.type", "conv.Denoising", "model.encoder", "8", "model.residual", "1", "model.kernel", "1,9", "train.epochs", "12", "train.batch", "16", "train.optimizer.rate", "0.005")
	require.Equal(t, 8000, run.Recipe.Data.SampleRate)
	done, err := run.DenoiseSound(t.Context(), recipe.Denoising{From: dir, Check: true})
	require.NoError(t, err)
	require.Greater(t, done.Methods[3].SNR, done.Methods[0].SNR+2)
}

func TestWhatIsToRestoreFitsTheModel(t *testing.T) {
	dir := t.TempDir()
	discs(t, dir, 12)
	for _, c := range []struct {
		settings []string
		want     string
	}{
		{[]string{"data.damage.kind", "jpeg", "model.type", "conv"}, `does not read "target": take conv.Denoising`},
		{[]string{"data.hide.kind", "centre", "model.type", "conv"}, `does not read "mask": take conv.Inpainting`},
		{[]string{"model.type", "conv.Denoising"}, `reads "target", which the data do not have`},
		{[]string{"data.damage.kind", "occlusion", "data.damage.size", "13", "model.type", "conv.Denoising"}, "squares of 13 do not fit"},
		{[]string{"data.cut.size", "13", "model.type", "conv"}, "has no squares of 13"},
	} {
		var all []recipe.Setting
		for i := 0; i < len(c.settings); i += 2 {
			all = append(all, recipe.Setting{Key: c.settings[i], Value: c.settings[i+1]})
		}
		r, err := recipe.Parse(nil, "test", append(all, recipe.Setting{Key: "data.source", Value: dir})...)
		require.NoError(t, err)
		_, err = r.Train(t.Context(), filepath.Join(t.TempDir(), "run"), recipe.Options{})
		require.ErrorContains(t, err, c.want)
	}
	_, err := recipe.Parse([]byte("data: {source: x, damage: {kind: jpeg, quality: 101}}\nmodel: conv.Denoising\n"), "a.yaml")
	require.ErrorContains(t, err, "quality 101: want 1 to 100")
	_, err = recipe.Parse([]byte("data: {source: x, damage: {kind: jpeg}, hide: {kind: centre}}\nmodel: conv.Denoising\n"), "a.yaml")
	require.ErrorContains(t, err, "leave one out")
	_, err = recipe.Parse([]byte("data: {source: x, cut: {size: -1}}\nmodel: conv\n"), "a.yaml")
	require.ErrorContains(t, err, "data.cut.size -1")
	_, err = recipe.Parse([]byte("data: {source: x, cut: {planes: true}}\nmodel: conv\n"), "a.yaml")
	require.ErrorContains(t, err, "data.cut.planes: only squares")
}
