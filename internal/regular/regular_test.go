package regular_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/regular"
)

func TestAFileAndALinkToItAreOpened(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	require.NoError(t, os.Symlink(path, link))
	for _, p := range []string{path, link} {
		f, err := regular.Open(p)
		require.NoError(t, err)
		text, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, "text", string(text))
		require.NoError(t, f.Close())
	}
}

func TestOtherKindsOfFilesAreErrors(t *testing.T) {
	_, err := regular.Open(t.TempDir())
	require.ErrorContains(t, err, "is a folder, want a regular file")
	_, err = regular.Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
