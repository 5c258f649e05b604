// Sprites: generated images of which all factors are known, to measure how a code separates them.

package data

import "math"

const spriteSide = 32

// NewSprites returns 36,864 generated images "x" [1,32,32], white shapes on black with values 0 and 1, and their
// "factors" [5], the whole numbers from which they are drawn:
//
//	shape   0 to 2   square, ellipse, heart
//	size    0 to 5   from half to full size, a circle around the shape of radius 4 to 8 pixels
//	angle   0 to 7   in steps of 45 degrees
//	column  0 to 15  of the centre, from 8 to 24 pixels
//	row     0 to 15  likewise
//
// Image i has the factors in that order, the last one varying fastest. There is one image of each combination; some
// are equal, because a square looks the same after a quarter turn and an ellipse after half a turn. The set is like
// dSprites (Higgins et al. 2017), a quarter of its size in each direction of the plane of places. The images are drawn
// when they are read, with the same bits on every platform.
func NewSprites() Set {
	l, err := newLayout([]Field{{Name: "x", Shape: []int{1, spriteSide, spriteSide}}, {Name: "factors", Shape: []int{5}}})
	if err != nil {
		return nil
	}
	return &sprites{l}
}

type sprites struct{ *layout }

// spriteFactors are the numbers of values of the factors.
func spriteFactors() [5]int { return [5]int{3, 6, 8, 16, 16} }

func (s *sprites) Len() int {
	n := 1
	for _, values := range spriteFactors() {
		n *= values
	}
	return n
}

func (s *sprites) Read(i int, to [][]float32) error {
	if err := s.check("sprites", i, s.Len(), to); err != nil {
		return err
	}
	counts := spriteFactors()
	var factors [5]int
	for k := len(counts) - 1; k >= 0; k-- {
		factors[k] = i % counts[k]
		i /= counts[k]
		to[1][k] = float32(factors[k])
	}
	drawSprite(to[0], factors)
	return nil
}

// drawSprite draws the pixels whose centre is within the shape.
func drawSprite(x []float32, factors [5]int) {
	clear(x)
	radius := 4 + 0.8*float64(factors[1])
	place := func(k int) float64 { return 8 + 16*float64(k)/15 }
	column, row := place(factors[3]), place(factors[4])
	// The sine and cosine of multiples of 45 degrees; explicit conversions keep all platforms to the same rounding.
	turn := [8]float64{0, math.Sqrt2 / 2, 1, math.Sqrt2 / 2, 0, -math.Sqrt2 / 2, -1, -math.Sqrt2 / 2}
	sin, cos := turn[factors[2]], turn[(factors[2]+2)%8]
	inside := spriteShapes()[factors[0]]
	for i := max(0, int(row-radius)); i <= min(spriteSide-1, int(row+radius)); i++ {
		for j := max(0, int(column-radius)); j <= min(spriteSide-1, int(column+radius)); j++ {
			u, v := (float64(j)+0.5-column)/radius, (row-float64(i)-0.5)/radius
			if inside(float64(cos*u)+float64(sin*v), float64(cos*v)-float64(sin*u)) {
				x[i*spriteSide+j] = 1
			}
		}
	}
}

// spriteShapes say whether a point, with v upwards, is in the shape within the circle of radius 1.
func spriteShapes() [3]func(u, v float64) bool {
	return [3]func(u, v float64) bool{
		func(u, v float64) bool { return max(math.Abs(u), math.Abs(v)) <= math.Sqrt2/2 },
		func(u, v float64) bool { return float64(u*u)+float64(4*float64(v*v)) <= 1 },
		func(u, v float64) bool { // (u^2 + v^2 - 1)^3 <= u^2 v^3
			u, v = 1.25*u, float64(1.25*v)+0.1
			uu, vv := float64(u*u), float64(v*v)
			d := uu + vv - 1
			return float64(float64(d*d)*d) <= float64(float64(uu*vv)*v)
		},
	}
}
