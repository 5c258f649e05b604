package estimate_test

import (
	"testing"

	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesAnEstimatePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		set, _ := samples(t, 3)
		return nil, map[string]any{
			"LogLikelihood": estimate.LogLikelihood, "Bound": estimate.Bound, "ActiveUnits": estimate.ActiveUnits, "Aggregated": estimate.Aggregated,
		}, []any{factor{widen: 1}, factor{}, set, options(1), options(-1), estimate.Options{}}
	})
}
