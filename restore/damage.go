// Damage: what happens to pictures and sounds, to learn to undo it.

package restore

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
)

// Kind is a kind of damage; "" is none.
type Kind string

// The kinds of damage.
const (
	Gaussian      Kind = "gaussian"        // normal noise of the standard deviation Level is added to each value
	SaltAndPepper Kind = "salt-and-pepper" // each value becomes the least or the greatest, with the probability Level in all
	Masking       Kind = "masking"         // each value becomes 0 with the probability Level
	Occlusion     Kind = "occlusion"       // squares become black: see Size and Level
	JPEG          Kind = "jpeg"            // the picture is coded as JPEG of Quality and decoded
)

// Kinds lists the kinds of damage.
func Kinds() []string {
	return []string{string(Gaussian), string(SaltAndPepper), string(Masking), string(Occlusion), string(JPEG)}
}

// Damage damages a picture [C,H,W] with values in [0,1], or a sound [1,1,steps] with values
// in [-1,1]. The zero value does nothing.
type Damage struct {
	Kind Kind `json:"kind" doc:"damage that a model learns to undo: gaussian, salt-and-pepper, masking, occlusion or jpeg; empty means none"`
	// Level is the standard deviation of gaussian, where white is 1; the probability of
	// salt-and-pepper and masking; the part of the area of occlusion, where 0 is one square.
	Level float64 `json:"level" doc:"standard deviation (gaussian, white is 1), probability of a value (salt-and-pepper, masking), or part of the area (occlusion; 0 means one square)"`
	// Size is the side of the squares of occlusion in pixels, or the length of the gaps in
	// a sound in steps; 0 means a quarter of the shorter side.
	Size int `json:"size" doc:"side of the squares of occlusion in pixels, or length of the gaps in a sound in steps; 0 means a quarter"`
	// Quality is that of JPEG, from 1 to 100; 0 means 10.
	Quality int `json:"quality" doc:"quality of jpeg, from 1 to 100" default:"10"`
}

// Check returns an error that names the first setting out of range.
func (d Damage) Check() error {
	switch {
	case d.Kind != "" && !slices.Contains(Kinds(), string(d.Kind)):
		return fmt.Errorf("restore: the kind of damage %q is unknown: want one of %v", string(d.Kind), Kinds())
	case d.Kind == "" && (d.Level != 0 || d.Size != 0 || d.Quality != 0):
		return fmt.Errorf("restore: a damage without a kind: want one of %v", Kinds())
	case !(d.Level >= 0) || math.IsInf(d.Level, 0):
		return fmt.Errorf("restore: level %g of %s: want a finite number, at least 0", d.Level, d.Kind)
	case d.Level == 0 && (d.Kind == Gaussian || d.Kind == SaltAndPepper || d.Kind == Masking):
		return fmt.Errorf("restore: %s without a level: set one above 0", d.Kind)
	case d.Level > 1 && d.Kind != Gaussian:
		return fmt.Errorf("restore: level %g of %s: want a part, from 0 to 1", d.Level, d.Kind)
	case d.Level != 0 && d.Kind == JPEG:
		return fmt.Errorf("restore: level %g of jpeg: it has a quality", d.Level)
	case d.Size < 0 || d.Size > 0 && d.Kind != Occlusion:
		return fmt.Errorf("restore: size %d of %s: only occlusion has one, at least 1", d.Size, d.Kind)
	case d.Quality < 0 || d.Quality > 100:
		return fmt.Errorf("restore: quality %d: want 1 to 100", d.Quality)
	case d.Quality > 0 && d.Kind != JPEG:
		return fmt.Errorf("restore: quality %d of %s: only jpeg has one", d.Quality, d.Kind)
	}
	return nil
}

// String describes the damage.
func (d Damage) String() string {
	switch d.Kind {
	case "":
		return "no damage"
	case JPEG:
		return fmt.Sprintf("jpeg of quality %d", d.quality())
	case Occlusion:
		return fmt.Sprintf("occlusion by squares of %d", d.Size)
	}
	return fmt.Sprintf("%s of level %g", d.Kind, d.Level)
}

func (d Damage) quality() int {
	if d.Quality == 0 {
		return 10
	}
	return d.Quality
}

