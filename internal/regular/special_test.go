//go:build unix

package regular_test

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/regular"
)

func TestPipesSocketsAndDevicesAreErrorsWithoutBlocking(t *testing.T) {
	dir := t.TempDir()
	pipe, socket, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket"), filepath.Join(dir, "link")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer l.Close()
	require.NoError(t, os.Symlink(pipe, link))
	for path, what := range map[string]string{
		pipe: "a named pipe", link: "a named pipe", socket: "a socket", "/dev/null": "a device",
	} {
		_, err := regular.Open(path)
		require.EqualError(t, err, path+" is "+what+", want a regular file")
	}
}
