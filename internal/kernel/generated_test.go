package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test runs the commands of go generate on a copy of this directory's Go files and of
// _asm.
func TestCommittedAssemblyIsWhatTheGeneratorWrites(t *testing.T) {
	if os.Getenv("STHENO_GENERATORS") == "" {
		t.Skip("set STHENO_GENERATORS=1 to run the generators (they need their modules)")
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "_asm"), os.DirFS("_asm")))

	var sources, generated []string
	for _, pattern := range []string{"*.go", "*.s"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			switch {
			case strings.HasPrefix(string(text), "// Code generated "):
				generated = append(generated, name)
			case strings.Contains(string(text), "\n//go:generate "):
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
				sources = append(sources, name)
			}
		}
	}
	require.NotEmpty(t, sources)
	require.NotEmpty(t, generated)

	cmd := exec.Command("go", append([]string{"generate"}, sources...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range generated {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err, "%s is marked as generated, but no generator writes it", name)
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%s: run go generate ./internal/kernel", name)
	}
}
