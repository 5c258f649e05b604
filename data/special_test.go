//go:build unix

package data

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPipeAmongTheFilesIsAnErrorAtOnce(t *testing.T) {
	c, packed := invented("mnist")
	files := named(c, packed)
	pipe := c.files[testImages].name
	delete(files, pipe)

	own := t.TempDir()
	put(t, own, files)
	require.NoError(t, syscall.Mkfifo(filepath.Join(own, pipe), 0o600))
	_, err := Open(t.Context(), own, Options{})
	require.ErrorContains(t, err, filepath.Join(own, pipe)+" is a named pipe, want a regular file")

	cache := t.TempDir()
	put(t, filepath.Join(cache, "mnist"), files)
	require.NoError(t, syscall.Mkfifo(filepath.Join(cache, "mnist", pipe), 0o600))
	_, err = open(t.Context(), "mnist", Options{CacheDir: cache, Offline: true, Getenv: func(string) string { return "" }}.defaults(), []collection{c})
	require.ErrorContains(t, err, "is a named pipe, want a regular file")
	require.ErrorContains(t, err, "in the cache")
}
