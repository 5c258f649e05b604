// Picture files: what they are, how large, and their pixels.

package data

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/stheno-ml/stheno/internal/regular"
)

// A pictureFormat is a format of pictures, told by the first bytes.
type pictureFormat struct {
	name, start string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
	at          bool // the decoder reads at offsets, and would read everything before them from a buffered file
}

// pictureFormats are the formats that can be read.
func pictureFormats() []pictureFormat {
	return []pictureFormat{
		{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, false},
		{"JPEG", "\xff\xd8", jpeg.DecodeConfig, jpeg.Decode, false},
		{"GIF", "GIF8", gif.DecodeConfig, gif.Decode, false},
		{"BMP", "BM", bmp.DecodeConfig, bmp.Decode, false},
		{"TIFF", "II*\x00", tiff.DecodeConfig, tiff.Decode, true},
		{"TIFF", "MM\x00*", tiff.DecodeConfig, tiff.Decode, true},
		{"WebP", "RIFF", webp.DecodeConfig, webp.Decode, false},
	}
}

// pictureNames are the ends of the names of picture files.
func pictureNames() []string {
	return []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}
}

// A picture is a picture file of which only the start has been read.
type picture struct {
	path          string
	file          *os.File
	format        pictureFormat
	height, width int
}

// openPicture opens a picture file and checks its size. Close it after use.
func openPicture(path string, maxPixels int) (p *picture, err error) {
	file, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	p = &picture{path: path, file: file}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	if p.format, err = formatOf(file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if p.height, p.width, err = p.format.size(file, maxPixels); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

func (p *picture) close() { p.file.Close() }

// decode reads the pixels.
func (p *picture) decode() (image.Image, error) {
	picture, err := p.format.pixels(p.file, p.height, p.width)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, err)
	}
	return picture, nil
}

// formatOf tells the format of a file.
func formatOf(r io.ReadSeeker) (pictureFormat, error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if err != nil && n == 0 {
		return pictureFormat{}, fmt.Errorf("not a picture: %w", cut(err))
	}
	for _, f := range pictureFormats() {
		if bytes.HasPrefix(head[:n], []byte(f.start)) {
			return f, nil
		}
	}
	if f, ok := recognise(head[:n]); ok {
		return pictureFormat{}, fmt.Errorf("not a picture: %s", f)
	}
	return pictureFormat{}, fmt.Errorf("not a picture of a format that can be read: PNG, JPEG, GIF, BMP, TIFF and WebP can")
}

// size is the size of a picture, without decoding it.
func (f pictureFormat) size(r io.ReadSeeker, maxPixels int) (height, width int, err error) {
	err = f.guard(r, func(r io.Reader) error {
		c, err := f.config(r)
		height, width = c.Height, c.Width
		return err
	})
	switch {
	case err != nil:
		return 0, 0, err
	case height < 1 || width < 1:
		return 0, 0, fmt.Errorf("a %s picture of %d by %d pixels", f.name, height, width)
	case height > maxPixels/width:
		return 0, 0, fmt.Errorf("a %s picture of %d by %d pixels, more than %d: make it smaller, or raise MaxPixels", f.name, height, width, maxPixels)
	}
	return height, width, nil
}

// pixels decodes a picture of a size that is known.
func (f pictureFormat) pixels(r io.ReadSeeker, height, width int) (picture image.Image, err error) {
	err = f.guard(r, func(r io.Reader) error {
		picture, err = f.decode(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if b := picture.Bounds(); b.Dx() != width || b.Dy() != height {
		return nil, fmt.Errorf("a %s picture of %d by %d pixels that says that it has %d by %d", f.name, b.Dy(), b.Dx(), height, width)
	}
	return picture, nil
}

// guard runs a decoder from the start of a file. Decoders of damaged files may panic, which is an error here.
func (f pictureFormat) guard(r io.ReadSeeker, run func(io.Reader) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a damaged %s picture: %v", f.name, p)
		}
	}()
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var in io.Reader = r
	if !f.at {
		in = bufio.NewReader(r)
	}
	if err := run(in); err != nil {
		return fmt.Errorf("a damaged %s picture: %w", f.name, cut(err))
	}
	return nil
}
