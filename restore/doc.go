// Package restore has what the restoration of pictures and sounds needs beside a net: ways
// to damage them and to hide parts of them, which a net learns to undo; tiles, so that a
// net for small pictures restores large ones; simple methods to compare with; and how near
// a result is to the original.
//
//	d := restore.Damage{Kind: restore.JPEG, Quality: 10}
//	bad, err := d.Of(x, shape, seed)                        // a picture [C,H,W] with values in [0,1]
//	tiles, err := restore.Cover(shape, []int{3, 32, 32})
//	y, err := tiles.Restore(bad, net)                       // net maps tiles [N,3,32,32] to restored ones
//	near, err := restore.Near(y, x, shape)                  // PSNR, SSIM
//
// The nets are conv.Denoising, which reads a damaged picture and learns from the sound one,
// and conv.Inpainting, which reads a picture and the mask of what is shown of it. Package
// recipe trains them from files, and runs them on folders: Run.Denoise, Run.DenoiseSound and
// Run.Inpaint.
package restore

import "fmt"

// shapeOf checks that x is a picture [C,H,W].
func shapeOf(shape []int, x []float32) (channels, height, width int, err error) {
	if len(shape) != 3 || min(shape[0], shape[1], shape[2]) < 1 || shape[0]*shape[1]*shape[2] != len(x) {
		return 0, 0, 0, fmt.Errorf("restore: %d values are no picture of the shape %v: want [channels, height, width]", len(x), shape)
	}
	return shape[0], shape[1], shape[2], nil
}
