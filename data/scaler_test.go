package data

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// scalers are options of every kind.
func scalers() []ScaleOptions {
	return []ScaleOptions{
		{}, {Per: PerChannel}, {Per: PerAll}, {LogFirst: true}, {Kind: MinMax}, {Kind: MinMax, Per: PerChannel, Min: -1, Max: 2},
		{Kind: MinMax, LogFirst: true}, {Kind: Robust}, {Kind: Robust, Per: PerChannel}, {Kind: Log},
		{Kind: SampleStandard}, {Kind: SampleStandard, Per: PerChannel}, {Kind: SampleMinMax, Min: -1, Max: 1},
	}
}

// series is a set of samples x [2 3].
func series(t testing.TB, values ...float32) Set {
	return must(InMemory(Array{Name: "x", Shape: []int{2, 3}, Values: values}))(t)
}

func someSeries(t testing.TB) Set {
	return series(t, 1, 2, 3, 10, 20, 30, 4, 5, 6, 20, 5, 70, 7, 7, 9, 60, 50, 40, 0, 2.5, 3, 11, 12, 13.25)
}

func fitted(t testing.TB, set Set, opts ScaleOptions) *Scaler {
	s, err := FitScaler(set, "x", opts)
	require.NoError(t, err)
	return s
}

func TestScalersComputeTheirFormulas(t *testing.T) {
	for want, try := range map[string]struct {
		columns []float32 // two
		opts    ScaleOptions
	}{
		"[-1 0 0 0 1 0]":            {[]float32{2, 7, 3, 7, 4, 7}, ScaleOptions{Kind: Robust}},
		"[0 0 0.5 0 1 0]":           {[]float32{2, 7, 3, 7, 4, 7}, ScaleOptions{Kind: MinMax}},
		"[-1 -1 0 -1 1 -1]":         {[]float32{2, 7, 3, 7, 4, 7}, ScaleOptions{Kind: MinMax, Min: -1, Max: 1}},
		"[-1 0 1 0]":                {[]float32{2, 7, 4, 7}, ScaleOptions{}},
		"[0 1 0.4 1]":               {[]float32{2, 7, 4, 7}, ScaleOptions{Kind: MinMax, Per: PerAll}},
		"[-1 1 -1 1]":               {[]float32{2, 7, 4, 7}, ScaleOptions{Kind: SampleStandard}},
		"[0 1 1 0 0 0]":             {[]float32{2, 7, 5, 4, 3, 3}, ScaleOptions{Kind: SampleMinMax}},
		"[0 0.6931472 0 1.0986123]": {[]float32{0, 1, 0, 2}, ScaleOptions{Kind: Log}},
		"[0 0 0 1]":                 {[]float32{0, 1, 0, 2}, ScaleOptions{Kind: MinMax, LogFirst: true}},
	} {
		set := column(t, try.columns...)
		got, err := fitted(t, set, try.opts).Transform(try.columns)
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(got))
	}
}

func TestApplyScalesAsTransformDoes(t *testing.T) {
	set := someSeries(t)
	before, err := ArrayOf(set, "x")
	require.NoError(t, err)
	for _, opts := range scalers() {
		s := fitted(t, set, opts)
		want, err := s.Transform(before.Values)
		require.NoError(t, err)
		got, err := ArrayOf(must(s.Apply(set))(t), "x")
		require.NoError(t, err)
		require.Equal(t, want, got.Values)
		require.Equal(t, []int{2, 3}, got.Shape)
		require.NotEqual(t, before.Values, got.Values)
	}
}

func TestAStreamIsScaledAsASetIs(t *testing.T) {
	set := pattern(t, 10)
	s := fitted(t, set, ScaleOptions{Kind: Robust})
	want := must(s.Apply(set))(t)
	stream := s.ApplyStream(Shuffle(forwards(10), 10, 1))
	require.Equal(t, want.Fields(), stream.Fields())
	to := NewSample(set)
	order := rest(t, Shuffle(forwards(10), 10, 1))
	for k, i := range order {
		require.Equal(t, k, stream.Position().Next)
		require.NoError(t, stream.Next(to))
		require.Equal(t, read(t, want, i), to)
	}
	require.Equal(t, io.EOF, stream.Next(to))
	require.NoError(t, stream.Seek(Position{Next: 4}))
	require.NoError(t, stream.Next(to))
	require.Equal(t, read(t, want, order[4]), to)
}

func TestAStreamThatCannotBeScaledSaysSo(t *testing.T) {
	s := fitted(t, column(t, 1, 2), ScaleOptions{Kind: Log})
	for want, stream := range map[string]Stream{
		"scaler: no stream":              s.ApplyStream(nil),
		"stream: no set":                 s.ApplyStream(FromSet(nil)),
		"the scaler was fitted to x [2]": s.ApplyStream(FromSet(someSeries(t))),
		"no scaler":                      (&Scaler{}).ApplyStream(forwards(1)),
		`sample 1 in epoch 0: field "x": value 1 is -1`: s.ApplyStream(FromSet(must(Subset(pattern(t, 3), 0, 2))(t))),
	} {
		to := pair()
		err := stream.Next(to)
		if err == nil {
			err = stream.Next(to)
		}
		require.ErrorContains(t, err, want)
	}
}

