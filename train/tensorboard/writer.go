package tensorboard

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/picture"
)

// Writer is a callback that writes an event file for TensorBoard. Over the steps it
// shows
//
//	loss/train, mse/validation   means over an epoch, for each loss and metric
//	loss/step                    the losses and metrics of single steps
//	elbo/rate                    the scalars that schedules set
//	active units                 what callbacks recorded with Run.Record before
//	recon, samples, codes        pictures; see package picture
//	weights/encoder/fc1/w        histograms of weights
//	code                         a histogram of the codes of validation samples
//
// Pictures and codes need Options.Validation. When training is resumed, TensorBoard
// drops what earlier files have of later steps than the checkpoint's. A training that is
// not resumed hides what earlier files in the folder have. An event that cannot be
// written is a warning.
type Writer struct {
	train.Base
	// Dir is the folder of the run. TensorBoard shows several runs if it is given the
	// folder above.
	Dir string
	// EverySteps is the number of steps between two rows of single steps; 0 means 10,
	// below 0 means none.
	EverySteps int
	// Pictures is the number of epochs between two pictures; 0 means 1, below 0 means
	// none.
	Pictures int
	// Samples is the number of samples in a picture; 0 means 8.
	Samples int
	// Histograms is the number of epochs between two histograms; 0 means 1, below 0
	// means none.
	Histograms int
	// Codes is the number of validation samples whose codes are drawn and counted; 0
	// means 2,000.
	Codes int

	file    *file
	values  []message
	shapes  map[string]graph.Shape
	draws   bool // there are reconstructions to draw
	failing bool // the latest event was not written
}

// Reports does nothing: see train.Reporter.
func (*Writer) Reports() {}

// Start begins a file.
func (w *Writer) Start(r *train.Run) (err error) {
	switch {
	case w.Dir == "":
		return errors.New("the event file has no folder: set Dir")
	case w.Samples < 0 || w.Codes < 0:
		return fmt.Errorf("pictures of %d samples and %d codes: neither can be negative", w.Samples, w.Codes)
	}
	if r.Validation() != nil {
		if w.shapes, err = r.Outputs(); err != nil {
			return err
		}
		_, err := picture.Drawable(r)
		w.draws = err == nil
	}
	if r.DryRun() {
		return nil
	}
	if w.file, err = create(w.Dir); err != nil {
		return err
	}
	first := 0
	if r.Steps > 0 {
		first = r.Steps + 1
	}
	return errors.Join(w.file.write(version(now())), w.file.write(restart(now(), first)))
}

// now is the time in seconds, as events have it.
func now() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

// due reports whether a period ends after n epochs or steps.
func due(n, every, usual int) bool {
	every = cmp.Or(every, usual)
	return every > 0 && n%every == 0
}

// Step writes the numbers of single steps.
func (w *Writer) Step(r *train.Run) error {
	if !due(r.Steps, w.EverySteps, 10) {
		return nil
	}
	w.add("loss/step", r.Loss())
	for i, name := range r.Names() {
		w.add(name+"/step", r.Values[i])
	}
	for _, name := range r.Scalars() {
		v, _ := r.Scalar(name)
		w.add(name, v)
	}
	w.flush(r)
	return nil
}

// Epoch writes everything that an epoch has.
func (w *Writer) Epoch(r *train.Run) error {
	w.addAll(r.Epoch.Metrics, "/train")
	w.addAll(r.Epoch.Validation, "/validation")
	w.addAll(r.Epoch.Extra, "")
	n := len(r.History())
	if w.draws && due(n, w.Pictures, 1) {
		if err := w.addPictures(r); err != nil {
			return err
		}
	}
	if due(n, w.Histograms, 1) {
		if err := w.addHistograms(r); err != nil {
			return err
		}
	}
	w.flush(r)
	return nil
}

// End closes the file.
func (w *Writer) End(*train.Run, error) error {
	f := w.file
	w.file = nil
	return f.close()
}

// add adds a number to the next event.
func (w *Writer) add(tag string, v float64) { w.values = append(w.values, scalar(tag, v)) }

func (w *Writer) addAll(numbers map[string]float64, suffix string) {
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		w.add(name+suffix, numbers[name])
	}
}

// flush writes the event.
func (w *Writer) flush(r *train.Run) {
	values := w.values
	w.values = nil
	if r.DryRun() {
		return
	}
	err := w.file.write(summary(now(), r.Steps, values))
	if err != nil && !w.failing {
		r.Warn("the events in %s miss numbers: %v: training goes on", w.Dir, err)
	}
	w.failing = err != nil
}

func (w *Writer) addPictures(r *train.Run) error {
	few := data.Limit(r.Validation(), cmp.Or(w.Samples, 8))
	if err := w.draw("recon", r, few, picture.Reconstructions); err != nil {
		return err
	}
	if _, has := w.shapes[graph.OutputPrior]; has {
		if err := w.draw("samples", r, few, picture.Generated); err != nil {
			return err
		}
	}
	if code, has := w.shapes[graph.OutputCode]; has && code.Size() == 2 {
		return w.draw("codes", r, w.many(r), picture.Codes)
	}
	return nil
}

func (w *Writer) draw(tag string, r *train.Run, set data.Set, of func(*train.Run, data.Set) (image.Image, error)) error {
	m, err := of(r, set)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return err
	}
	w.values = append(w.values, imageOf(tag, m.Bounds().Dx(), m.Bounds().Dy(), b.Bytes()))
	return nil
}

// many are the samples whose codes are drawn and counted.
func (w *Writer) many(r *train.Run) data.Set {
	return data.Limit(r.Validation(), cmp.Or(w.Codes, 2000))
}

func (w *Writer) addHistograms(r *train.Run) error {
	if err := r.Params().Sync(); err != nil {
		return err
	}
	for _, q := range r.Params().Trainable() {
		w.values = append(w.values, histogram("weights/"+q.Name(), count(q.Floats())))
	}
	if _, has := w.shapes[graph.OutputCode]; !has {
		return nil
	}
	codes, err := r.Compute(w.many(r), graph.OutputCode)
	if err != nil {
		return err
	}
	w.values = append(w.values, histogram(graph.OutputCode, count(codes[0].Data)))
	return nil
}
