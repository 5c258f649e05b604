package train

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
)

func TestSamplesFitInputsOfTheirShapeOrFlat(t *testing.T) {
	for _, c := range []struct {
		field, input graph.Shape
		fits         bool
	}{
		{graph.Shape{1, 28, 28}, graph.Shape{1, 28, 28}, true},
		{graph.Shape{1, 28, 28}, graph.Shape{28, 28}, true},
		{graph.Shape{28, 28}, graph.Shape{1, 28, 28}, true},
		{graph.Shape{1, 28, 28}, graph.Shape{784}, true},
		{graph.Shape{3, 28, 28}, graph.Shape{2352}, true},
		{graph.Shape{3, 28, 28}, graph.Shape{1, 2352}, true},
		{nil, nil, true},
		{nil, graph.Shape{1}, true},
		{graph.Shape{1}, nil, true},
		{graph.Shape{28, 28, 3}, graph.Shape{3, 28, 28}, false},
		{graph.Shape{784}, graph.Shape{1, 28, 28}, false},
		{graph.Shape{28, 28}, graph.Shape{14, 56}, false},
		{graph.Shape{13}, graph.Shape{12}, false},
		{graph.Shape{2}, nil, false},
		{nil, graph.Shape{2}, false},
	} {
		require.Equal(t, c.fits, fits(c.field, c.input), "%v into %v", c.field, c.input)
	}
}

// labelled is a net with an image, a label and, if scalar is set, a scalar without a
// value.
type labelled struct{ scalar bool }

func (l labelled) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input("x", batch, 3, 4, 4), b.Input("label", batch)
	loss := b.Add(b.Mean(x), b.Add(b.Mean(label), b.Mean(b.Param("w", nil, 1))))
	if l.scalar {
		loss = b.Add(loss, b.Input("temperature"))
	}
	return graph.Net{Tasks: []graph.Task{{Name: "sum", Loss: loss}}}
}

func imagesOf(t *testing.T, shape ...int) data.Set {
	t.Helper()
	set, err := data.InMemory(
		data.Array{Name: "x", Shape: shape, Values: make([]float32, 3*48)},
		data.Array{Name: "label", Classes: 2, Values: []float32{0, 1, 1}},
		data.Array{Name: "weight", Values: make([]float32, 3)})
	require.NoError(t, err)
	return set
}

func TestEachInputReadsTheFieldOfItsName(t *testing.T) {
	o := Options{Backend: tape.Config{}, Batch: 3}
	set := imagesOf(t, 3, 4, 4)
	r, err := Fit(t.Context(), labelled{}, set, o)
	require.NoError(t, err, "a field that no input reads is allowed")
	require.InDelta(t, 2.0/3, r.Epochs[0].First, 1e-6)

	unlabelled, err := data.Select(set, "x", "weight")
	require.NoError(t, err)
	_, err = Fit(t.Context(), labelled{}, unlabelled, o)
	require.EqualError(t, err, `train: nothing feeds the input "label" [3] of the net: the fields of the set are x [3 4 4], weight []: add one with data.Rename or data.With`)
	o.Validation = unlabelled
	r, err = Fit(t.Context(), labelled{}, set, o)
	require.ErrorContains(t, err, `nothing feeds the input "label"`)
	require.ErrorContains(t, err, `Options.Validation`)
	require.Empty(t, r.Epochs, "the error precedes training")
	_, err = Evaluate(t.Context(), labelled{}, unlabelled, o)
	require.ErrorContains(t, err, `nothing feeds the input "label"`)
}

func TestASetOfAnotherShapeIsAnErrorEvenIfTheCountsAgree(t *testing.T) {
	o := Options{Backend: tape.Config{}, Batch: 3}
	_, err := Fit(t.Context(), labelled{}, imagesOf(t, 4, 4, 3), o)
	require.ErrorContains(t, err, `the input "x" of the net takes samples of shape [3 4 4], the field of the set has [4 4 3]: they have the same number of values, but perhaps in another order`)
	_, err = Evaluate(t.Context(), labelled{}, imagesOf(t, 48), o)
	require.ErrorContains(t, err, `takes samples of shape [3 4 4], the field of the set has [48]`)
}

func TestAScalarThatNothingSetsIsAnError(t *testing.T) {
	o := Options{Backend: tape.Config{}, Batch: 3}
	_, err := Fit(t.Context(), labelled{scalar: true}, imagesOf(t, 3, 4, 4), o)
	require.ErrorContains(t, err, `nothing sets the scalar input "temperature": create it with Builder.Scalar`)
}
