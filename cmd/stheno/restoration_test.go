package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/recipe"
)

// restorationFiles are photographs of two sizes, a mask, and music of two chords.
func restorationFiles(t *testing.T) {
	t.Helper()
	for i, size := range [][2]int{{20, 31}, {27, 18}} {
		img := image.NewRGBA(image.Rect(0, 0, size[1], size[0]))
		for k := range size[0] * size[1] {
			img.SetRGBA(k%size[1], k/size[1], color.RGBA{uint8(5 * (k % size[1])), uint8(7 * (k / size[1])), uint8(60 * i), 255})
		}
		putPicture(t, fmt.Sprintf("photos/%d.png", i), img)
	}
	mask := image.NewGray(image.Rect(0, 0, 8, 8))
	for k := range 64 {
		mask.SetGray(k%8, k/8, color.Gray{Y: uint8(255 * min(1, k%8))})
	}
	putPicture(t, "mask.png", mask)
	for i, chord := range [][]float64{{220, 275, 330}, {247, 294, 370}} {
		putSound(t, fmt.Sprintf("music/%d.wav", i), 8000, 2, chord)
	}
}

func putPicture(t *testing.T, path string, img image.Image) {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, img))
	put(t, path, file.Bytes())
}

// putSound writes a fifth of a second of tones, with the left channel louder than the right.
func putSound(t *testing.T, path string, rate, channels int, tones []float64) {
	t.Helper()
	w := &data.WAV{Rate: rate, Channels: channels}
	for i := range 1600 {
		v := 0.0
		for _, f := range tones {
			v += .2 * math.Sin(2*math.Pi*f*float64(i)/float64(rate))
		}
		for c := range channels {
			w.Values = append(w.Values, float32(v/float64(1+c)))
		}
	}
	var file bytes.Buffer
	require.NoError(t, data.WriteWAV(&file, w))
	put(t, path, file.Bytes())
}

func TestPhotographsKeepTheirSize(t *testing.T) {
	for _, planes := range []string{"", " --cut.planes"} {
		workplace(t)
		var done, filled recipe.Restored
		squares := "--data photos --cut.size 8 --cut.count 40 --epochs 1 --json -q" + planes
		out := ok(t, strings.Fields("denoise photos -o cleaned --check --damage.kind gaussian --damage.level 0.2 --compare compare.png "+squares)...)
		require.NoError(t, json.Unmarshal([]byte(out), &done))
		require.FileExists(t, "compare.png")
		out = ok(t, strings.Fields("inpaint photos -o filled --hide.kind block --hide.size 3 "+squares)...)
		require.NoError(t, json.Unmarshal([]byte(out), &filled))
		for _, d := range []struct {
			done  recipe.Restored
			names []string
		}{
			{done, []string{recipe.Before, recipe.MedianFilter, recipe.PrincipalComponents, recipe.Net}},
			{filled, []string{recipe.Before, recipe.MeanPicture, recipe.PrincipalComponents, recipe.Net}},
		} {
			var names []string
			for _, m := range d.done.Methods {
				names = append(names, m.Name)
				require.Greater(t, m.PSNR, 1.)
			}
			require.Equal(t, d.names, names)
		}
		require.Len(t, done.Pictures, 2)
		for i, size := range []image.Point{{31, 20}, {18, 27}} {
			for _, folder := range []string{"cleaned", "filled"} {
				f, err := os.Open(fmt.Sprintf("%s/%d.png", folder, i))
				require.NoError(t, err)
				c, err := png.DecodeConfig(f)
				f.Close()
				require.NoError(t, err)
				require.Equal(t, size, image.Pt(c.Width, c.Height))
				require.NotEqual(t, color.GrayModel, c.ColorModel, "colours stay")
			}
		}
	}
}

