package data

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// patches is a picture of two colours, the left half and the right half.
func patches(width, height int, left, right color.Color) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			if x < width/2 {
				p.Set(x, y, left)
			} else {
				p.Set(x, y, right)
			}
		}
	}
	return p
}

func encoded(t testing.TB, encode func(io.Writer, image.Image) error, p image.Image) []byte {
	var file bytes.Buffer
	require.NoError(t, encode(&file, p))
	return file.Bytes()
}

func encodeJPEG(w io.Writer, p image.Image) error {
	return jpeg.Encode(w, p, &jpeg.Options{Quality: 100})
}
func encodeGIF(w io.Writer, p image.Image) error  { return gif.Encode(w, p, nil) }
func encodeTIFF(w io.Writer, p image.Image) error { return tiff.Encode(w, p, nil) }

// webpPicture is a picture of one black pixel.
const webpPicture = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

// folder writes files and returns their folder.
func pictureFolder(t testing.TB, files map[string][]byte) string {
	dir := t.TempDir()
	for name, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, file, 0o644))
	}
	return dir
}

func TestFoldersAreClassesAndFilesAreSorted(t *testing.T) {
	grey := func(v uint8) []byte { return encoded(t, png.Encode, patches(2, 2, color.Gray{v}, color.Gray{v})) }
	dir := pictureFolder(t, map[string][]byte{
		"dog/b.png": grey(2), "dog/a.PNG": grey(1), "dog/deep/c.png": grey(3), "cat/z.png": grey(0), "notes.txt": nil, "dog/notes.txt": nil, ".git/a.png": nil, "dog/.a.png": nil,
	})
	f, err := OpenImageFolder(dir, ImageFolderOptions{Grey: true})
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, f.Classes)
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 2, 2}}, {Name: "label", Classes: 2}}, f.Fields())
	require.Equal(t, 4, f.Len())
	for i, name := range []string{"cat/z.png", "dog/a.PNG", "dog/b.png", "dog/deep/c.png"} {
		require.Equal(t, filepath.Join(dir, filepath.FromSlash(name)), f.Path(i))
		v := float32(i) / 255
		require.Equal(t, [][]float32{{v, v, v, v}, {float32(min(i, 1))}}, read(t, f, i))
	}
	require.Empty(t, f.Path(4))

	flat, err := OpenImageFolder(dir, ImageFolderOptions{Flat: true})
	require.NoError(t, err)
	require.Equal(t, []Field{{Name: "x", Shape: []int{3, 2, 2}}}, flat.Fields())
	require.Equal(t, 4, flat.Len())
	require.Nil(t, flat.Classes)
}

func TestEveryFormatOfPicturesIsRead(t *testing.T) {
	p := patches(4, 2, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255})
	want := []float32{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1}
	for name, file := range map[string][]byte{
		"a.png": encoded(t, png.Encode, p), "a.gif": encoded(t, encodeGIF, p), "a.bmp": encoded(t, bmp.Encode, p), "a.tiff": encoded(t, encodeTIFF, p),
		"misnamed.jpg": encoded(t, png.Encode, p),
	} {
		f, err := OpenImageFolder(pictureFolder(t, map[string][]byte{name: file}), ImageFolderOptions{Flat: true})
		require.NoError(t, err, name)
		require.Equal(t, want, read(t, f, 0)[0], name)
	}
	wide := patches(32, 16, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255})
	f, err := OpenImageFolder(pictureFolder(t, map[string][]byte{"a.jpeg": encoded(t, encodeJPEG, wide)}), ImageFolderOptions{Flat: true})
	require.NoError(t, err)
	require.InDelta(t, 1, read(t, f, 0)[0][0], .03)
	f, err = OpenImageFolder(pictureFolder(t, map[string][]byte{"a.webp": []byte(webpPicture)}), ImageFolderOptions{Flat: true})
	require.NoError(t, err)
	require.Equal(t, []float32{0, 0, 0}, read(t, f, 0)[0])
}

func TestPicturesAreStretchedOrCropped(t *testing.T) {
	p := image.NewRGBA(image.Rect(0, 0, 12, 4)) // black, white, black
	for i := range 4 * 4 {
		p.Set(4+i%4, i/4, color.White)
	}
	dir := pictureFolder(t, map[string][]byte{"a.png": encoded(t, png.Encode, p)})
	first := func(opts ImageFolderOptions) []float32 {
		opts.Flat, opts.Grey = true, true
		f, err := OpenImageFolder(dir, opts)
		require.NoError(t, err)
		return read(t, f, 0)[0]
	}
	require.Equal(t, []float32{1, 1, 1, 1}, first(ImageFolderOptions{Height: 2, Width: 2, Fit: FitCrop}))
	x := first(ImageFolderOptions{Height: 1, Width: 3})
	require.Less(t, x[0], float32(.2))
	require.Greater(t, x[1], float32(.8))
	require.Less(t, x[2], float32(.2))
	require.Len(t, first(ImageFolderOptions{Height: 9, Width: 1, Fit: FitCrop}), 9)
}

func TestGreyIsLuma(t *testing.T) {
	p := patches(2, 1, color.RGBA{255, 0, 0, 255}, color.NRGBA{255, 255, 255, 0})
	f, err := OpenImageFolder(pictureFolder(t, map[string][]byte{"a.png": encoded(t, png.Encode, p)}), ImageFolderOptions{Flat: true, Grey: true})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float32{.299, 0}, read(t, f, 0)[0], .002)
}