func TestUndoBringsValuesBack(t *testing.T) {
	values, err := ArrayOf(someSeries(t), "x")
	require.NoError(t, err)
	for _, opts := range scalers() {
		s := fitted(t, someSeries(t), opts)
		scaled, err := s.Transform(values.Values)
		require.NoError(t, err)
		back, err := s.Undo(scaled)
		if s.ofSample() {
			require.ErrorContains(t, err, "cannot be undone: a sample's own numbers are not kept")
			continue
		}
		require.NoError(t, err)
		require.InDeltaSlice(t, values.Values, back, 2e-5, "%s", s)
	}
}

func TestAScalerGoesThroughJSON(t *testing.T) {
	for _, opts := range scalers() {
		s := fitted(t, someSeries(t), opts)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var read Scaler
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, *s, read)
	}
}

func TestADamagedScalerIsAnError(t *testing.T) {
	for want, text := range map[string]string{
		"scaler: field [] has no name":      `{}`,
		`there is no kind "x"`:              `{"field":"x","kind":"x","per":"all"}`,
		`nothing is scaled per ""`:          `{"field":"x","kind":"log"}`,
		"there are 1 centers and 0 widths":  `{"field":"x","kind":"standard","per":"all","center":[1]}`,
		"there are 1 centers and 1 widths":  `{"field":"x","shape":[2],"kind":"standard","per":"value","center":[1],"width":[1]}`,
		"center 0 is 1 and its width 0":     `{"field":"x","kind":"standard","per":"all","center":[1],"width":[0]}`,
		"Min is 2 and Max is 1":             `{"field":"x","kind":"min-max","per":"all","min":2,"max":1,"center":[1],"width":[1]}`,
		"the kind is log, but log is false": `{"field":"x","kind":"log","per":"all","center":[0],"width":[1]}`,
		"cannot unmarshal string":           `{"field":"x","kind":"log","per":"all","center":["NaN"]}`,
	} {
		require.ErrorContains(t, json.Unmarshal([]byte(text), &Scaler{}), want)
	}
	_, err := json.Marshal(&Scaler{})
	require.ErrorContains(t, err, "no scaler: make it by FitScaler")
}

func TestQuartilesAreThoseOfNumPy(t *testing.T) {
	values := []float64{1, 2, 4, 8, 16, 32}
	require.Equal(t, []float64{2.5, 6, 14}, []float64{quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)})
	require.Equal(t, 3., quantile([]float64{3}, 0.75))
}

func TestWhatCannotBeScaledIsAnError(t *testing.T) {
	nan := float32(math.NaN())
	set := someSeries(t)
	classes := must(InMemory(Labels([]int{0, 1})))(t)
	for want, try := range map[string]struct {
		set   Set
		field string
		opts  ScaleOptions
	}{
		"scaler: no set": {nil, "x", ScaleOptions{}},
		`no field "y"`:   {set, "y", ScaleOptions{}},
		"is not of measurements: make it one-hot":       {classes, "label", ScaleOptions{}},
		`there is no kind "minmax": the kinds are`:      {set, "x", ScaleOptions{Kind: "minmax"}},
		`nothing is scaled per "row"`:                   {set, "x", ScaleOptions{Per: "row"}},
		"Min is 1 and Max is 0: want Min below Max":     {set, "x", ScaleOptions{Kind: MinMax, Min: 1}},
		"robust has no Min and Max":                     {set, "x", ScaleOptions{Kind: Robust, Max: 1}},
		"there is no sample to fit to":                  {Limit(set, 0), "x", ScaleOptions{}},
		"sample 1, value 1 is NaN":                      {column(t, 1, 2, 3, nan), "x", ScaleOptions{Kind: SampleMinMax}},
		"sample 1, value 0 is +Inf":                     {column(t, 1, 2, float32(math.Inf(1)), 3), "x", ScaleOptions{Kind: Robust}},
		"sample 1: value 0 is -1 and has no log(1 + v)": {column(t, 1, 2, -1, 3), "x", ScaleOptions{LogFirst: true}},
		"per value each is alone: use PerAll":           {set, "x", ScaleOptions{Kind: SampleStandard, Per: PerValue}},
	} {
		_, err := FitScaler(try.set, try.field, try.opts)
		require.ErrorContains(t, err, want)
	}
	s := fitted(t, set, ScaleOptions{Kind: Log})
	_, err := s.Apply(column(t, 1, 2))
	require.ErrorContains(t, err, "field x [2]: the scaler was fitted to x [2 3]")
	_, err = s.Transform(make([]float32, 7))
	require.ErrorContains(t, err, "7 values are not a whole number of samples of x [2 3], which has 6")
	_, err = s.Transform(slices.Repeat([]float32{-2}, 6))
	require.ErrorContains(t, err, "sample 0: value 0 is -2 and has no log(1 + v)")
	_, err = (&Scaler{}).Apply(set)
	require.ErrorContains(t, err, "no scaler")
	_, err = (*Scaler)(nil).Undo(nil)
	require.ErrorContains(t, err, "no scaler")
}