func TestOnlyHiddenPixelsAreFilledIn(t *testing.T) {
	workplace(t)
	ok(t, strings.Fields("inpaint pictures -o filled --hide.kind centre --epochs 1 --save runs/fill -q")...)
	ok(t, strings.Fields("inpaint pictures -o masked --run runs/fill --hide.kind mask --hide.mask mask.png -q")...)
	// A part of pictures was filled in first: those that were not trained on.
	files, err := os.ReadDir("filled")
	require.NoError(t, err)
	require.Len(t, files, 1)
	files, err = os.ReadDir("masked")
	require.NoError(t, err)
	require.Len(t, files, 12)
	open := func(path string) image.Image {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		img, err := png.Decode(f)
		require.NoError(t, err)
		return img
	}
	was, is := open("pictures/p03.png"), open("masked/p03.png")
	for k := range 64 {
		if k%8 > 0 {
			require.Equal(t, was.At(k%8, k/8), is.At(k%8, k/8))
		}
	}
}

func TestSoundsKeepRateAndChannels(t *testing.T) {
	workplace(t)
	out := ok(t, strings.Fields("denoise music -o cleaned --data music --check --damage.kind gaussian --damage.level 0.2 --window 256 --epochs 1 --save runs/sound --json -q")...)
	var done recipe.CleanedSounds
	require.NoError(t, json.Unmarshal([]byte(out), &done))
	require.Len(t, done.Methods, 4)
	require.Equal(t, []string{recipe.Before, recipe.MedianFilter, recipe.WienerFilter, recipe.Net}, []string{done.Methods[0].Name, done.Methods[1].Name, done.Methods[2].Name, done.Methods[3].Name})
	require.Contains(t, ok(t, strings.Fields("denoise music/0.wav -o one.wav --run runs/sound --clean music -q")...), "median filter")
	for _, path := range []string{"cleaned/0.wav", "cleaned/1.wav", "one.wav"} {
		w, err := data.OpenWAV(path)
		require.NoError(t, err)
		require.Equal(t, [3]int{8000, 2, 1600}, [3]int{w.Rate, w.Channels, w.Len()}, path)
	}
}

