package emu

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLibraries runs the program testdata/driver.cc, built with the headers of
// this machine, on the stand-ins.
func TestLibraries(t *testing.T) {
	need(t)
	gxx, err := compiler()
	require.NoError(t, err)
	h, err := findHeader(gxx)
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	lib, err := Build(filepath.Join(dir, "lib"))
	require.NoError(t, err)
	program := filepath.Join(dir, "driver")
	args := append([]string{"-std=c++17", "-Wall", "-o", program, filepath.Join("testdata", "driver.cc")}, h.include...)
	require.NoError(t, run(".", gxx, append(args, "-L"+lib, "-lcuda", "-lnvrtc", "-lcublas")...))
	c := exec.Command(program)
	c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+lib)
	out, err := c.Output()
	require.Equal(t, "all is well\n", string(out))
	require.NoError(t, err)
}
