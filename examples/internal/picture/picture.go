// Package picture writes greyscale pictures to files, for the examples.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
)

// Grid writes pictures [N, height, width] to a PNG file, in rows of the given number
// of columns, with a line between pictures. Values from 0 to 1 go from black to
// white. Values outside are clipped.
func Grid(path string, pixels []float32, height, width, columns int) error {
	if height < 1 || width < 1 || columns < 1 || len(pixels) == 0 || len(pixels)%(height*width) != 0 {
		return fmt.Errorf("pictures %s: %d values in %d columns: want whole pictures of %d by %d", path, len(pixels), columns, height, width)
	}
	n := len(pixels) / (height * width)
	rows := (n + columns - 1) / columns
	img := image.NewGray(image.Rect(0, 0, columns*(width+1)-1, rows*(height+1)-1))
	for i, v := range pixels {
		k, y, x := i/(height*width), i/width%height, i%width
		grey := color.Gray{Y: uint8(math.Round(255 * float64(min(max(v, 0), 1))))}
		img.SetGray(k%columns*(width+1)+x, k/columns*(height+1)+y, grey)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return fmt.Errorf("pictures %s: %w", path, err)
	}
	return os.WriteFile(path, file.Bytes(), 0o644)
}
