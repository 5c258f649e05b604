package train

import (
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Result is the outcome of a training.
type Result struct {
	Params *graph.Params
	// Scalers are those that samples pass through, by field.
	Scalers map[string]*data.Scaler
	// Epochs are the epochs, including those before training was resumed.
	Epochs []Epoch
	// Steps is the number of steps, including those before training was resumed.
	Steps int
	// Stopped is why training ended before the planned steps, or "".
	Stopped string
	// Skipped are steps that were undone because one of them failed.
	Skipped []Skip
	// Warnings are the lines for the user, which Options.Progress has as well.
	Warnings []string
}

// Epoch is the outcome of one pass over the training set.
type Epoch struct {
	Epoch      int                // counted from 1, over all training of the parameters
	Steps      int                // steps in the epoch
	Partial    bool               // training ended within the epoch
	First      float64            // loss of the epoch's first step
	Losses     []float64          // loss of every step that this process ran
	Loss       float64            // mean training loss over the samples, while the weights change
	Metrics    map[string]float64 // means of losses and metrics over the same samples
	Validation map[string]float64 // the result of Evaluate on Options.Validation after the epoch; under "average/" that of an optim.MovingAverage
	Extra      map[string]float64 // what callbacks recorded; see Run.Record
	Took       time.Duration      // time for training in this process, without the evaluation
}
