package series_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/detect/series"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesASeriesPanic(t *testing.T) {
	values, times := waves(60)
	s, err := series.New(values, series.Options{Times: times})
	require.NoError(t, err)
	d := series.Detector{Window: 8, Epochs: 1}
	m, err := d.Fit(t.Context(), s, detect.Options{})
	require.NoError(t, err)
	defer m.Close()
	_, err = (*series.Model)(nil).Score(s)
	require.ErrorContains(t, err, "no model")
	require.NoError(t, (*series.Model)(nil).Close())
	edges.Walk(t, func() (receivers []any, functions map[string]any, more []any) {
		return []any{s, (*series.Series)(nil), d, m, m.Online(), &series.Online{}, (*series.Online)(nil), &series.Likelihood{}}, map[string]any{
			"New": series.New, "ReadCSV": series.ReadCSV, "OpenCSV": series.OpenCSV, "ParseLabels": series.ParseLabels, "OpenLabels": series.OpenLabels, "Period": series.Period,
		}, []any{s, series.Options{}, detect.Options{}, series.CSVOptions{}, times[0], []series.Interval{{From: times[0], To: times[1]}}}
	}, "Model.Close")
}
