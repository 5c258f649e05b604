package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSaveMakesTheFolderAndReplacesTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, "results.json")
	for seed := range uint64(2) {
		require.NoError(t, SaveJSON(path, Results{Seed: seed}))
		f, err := os.Open(path)
		require.NoError(t, err)
		got, err := ReadJSON(f)
		require.NoError(t, f.Close())
		require.NoError(t, err)
		require.Equal(t, seed, got.Seed)
	}
	require.NoError(t, SaveHTML(filepath.Join(dir, "report.html"), sparse()))
	requireFiles(t, dir, "report.html", "results.json")
}

func TestSaveThatFailsLeavesTheOldFileAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	err := SaveHTML(path, Report{Images: []ImageGrid{{Model: "conv", Backend: "tape"}}})
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "images of conv on tape")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(text))
	requireFiles(t, dir, "report.html")
}

func TestSaveBelowAFileIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, SaveJSON(filepath.Join(file, "results.json"), Results{}), "save ")
}

func TestAFolderThatCannotBeSavedInIsAnErrorBefore(t *testing.T) {
	dir := t.TempDir()
	file, taken := filepath.Join(dir, "file"), filepath.Join(dir, "taken")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(taken, PageFile), 0o755))
	for path, want := range map[string]string{
		"":                        "no name",
		file:                      "not a directory",
		filepath.Join(file, "in"): "not a directory",
		taken:                     "report.html is a folder there",
	} {
		require.ErrorContains(t, Prepare(path), want)
	}
	require.NoError(t, Prepare(filepath.Join(dir, "a", "b")))
	requireFiles(t, filepath.Join(dir, "a", "b"))
}

func TestAFolderThatIsReadOnlyIsAnErrorBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Mkdir(dir, 0o555))
	if f, err := os.CreateTemp(dir, ""); err == nil {
		require.NoError(t, f.Close())
		t.Skip("this user may write to folders that are read-only")
	}
	require.ErrorIs(t, Prepare(dir), os.ErrPermission)
}

// requireFiles checks that the folder holds these files and no others.
func requireFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.Equal(t, want, got)
}
