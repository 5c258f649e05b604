package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFileHasItsNewOrItsOldContent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weights")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	require.NoError(t, Write(path, text("one")))
	require.NoError(t, Write(path, text("two")))
	failed := errors.New("the disk is full")
	require.ErrorIs(t, Write(path, func(w io.Writer) error {
		require.NoError(t, text("three")(w))
		return failed
	}), failed)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "two", string(got))
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 1, "no temporary file is left")
	require.Error(t, Write(filepath.Join(dir, "none", "weights"), text("four")))

	for _, left := range []string{"weights.123.part", "other.123.part", "weights.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, left), nil, 0o600))
	}
	require.NoError(t, Clean(path))
	require.NoFileExists(t, filepath.Join(dir, "weights.123.part"))
	require.FileExists(t, filepath.Join(dir, "other.123.part"))
	require.NoError(t, CleanAll(dir))
	require.NoFileExists(t, filepath.Join(dir, "other.123.part"))
	require.FileExists(t, filepath.Join(dir, "weights.txt"))
	require.NoError(t, Clean(filepath.Join(dir, "none", "weights")))
}
