package compress_test

import (
	"bytes"
	"testing"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesThePackagePanic(t *testing.T) {
	whole, m := file(t)
	p := params(t, models[0].model)
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return []any{m, &compress.Model{}, (*compress.Model)(nil), compress.Hash{}, compress.Stats{}}, map[string]any{
			"New": compress.New, "Encode": compress.Encode, "Decode": compress.Decode,
			"Inspect": compress.Inspect, "EncodeCodes": compress.EncodeCodes, "DecodeCodes": compress.DecodeCodes, "EncodeLossy": compress.EncodeLossy, "DecodeLossy": compress.DecodeLossy,
		}, []any{m, &compress.Model{}, models[0].model, p, levels(t, 3, []int{12}, 2), bytes.NewReader(whole), &bytes.Buffer{}, compress.Options{MaxValues: 1}, compress.CodeOptions{Step: 1}, codes(2, 2)}
	})
}
