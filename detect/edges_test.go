package detect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesADetectorPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		table := tableOf(t, []float32{1, 2, 3, 4, 5, 7}, 2)
		set, err := data.Table(data.Array{Shape: []int{2}, Values: []float32{1, 2, 3, 4}}, data.Labels([]int{0, 1}))
		require.NoError(t, err)
		m, err := detect.Consensus{Members: []detect.Member{{Detector: detect.PCA{}}, {Detector: detect.Neighbours{}}, {Detector: detect.IsolationForest{}}}}.
			Fit(t.Context(), table, detect.Options{})
		require.NoError(t, err)
		c, err := detect.Calibrate([]float64{1, 2, 3}, 2)
		require.NoError(t, err)
		few := detect.Training{Steps: 1}
		return []any{
				table, (*detect.Table)(nil), m, c, &detect.Calibration{}, (*detect.ImageModel)(nil),
				detect.PCA{}, detect.Neighbours{}, detect.IsolationForest{}, detect.Autoencoder{Training: few}, detect.VAE{Training: few}, detect.Images{Training: few},
				detect.Consensus{Members: []detect.Member{{}}},
			}, map[string]any{
				"NewTable": detect.NewTable, "Labels": detect.Labels, "Evaluate": detect.Evaluate, "Strongest": detect.Strongest,
				"Percentile": detect.Percentile, "Contamination": detect.Contamination, "RobustDeviation": detect.RobustDeviation, "Above": detect.Above,
				"Calibrate": detect.Calibrate, "CalibrateByLabels": detect.CalibrateByLabels,
			}, []any{table, set, detect.Options{}, detect.TableOptions{}, []float64{1, 2}, []bool{true, false}}
	})
}