func TestMistakesInRestorationsAreErrors(t *testing.T) {
	workplace(t)
	ok(t, strings.Fields("train vae.yaml -o runs/vae -q")...)
	ok(t, strings.Fields("denoise music -o cleaned --data music --check --damage.kind gaussian --damage.level 0.2 --window 256 --epochs 1 --save runs/sound -q")...)
	ok(t, strings.Fields("denoise pictures -o cleaned-pictures --check --damage.kind jpeg --epochs 1 --save runs/jpeg -q")...)
	ok(t, strings.Fields("inpaint pictures -o filled --hide.kind centre --epochs 1 --save runs/fill -q")...)
	put(t, "empty/readme.txt", []byte("nothing"))
	put(t, "broken/a.png", []byte("no picture"))
	put(t, "bits/a.wav", append(append([]byte("RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x0c\x00data"), 4, 0, 0, 0), 0, 0, 0, 0))
	putSound(t, "fast/a.wav", 16000, 1, []float64{440})
	putSound(t, "mixed/a.wav", 8000, 1, []float64{440})
	putSound(t, "mixed/b.wav", 16000, 1, []float64{440})
	putSound(t, "mono/0.wav", 8000, 1, []float64{440})
	putSound(t, "mono/1.wav", 8000, 1, []float64{440})
	putPicture(t, "large.png", image.NewGray(image.Rect(0, 0, 9, 9)))
	white := image.NewGray(image.Rect(0, 0, 8, 8))
	copy(white.Pix, bytes.Repeat([]byte{255}, 64))
	putPicture(t, "white.png", white)
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"denoise pictures --run runs/jpeg", exitUsage, "name one with -o"},
		{"denoise pictures -o out --check", exitUsage, "say which with --damage.kind"},
		{"denoise pictures -o out --check --damage.kind jpg", exitUsage, "jpg"},
		{"denoise pictures -o out --check --damage.kind jpeg --damage.quality 0", exitOK, ""},
		{"denoise pictures -o out --check --damage.kind jpeg --damage.quality 101", exitUsage, "quality 101: want 1 to 100"},
		{"denoise pictures -o out --check --damage.kind gaussian", exitUsage, "without a level"},
		{"denoise pictures -o out --check --damage.kind occlusion --damage.size 9", exitFailed, "squares of 9 do not fit into pictures of 8 by 8"},
		{"denoise pictures -o out --check --clean noisy --run runs/jpeg", exitFailed, "leave out the folder of the clean pictures"},
		{"denoise noisy -o out --run runs/jpeg --clean photos", exitFailed, "noisy has 12 pictures and photos has 2"},
		{"denoise noisy -o out --run runs/jpeg --epochs 3", exitUsage, "--train.epochs is for a training"},
		{"denoise noisy -o out --run runs/jpeg -n -1", exitFailed, "-1 pictures"},
		{"denoise noisy -o out --run runs/fill", exitFailed, "such as conv.Denoising"},
		{"denoise empty -o out --run runs/jpeg", exitFailed, "no pictures"},
		{"denoise broken -o out --run runs/jpeg", exitFailed, "a.png"},
		{"denoise mnist -o out --run runs/jpeg", exitFailed, "the model takes [1 8 8]"},
		{"denoise photos -o out --data photos --check --damage.kind jpeg --cut.size 21 --cut.count 5", exitFailed, "20 by 31 has no squares of 21"},
		{"denoise pictures -o out --check --damage.kind jpeg --model conv", exitFailed, "conv.Denoising"},
		{"denoise fast -o out --run runs/sound", exitFailed, "a.wav has 16000 steps in a second, want 8000"},
		{"denoise mixed -o out --check --damage.kind masking --damage.level 0.1", exitFailed, "b.wav has 16000 steps in a second, want 8000"},
		{"denoise bits -o out --run runs/sound", exitFailed, "PCM of 12 bits cannot be read"},
		{"denoise music -o out --run runs/sound --clean mono", exitFailed, "of 2 channels at 8000 Hz, and the clean one mono/0.wav"},
		{"denoise music -o out --run runs/sound --clean fast", exitFailed, "the clean sound of music/0.wav"},
		{"denoise music -o music --run runs/sound", exitFailed, "choose another"},
		{"denoise music -o out --run runs/jpeg", exitFailed, "not windows [1,steps] of sounds"},
		{"denoise pictures -o out --run runs/sound", exitFailed, "not pictures"},
		{"denoise music -o out --check --damage.kind jpeg --window 64", exitFailed, "jpeg is for pictures"},
		{"denoise music -o out --check --damage.kind masking --damage.level 0.1 --window 5000", exitFailed, "no sound is as long as a window of 5000"},
		{"denoise none.wav -o out --run runs/sound", exitFailed, "none.wav"},
		{"inpaint pictures --hide.kind centre", exitUsage, "name one with -o"},
		{"inpaint pictures -o out", exitUsage, "say what with --hide.kind"},
		{"inpaint pictures -o out --hide.kind center", exitUsage, "center"},
		{"inpaint pictures -o out --hide.kind centre --hide.size 9", exitFailed, "a hidden square of 9 is larger than a picture of 8 by 8"},
		{"inpaint pictures -o out --run runs/fill --hide.kind mask", exitUsage, "without a picture"},
		{"inpaint pictures -o out --run runs/fill --hide.kind mask --hide.mask none.png", exitFailed, "none.png"},
		{"inpaint pictures -o out --run runs/fill --hide.kind mask --hide.mask large.png", exitFailed, "large.png has 9 by 9 pixels, and the pictures have 8 by 8"},
		{"inpaint pictures -o out --run runs/fill --hide.kind mask --hide.mask white.png", exitFailed, "hides 0 of 64 pixels"},
		{"inpaint pictures -o pictures --run runs/fill", exitFailed, "choose another"},
		{"inpaint pictures -o out --run runs/jpeg --hide.kind centre", exitFailed, "such as conv.Inpainting"},
		{"inpaint pictures -o out --hide.kind centre --damage.kind jpeg", exitUsage, "leave one out"},
		{"inpaint empty -o out --hide.kind centre", exitFailed, "no pictures"},
		{"inpaint nothing -o out --hide.kind centre", exitFailed, "nothing"},
		{"inpaint table.csv -o out --run runs/fill", exitFailed, "table.csv is a file"},
	} {
		t.Run(c.line, func(t *testing.T) {
			code, out, errs := call(t, strings.Fields(c.line)...)
			require.Equal(t, c.code, code, errs)
			if code != exitOK {
				require.Empty(t, out)
			}
			require.Contains(t, errs, c.want)
		})
	}
}
