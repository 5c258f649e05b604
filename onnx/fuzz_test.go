package onnx_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
)

// small reports whether a file declares no array that would take much memory, which a
// net of it rightly would.
func small(b []byte) bool {
	m, err := onnxproto.Unmarshal(b)
	if err != nil || len(b) > 1<<14 {
		return false
	}
	size := 1
	for _, in := range m.Graph.Inputs {
		if in.Type == nil || in.Type.Tensor == nil || in.Type.Tensor.Shape == nil {
			continue
		}
		for _, d := range in.Type.Tensor.Shape.Dims {
			if d.Value > 1<<8 || size > 1<<16 {
				return false
			}
			size *= max(1, int(d.Value))
		}
	}
	return true
}

func FuzzParse(f *testing.F) {
	for _, m := range []train.Model{
		dense.Config{Input: 3, Hidden: []int{2}},
		conv.Config{Size: graph.Pair{4, 4}, Encoder: []int{2}, Norm: conv.GroupNorm, Groups: 1},
		seq.Config{Steps: 2, Features: 2, Hidden: []int{2}, Code: 1},
		seq.Config{Steps: 2, Vocabulary: 3, Embedding: 2, Hidden: []int{2}, Code: 1, Cell: seq.GRU, Lengths: true},
	} {
		b, err := onnx.Encode(netOf(f, m), onnx.Options{})
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := onnx.Parse(b)
		if err != nil {
			return
		}
		text, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &m))
		if m, err = onnx.Parse(b); err == nil && small(b) {
			m.Build(graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true}), 2)
		}
	})
}

func TestDamagedFilesAreErrors(t *testing.T) {
	b, err := onnx.Encode(netOf(t, dense.Config{Input: 3, Hidden: []int{2}}), onnx.Options{})
	require.NoError(t, err)
	for n := range b {
		_, err := onnx.Parse(b[:n])
		if err == nil { // cut behind the graph: all that is left out is metadata
			require.Greater(t, n, len(b)/2)
		}
	}
	for _, junk := range []string{"", "<html></html>", "version https://git-lfs.github.com/spec/v1\n", "\x08\x08"} {
		_, err := onnx.Parse([]byte(junk))
		require.ErrorContains(t, err, "no ONNX file", "%q", junk)
	}
}
