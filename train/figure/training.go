package figure

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/train"
)

// Rates draws the loss against the learning rate, as train.FindRate measured it, with
// the rate that it suggests.
func Rates(path string, c *train.RateCurve) error {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range c.Smooth {
		low, high = min(low, v), max(high, v)
	}
	raw := Line{Name: "loss", X: c.Rates, Points: true}
	for _, v := range c.Losses {
		if v > high+0.2*(high-low) {
			v = math.NaN() // it would press the rest into a corner
		}
		raw.Y = append(raw.Y, v)
	}
	lines := []Line{{Name: "smoothed loss", X: c.Rates, Y: c.Smooth}, raw}
	if c.Suggested > 0 {
		lines = append(lines, Line{Name: fmt.Sprintf("suggested: %.2g", c.Suggested), X: []float64{c.Suggested, c.Suggested}, Y: []float64{low, high}, Dashed: true})
	}
	return Draw(path, Axes{X: "learning rate", Y: "loss", LogX: true, Left: true}, lines...)
}

// History draws a number of each epoch, in training and in validation. "loss" is the
// first task's.
func History(path, metric string, epochs []train.Epoch) error {
	training, validation := Line{Name: "training"}, Line{Name: "validation"}
	for _, e := range epochs {
		if v, ok := e.Metrics[metric]; ok {
			training.X, training.Y = append(training.X, float64(e.Epoch)), append(training.Y, v)
		}
		if v, ok := e.Validation[metric]; ok {
			validation.X, validation.Y = append(validation.X, float64(e.Epoch)), append(validation.Y, v)
		}
	}
	return Draw(path, Axes{X: "epoch", Y: metric}, training, validation)
}