func TestWhatIsWrongWithAFolderOfPicturesIsSaid(t *testing.T) {
	good := encoded(t, png.Encode, patches(2, 2, color.White, color.Black))
	for want, c := range map[string]struct {
		files map[string][]byte
		opts  ImageFolderOptions
	}{
		"no class folders: put the pictures of each class into a folder": {nil, ImageFolderOptions{}},
		"no pictures: their names end in .png, .jpg":                     {nil, ImageFolderOptions{Flat: true}},
		"a.png is in no class folder: move it into one, or set Flat":     {map[string][]byte{"a.png": good}, ImageFolderOptions{}},
		"b has no pictures: remove it":                                   {map[string][]byte{"a/a.png": good, "b/a.txt": nil}, ImageFolderOptions{}},
		"images of height 2 and width 0: give both, or none":             {map[string][]byte{"a/a.png": good}, ImageFolderOptions{Height: 2}},
		`fit "pad": the fits are "stretch" and "crop"`:                   {map[string][]byte{"a/a.png": good}, ImageFolderOptions{Fit: "pad"}},
		"a.png: a PNG picture of 2 by 2 pixels, more than 3":             {map[string][]byte{"a/a.png": good}, ImageFolderOptions{MaxPixels: 3}},
		"a.png: not a picture: the file is cut short":                    {map[string][]byte{"a.png": nil}, ImageFolderOptions{Flat: true}},
		"has more than 1073741824 values":                                {map[string][]byte{"a.png": good}, ImageFolderOptions{Flat: true, Height: 1 << 30, Width: 1 << 30}},
	} {
		_, err := OpenImageFolder(pictureFolder(t, c.files), c.opts)
		require.ErrorContains(t, err, want)
	}
	_, err := OpenImageFolder(filepath.Join(t.TempDir(), "none"), ImageFolderOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Error(t, (&ImageFolder{}).Read(0, nil))
}

func TestAFileThatIsNoPictureIsNamedWhenItIsRead(t *testing.T) {
	good := encoded(t, png.Encode, patches(2, 2, color.White, color.Black))
	huge := slices.Clone(good)
	copy(huge[16:], "\x00\x10\x00\x00\x00\x10\x00\x00") // 2^20 by 2^20
	for want, file := range map[string][]byte{
		"b.png: a damaged PNG picture":                             good[:len(good)-20],
		"b.png: not a picture: it is an HTML page":                 []byte("<html>"),
		"b.png: not a picture of a format that can be read: PNG":   []byte("hello"),
		"b.png: a damaged PNG picture: png: invalid format: inval": huge,
	} {
		f, err := OpenImageFolder(pictureFolder(t, map[string][]byte{"a.png": good, "b.png": file}), ImageFolderOptions{Flat: true})
		require.NoError(t, err)
		read(t, f, 0)
		require.ErrorContains(t, f.Read(1, NewSample(f)), want)
	}
}

func TestPicturesAreReadFromSeveralGoroutines(t *testing.T) {
	files := map[string][]byte{}
	for i := range 8 {
		files[strings.Repeat("a", i+1)+".png"] = encoded(t, png.Encode, patches(4, 4, color.Gray{uint8(i)}, color.Gray{uint8(i)}))
	}
	f, err := OpenImageFolder(pictureFolder(t, files), ImageFolderOptions{Flat: true, Grey: true, Height: 2, Width: 2})
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			sample := NewSample(f)
			if f.Read(i, sample) != nil || sample[0][3] != float32(i)/255 {
				t.Error("picture", i)
			}
		})
	}
	all.Wait()
}

func TestAPictureThatIsTooLargeIsNotDecoded(t *testing.T) {
	blank := encoded(t, png.Encode, image.NewGray(image.Rect(0, 0, 1<<12, 1<<12)))
	dir := pictureFolder(t, map[string][]byte{"a.png": blank})
	bounded(t, 0, 0, 1<<20, func() {
		_, err := OpenImageFolder(dir, ImageFolderOptions{Flat: true, MaxPixels: 1 << 20})
		require.ErrorContains(t, err, "a PNG picture of 4096 by 4096 pixels, more than 1048576: make it smaller, or raise MaxPixels")
	})
}

// FuzzPicture decodes any bytes as a picture: no panic, no memory beyond what the bytes and the largest number of pixels
// allow, and values from 0 to 1.
func FuzzPicture(f *testing.F) {
	p := patches(4, 2, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 128})
	for _, seed := range [][]byte{
		nil, encoded(f, png.Encode, p), encoded(f, encodeGIF, p), encoded(f, bmp.Encode, p), encoded(f, encodeTIFF, p), encoded(f, encodeJPEG, p),
		[]byte(webpPicture), encoded(f, png.Encode, image.NewGray16(image.Rect(0, 0, 3, 3))), encoded(f, png.Encode, p)[:40], []byte("<html>"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		const pixels = 1 << 14
		bounded(t, len(file), 1000, 64*pixels+1<<24, func() {
			r := bytes.NewReader(file)
			format, err := formatOf(r)
			if err != nil {
				return
			}
			height, width, err := format.size(r, pixels)
			if err != nil {
				return
			}
			picture, err := format.pixels(r, height, width)
			if err != nil {
				return
			}
			x := make([]float32, 3*8*8)
			imageForm{3, 8, 8, len(file)%2 == 0}.write(picture, x)
			require.GreaterOrEqual(t, slices.Min(x), float32(0))
			require.LessOrEqual(t, slices.Max(x), float32(1))
		})
	})
}
