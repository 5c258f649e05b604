// What the page shows in addition to the results.

package report

import "time"

// Report is everything that the page shows. Only Results goes to results.json.
type Report struct {
	Results  Results
	Command  string    // command line that made the report, or ""
	Date     time.Time // when it was made, or the zero time
	Platform string    // operating system and architecture, or ""
	Notes    []string  // sentences at the top of the page, such as which data was used and why
	Curves   []Curve
	Images   []ImageGrid
	Pictures []PresetPicture
}

// Curve is the loss of one run over training. Points are in the order of X; one
// that is not finite is a gap in the line.
type Curve struct {
	Model, Backend string
	Batch          int     // samples in a step, or 0
	Unit           string  // of X: "step" or "epoch"
	Remark         string  // a sentence below the chart, or ""
	Train          []Point // training loss
	Test           []Point // loss on the test samples, one point an epoch
}

// Point is a loss at a place in training.
type Point struct {
	X    float64 // in Curve's Unit, counted from the start of training
	Loss float64 // in the unit of the model's own loss
}

// ImageGrid has some test images and their reconstructions by a run.
type ImageGrid struct {
	Model, Backend  string
	Batch           int         // samples in a step of the training, or 0
	H, W            int         // height and width in pixels
	Originals       [][]float32 // grey images [H*W] by rows, 0 is black and 1 is white
	Reconstructions [][]float32 // the same number, in the same order
}
