package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALineThatCannotBeWrittenIsAWarning(t *testing.T) {
	r := &Run{f: &fitting{Trainer: &Trainer{}}}
	var l logFile
	path := filepath.Join(t.TempDir(), "new", "log")
	require.NoError(t, l.begin(r, path, nil))
	l.write(r, []byte("one\n"))
	good := l.f
	var err error
	l.f, err = os.Open(path) // for reading only
	require.NoError(t, err)
	l.write(r, []byte("two\n"))
	l.write(r, []byte("three\n"))
	require.Len(t, r.f.warnings, 1)
	require.Contains(t, r.f.warnings[0], "the log "+path+" misses lines")
	require.NoError(t, l.f.Close())
	l.f = good
	l.write(r, []byte("four\n"))
	require.NoError(t, l.close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one\nfour\n", string(content))
}