// CheckShape returns an error if the damage is not possible for pictures of a shape.
func (d Damage) CheckShape(shape []int) error {
	if len(shape) != 3 {
		return fmt.Errorf("restore: samples %v cannot be damaged: want pictures [C,H,W] or sounds [1,1,steps]", shape)
	}
	sound := shape[1] == 1
	switch {
	case d.Kind == JPEG && sound:
		return fmt.Errorf("restore: jpeg is for pictures, and these are sounds %v", shape)
	case d.Kind == JPEG && shape[0] != 1 && shape[0] != 3:
		return fmt.Errorf("restore: jpeg of pictures %v: want one channel or three", shape)
	case d.Kind == Occlusion && (d.Size > shape[2] || d.Size > shape[1] && !sound):
		return fmt.Errorf("restore: squares of %d do not fit into pictures of %d by %d", d.Size, shape[1], shape[2])
	}
	return nil
}

// Of returns a damaged copy of a picture. The same seed does the same damage.
func (d Damage) Of(x []float32, shape []int, seed uint64) ([]float32, error) {
	y := slices.Clone(x)
	return y, d.Apply(rand.New(rand.NewPCG(seed, 0x72657374)), y, shape, false)
}

// Apply damages a picture in place, with random numbers from r. For a patch of a larger
// picture, the blocks of JPEG begin anywhere and not in its corner. The result is within
// [0,1], that of a sound within [-1,1].
func (d Damage) Apply(r *rand.Rand, x []float32, shape []int, patch bool) error {
	if err := d.Check(); err != nil {
		return err
	}
	_, height, width, err := shapeOf(shape, x)
	if err == nil {
		err = d.CheckShape(shape)
	}
	if err != nil || d.Kind == "" {
		return err
	}
	least, most := float32(0), float32(1)
	if height == 1 {
		least = -1
	}
	switch d.Kind {
	case Gaussian:
		for i, v := range x {
			x[i] = min(most, max(least, v+float32(d.Level*r.NormFloat64())))
		}
	case SaltAndPepper:
		for i := range x {
			if u := r.Float64(); u < d.Level/2 {
				x[i] = least
			} else if u < d.Level {
				x[i] = most
			}
		}
	case Masking:
		for i := range x {
			if r.Float64() < d.Level {
				x[i] = 0
			}
		}
	case Occlusion:
		d.occlude(r, x, height, width)
	case JPEG:
		top, left := 0, 0
		if patch {
			top, left = r.IntN(blocks), r.IntN(blocks)
		}
		return d.code(x, shape, top, left)
	}
	return nil
}

// occlude makes squares black.
func (d Damage) occlude(r *rand.Rand, x []float32, height, width int) {
	side := d.Size
	if side == 0 {
		side = max(1, min(height, width)/4)
		if height == 1 {
			side = max(1, width/4)
		}
	}
	high, wide := min(side, height), min(side, width)
	n := max(1, int(math.Round(d.Level*float64(height*width)/float64(high*wide))))
	for range n {
		top, left := r.IntN(height-high+1), r.IntN(width-wide+1)
		for from := 0; from < len(x); from += height * width {
			for i := range high {
				clear(x[from+(top+i)*width+left:][:wide])
			}
		}
	}
}

// blocks is the side of the blocks of JPEG, those of colours included.
const blocks = 16

// code codes the picture as JPEG and decodes it. Its blocks begin top rows above and left
// columns before the picture; what is there is a copy of the edge.
func (d Damage) code(x []float32, shape []int, top, left int) error {
	channels, height, width := shape[0], shape[1], shape[2]
	at := func(c, i, j int) uint8 {
		v := x[(c*height+min(height-1, max(0, i-top)))*width+min(width-1, max(0, j-left))]
		return uint8(math.Round(255 * float64(min(1, max(0, v)))))
	}
	bounds := image.Rect(0, 0, width+left, height+top)
	var in image.Image
	if channels == 1 {
		grey := image.NewGray(bounds)
		for k := range grey.Pix {
			grey.Pix[k] = at(0, k/grey.Stride, k%grey.Stride)
		}
		in = grey
	} else {
		rgb := image.NewRGBA(bounds)
		for i := range bounds.Dy() {
			for j := range bounds.Dx() {
				rgb.SetRGBA(j, i, color.RGBA{at(0, i, j), at(1, i, j), at(2, i, j), 255})
			}
		}
		in = rgb
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, in, &jpeg.Options{Quality: d.quality()}); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	out, err := jpeg.Decode(&file)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for i := range height {
		for j := range width {
			r, g, b, _ := out.At(j+left, i+top).RGBA()
			for c, v := range []uint32{r, g, b}[:channels] {
				x[(c*height+i)*width+j] = float32(v) / 0xffff
			}
		}
	}
	return nil
}
