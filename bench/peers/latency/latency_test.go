package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOrdersAreAnsweredWithTheTimeOfEachCall(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(dir, strings.NewReader("dense 3\nconv 2\n"), &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	for i, n := range []int{3, 2} {
		var took []int64
		require.NoError(t, json.Unmarshal([]byte(lines[1+i]), &took))
		require.Len(t, took, n)
	}
	for name := range nets {
		info, err := os.Stat(filepath.Join(dir, name+".onnx"))
		require.NoError(t, err)
		require.Positive(t, info.Size())
	}
	require.ErrorContains(t, run(dir, strings.NewReader("rnn 3\n"), &out), `"rnn 3": want NET N`)
	require.ErrorContains(t, run("", strings.NewReader(""), &out), "name a folder")
}
