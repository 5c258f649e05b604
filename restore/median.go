package restore

import "slices"

// Median returns a picture [C,H,W] with each value replaced by the median of those of the
// same channel that are at most radius rows and columns away; those beyond the edge are
// those of the edge. A sound [1,1,steps] has one row.
func Median(x []float32, shape []int, radius int) ([]float32, error) {
	channels, height, width, err := shapeOf(shape, x)
	if err != nil {
		return nil, err
	}
	up := radius
	if height == 1 {
		up = 0
	}
	out := make([]float32, len(x))
	near := make([]float32, 0, (2*up+1)*(2*radius+1))
	for c := range channels {
		channel := x[c*height*width:][:height*width]
		for i := range height {
			for j := range width {
				near = near[:0]
				for p := i - up; p <= i+up; p++ {
					row := channel[min(height-1, max(0, p))*width:][:width]
					for q := j - radius; q <= j+radius; q++ {
						near = append(near, row[min(width-1, max(0, q))])
					}
				}
				slices.Sort(near)
				out[(c*height+i)*width+j] = near[len(near)/2]
			}
		}
	}
	return out, nil
}
