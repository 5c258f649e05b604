package picture

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/train"
)

// Writer is a callback that writes pictures after epochs, as PNG files:
//
//	recon-0005.png    validation samples, and below them their reconstructions
//	samples-0005.png  what the net generates, if it has the output "prior"
//	plane-0005.png    the codes of validation samples, if they are two-dimensional
//
// The number is that of the epoch. The plane has a colour for each class if the set has
// the field "label". Pictures do not change training: its random numbers and results are
// those of a training without them. A picture that cannot be written is a warning.
type Writer struct {
	train.Base
	// Dir is the folder. It is created if it does not exist.
	Dir string
	// Every is the number of epochs between two pictures; 0 means 1. There are pictures
	// after the last planned epoch in any case.
	Every int
	// Samples is the number of samples in a row; 0 means 8.
	Samples int
	// Codes is the number of samples in the plane; 0 means 2,000.
	Codes int

	shapes map[string]graph.Shape
}

// Reports does nothing: see train.Reporter.
func (*Writer) Reports() {}

// Start checks that there is something to draw.
func (w *Writer) Start(r *train.Run) (err error) {
	switch {
	case w.Dir == "":
		return errors.New("the pictures have no folder: set Dir")
	case w.Every < 0 || w.Samples < 0 || w.Codes < 0:
		return fmt.Errorf("pictures every %d epochs of %d samples and %d codes: none can be negative", w.Every, w.Samples, w.Codes)
	}
	if w.shapes, err = Drawable(r); err != nil {
		return err
	}
	if r.DryRun() {
		return nil
	}
	return os.MkdirAll(w.Dir, 0o755)
}

// Drawable returns the shapes of the net's outputs, or an error if there are no
// reconstructions of validation samples to draw.
func Drawable(r *train.Run) (map[string]graph.Shape, error) {
	if r.Validation() == nil {
		return nil, errors.New("pictures need samples: set Options.Validation")
	}
	if _, err := data.FieldOf(r.Validation(), graph.InputX); err != nil {
		return nil, err
	}
	shapes, err := r.Outputs()
	if _, has := shapes[graph.OutputRecon]; err == nil && !has {
		err = fmt.Errorf("the net has no output %q to draw", graph.OutputRecon)
	}
	return shapes, err
}

// Epoch writes the pictures of an epoch.
func (w *Writer) Epoch(r *train.Run) error {
	done := len(r.History())
	if done%cmp.Or(w.Every, 1) != 0 && done != r.Epochs() {
		return nil
	}
	set := data.Limit(r.Validation(), cmp.Or(w.Samples, 8))
	recon, err := Reconstructions(r, set)
	if err != nil {
		return err
	}
	w.write(r, "recon", recon)
	if _, has := w.shapes[graph.OutputPrior]; has {
		samples, err := Generated(r, set)
		if err != nil {
			return err
		}
		w.write(r, "samples", samples)
	}
	if w.shapes[graph.OutputCode].Size() == 2 && len(w.shapes[graph.OutputCode]) > 0 {
		plane, err := Codes(r, data.Limit(r.Validation(), cmp.Or(w.Codes, 2000)))
		if err != nil {
			return err
		}
		w.write(r, "plane", plane)
	}
	return nil
}

func (w *Writer) write(r *train.Run, kind string, m image.Image) {
	if r.DryRun() {
		return
	}
	path := filepath.Join(w.Dir, fmt.Sprintf("%s-%04d.png", kind, r.Epoch.Epoch))
	if err := atomicfile.Write(path, func(to io.Writer) error { return png.Encode(to, m) }); err != nil {
		r.Warn("the picture %s is missing: %v: training goes on", path, err)
	}
}

// Reconstructions draws the samples of a set, which is scaled, and below them their
// reconstructions. Both are drawn as they are without scaling, if it can be undone.
func Reconstructions(r *train.Run, set data.Set) (image.Image, error) {
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return nil, err
	}
	recon, err := r.Compute(set, graph.OutputRecon)
	if err != nil {
		return nil, err
	}
	if len(recon[0].Data) != len(x.Values) { // it predicts something else than x
		return Grid(recon[0].Shape[1:], recon[0].Data)
	}
	return Grid(x.Shape, r.Unscaled(graph.InputX, x.Values), r.Unscaled(graph.InputX, recon[0].Data))
}

// Generated draws as many generated samples as a set has, in the shape of its samples.
// Fields of the set other than x, such as a label, are what they are generated for.
func Generated(r *train.Run, set data.Set) (image.Image, error) {
	out, err := r.Generate(set)
	if err != nil {
		return nil, err
	}
	shape := out.Shape[1:]
	if x, err := data.FieldOf(set, graph.InputX); err == nil && x.Size() == graph.Shape(shape).Size() {
		return Grid(x.Shape, r.Unscaled(graph.InputX, out.Data))
	}
	return Grid(shape, out.Data)
}

// Codes draws the plane of the two-dimensional codes of a set.
func Codes(r *train.Run, set data.Set) (image.Image, error) {
	codes, err := r.Compute(set, graph.OutputCode)
	if err != nil {
		return nil, err
	}
	var labels []float32
	if f, err := data.FieldOf(set, graph.InputLabel); err == nil && f.Size() == 1 {
		a, err := data.ArrayOf(set, graph.InputLabel)
		if err != nil {
			return nil, err
		}
		labels = a.Values
	}
	return Plane(codes[0].Data, labels)
}
