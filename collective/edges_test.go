package collective_test

import (
	"testing"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesAGroupPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return []any{collective.Local(1)[0], &collective.Failure{}}, map[string]any{
			"Local": collective.Local, "Launched": collective.Launched, "Bytes": collective.Bytes[float32],
		}, nil
	})
}
