// Holes: what is hidden of a picture, for a net to fill in.

package restore

import (
	"fmt"
	"math/rand/v2"
)

// HoleKind is a kind of hole; "" is none.
type HoleKind string

// The kinds of holes.
const (
	Centre HoleKind = "centre" // the square in the middle
	Block  HoleKind = "block"  // a square anywhere, drawn anew for each picture
	Given  HoleKind = "mask"   // what is black in a picture of the same size
)

// HoleKinds lists the kinds of holes.
func HoleKinds() []string { return []string{string(Centre), string(Block), string(Given)} }

// A Hole says what is hidden of pictures.
type Hole struct {
	Kind HoleKind `json:"kind" doc:"what is hidden of pictures, for a model that fills it in: centre, block (anywhere) or mask (a picture); empty means nothing"`
	// Size is the side of the square in pixels; 0 means half of the shorter side.
	Size int `json:"size" doc:"side of the hidden square in pixels; 0 means half"`
	// Mask is the file of a picture that is black where pixels are hidden.
	Mask string `json:"mask" doc:"picture that is black where pixels are hidden"`
}

// Check returns an error that names the first setting out of range.
func (h Hole) Check() error {
	switch h.Kind {
	case "":
		if h != (Hole{}) {
			return fmt.Errorf("restore: a hole without a kind: want one of %v", HoleKinds())
		}
	case Centre, Block:
		if h.Size < 0 {
			return fmt.Errorf("restore: a hidden square of %d: want at least 1, or 0 for half", h.Size)
		}
		if h.Mask != "" {
			return fmt.Errorf("restore: the mask %s with the hole %s: want the kind %s", h.Mask, h.Kind, Given)
		}
	case Given:
		if h.Mask == "" {
			return fmt.Errorf("restore: the hole %s without a picture: name one that is black where pixels are hidden", Given)
		}
		if h.Size != 0 {
			return fmt.Errorf("restore: a size of %d with a mask, which has its own", h.Size)
		}
	default:
		return fmt.Errorf("restore: the hole %q is unknown: want one of %v", string(h.Kind), HoleKinds())
	}
	return nil
}

// String describes the hole.
func (h Hole) String() string {
	switch {
	case h.Kind == Given:
		return "the black pixels of " + h.Mask
	case h.Size == 0:
		return "a " + string(h.Kind) + " square of half the side"
	}
	return fmt.Sprintf("a %s square of %d", h.Kind, h.Size)
}

// side is the side of the square in a picture.
func (h Hole) side(height, width int) (int, error) {
	side := h.Size
	if side == 0 {
		side = max(1, min(height, width)/2)
	}
	if side > min(height, width) {
		return 0, fmt.Errorf("restore: a hidden square of %d is larger than a picture of %d by %d", side, height, width)
	}
	return side, nil
}

// CheckShape returns an error if the square does not fit into pictures [C,H,W].
func (h Hole) CheckShape(shape []int) error {
	if len(shape) != 3 {
		return fmt.Errorf("restore: samples %v have no hole: want pictures [C,H,W]", shape)
	}
	if h.Kind == Given || h.Kind == "" {
		return nil
	}
	_, err := h.side(shape[1], shape[2])
	return err
}

// Apply writes to mask, of a picture [C,H,W], 0 where it is hidden and 1 elsewhere. The
// kind Given needs a mask from the caller, and is an error here.
func (h Hole) Apply(r *rand.Rand, mask []float32, shape []int) error {
	if err := h.Check(); err != nil {
		return err
	}
	_, height, width, err := shapeOf(shape, mask)
	if err != nil {
		return err
	}
	if h.Kind == Given {
		return fmt.Errorf("restore: the mask %s has to be read first", h.Mask)
	}
	for i := range mask {
		mask[i] = 1
	}
	if h.Kind == "" {
		return nil
	}
	side, err := h.side(height, width)
	if err != nil {
		return err
	}
	top, left := (height-side)/2, (width-side)/2
	if h.Kind == Block {
		top, left = r.IntN(height-side+1), r.IntN(width-side+1)
	}
	for from := 0; from < len(mask); from += height * width {
		for i := range side {
			clear(mask[from+(top+i)*width+left:][:side])
		}
	}
	return nil
}

// MaskOf is the mask of a picture [C,H,W] that is shown black, below one half, where pixels
// are hidden: 0 there in all of as many channels as are asked for, 1 elsewhere.
func MaskOf(x []float32, shape []int, channels int) ([]float32, error) {
	c, height, width, err := shapeOf(shape, x)
	if err != nil {
		return nil, err
	}
	area := height * width
	mask, hidden := make([]float32, channels*area), 0
	for i := range area {
		sum := float32(0)
		for k := range c {
			sum += x[k*area+i]
		}
		if sum < float32(c)/2 {
			hidden++
			continue
		}
		for k := range channels {
			mask[k*area+i] = 1
		}
	}
	if hidden == 0 || hidden == area {
		return nil, fmt.Errorf("restore: the mask hides %d of %d pixels: want some black ones, and some that are not", hidden, area)
	}
	return mask, nil
}
