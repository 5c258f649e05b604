//go:build linux

package train_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train"
)

// alone runs the test in a process of its own, because the limit is one of the process:
// go test writes files, too. It reports whether this is the process that was asked to.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "STHENO_TEST_ALONE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	c.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return false
}

// fileSize limits the size of the files that this process can write, as a full disk
// does, and returns a function that lifts the limit.
func fileSize(t *testing.T, bytes uint64) (lift func()) {
	t.Helper()
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}))
	lift = func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
	t.Cleanup(lift)
	return lift
}

func TestAFullDiskLeavesTheLastGoodCheckpoint(t *testing.T) {
	if !alone(t) {
		return
	}
	dir := t.TempDir()
	o := resumable(dir)
	o.Callbacks = []train.Callback{after(func(r *train.Run) error {
		if r.Steps == 5 {
			written(t, dir, 4)
			fileSize(t, 1000)
		}
		return nil
	})}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorIs(t, err, syscall.EFBIG)
	require.ErrorContains(t, err, "training is complete, but its last checkpoint could not be written")
	require.Contains(t, r.Warnings[0], "no checkpoint after step 6")
	name, _ := final(t, dir)
	require.Equal(t, "step-000000004.safetensors", name)
	parts, err := filepath.Glob(filepath.Join(dir, "*.part"))
	require.NoError(t, err)
	require.Empty(t, parts)
}

func TestTheDiskHasRoomAgain(t *testing.T) {
	if !alone(t) {
		return
	}
	whole := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(whole))
	require.NoError(t, err)
	_, want := final(t, whole)
	dir := t.TempDir()
	o := resumable(dir)
	var lift func()
	o.Callbacks = []train.Callback{after(func(r *train.Run) error {
		switch r.Steps {
		case 7:
			lift = fileSize(t, 1000)
		case 11:
			lift()
		}
		return nil
	})}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	require.NotEmpty(t, r.Warnings)
	_, got := final(t, dir)
	require.Equal(t, want, got)
}

func TestAFolderThatCannotBeWrittenIsAnErrorBeforeTraining(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{"/proc/self/run", filepath.Join(file, "run"), file} {
		r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
		require.ErrorContains(t, err, "the folder of the checkpoints")
		require.ErrorContains(t, err, dir)
		require.Empty(t, r.Epochs)
	}
}
