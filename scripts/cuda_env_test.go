// Package scripts_test runs the scripts of this folder.
package scripts_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// header is the part of cuda.h that the script and cuda/include/cuda.h use.
const header = `
#define CUDA_VERSION %d
#define CUDAAPI
typedef int CUresult, CUdevice, CUmem_advise;
typedef unsigned long long CUdeviceptr;
typedef void *CUcontext, *CUstream, *CUgraph, *CUgraphNode, *CUevent;
typedef unsigned long size_t;
CUresult CUDAAPI cuInit(unsigned int flags);
CUresult CUDAAPI cuCtxSynchronize(void);
`

// toolkit creates the folder of a toolkit, with a header and, unless nvrtc is empty, NVRTC.
func toolkit(t *testing.T, include string, version int, nvrtc string) string {
	t.Helper()
	dir := t.TempDir()
	for file, content := range map[string]string{filepath.Join(include, "cuda.h"): fmt.Sprintf(header, version), nvrtc: ""} {
		if file != "" {
			file = filepath.Join(dir, file)
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
		}
	}
	return dir
}

// cudaEnv runs the script and evaluates its output in a shell. It returns the resulting
// CGO_CFLAGS, CGO_LDFLAGS and STHENO_NVRTC, one per line, and the script's messages.
func cudaEnv(t *testing.T, env []string, args ...string) (values, messages string, err error) {
	t.Helper()
	for _, tool := range []string{"sh", "cc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no ", tool)
		}
	}
	for _, file := range []string{"cuda-env", "../cuda/include/cuda.h"} { // the test's result depends on them
		_, err := os.ReadFile(file)
		require.NoError(t, err)
	}
	shell := exec.Command("sh", append([]string{"-ec", `found=$(sh cuda-env "$@") || :; eval "$found"; printf '%s\n' "$CGO_CFLAGS" "$CGO_LDFLAGS" "$STHENO_NVRTC"`, "sh"}, args...)...)
	shell.Env = append([]string{"PATH=" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + t.TempDir(), "STHENO_NVRTC=old"}, env...)
	var out, said bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &said
	err = shell.Run()
	return out.String(), said.String(), err
}

func TestCudaEnvFindsEveryLayout(t *testing.T) {
	for _, layout := range []struct{ include, nvrtc string }{
		{"include", "lib64/libnvrtc.so.12"},
		{"targets/x86_64-linux/include", "targets/x86_64-linux/lib/libnvrtc.so.12"},
		{"nvidia/cuda_runtime/include", "nvidia/cuda_nvrtc/lib/libnvrtc.so.12"},
		{"nvidia/cu13/include", "nvidia/cu13/lib/libnvrtc.so.13"},
	} {
		t.Run(layout.include, func(t *testing.T) {
			dir := toolkit(t, layout.include, 12040, layout.nvrtc)
			values, messages, err := cudaEnv(t, nil, "-d", dir)
			require.NoError(t, err, messages)
			lines := strings.Split(values, "\n")
			require.Contains(t, lines[0], filepath.Join(dir, layout.include))
			require.Contains(t, lines[0], "-DSTHENO_CUDA_HEADERS=12040")
			require.Contains(t, lines[1], "-L")
			require.Equal(t, filepath.Join(dir, layout.nvrtc), lines[2])
			require.Contains(t, messages, "CUDA 12.4")
		})
	}
}

func TestCudaEnvChoosesTheVersion(t *testing.T) {
	old, later := toolkit(t, "include", 12090, ""), toolkit(t, "include", 13000, "")
	both := []string{"CUDA_HOME=" + old, "CUDA_PATH=" + later}
	for wanted, dir := range map[string]string{"": old, "12": old, "12.9": old, "13": later, "13.0": later} {
		args := []string{wanted}
		if wanted == "" {
			args = nil
		}
		values, messages, err := cudaEnv(t, both, args...)
		require.NoError(t, err, messages)
		require.Contains(t, values, dir)
		require.NotContains(t, values, "old", "STHENO_NVRTC of another version must be unset")
	}
	values, messages, err := cudaEnv(t, both, "-d", later)
	require.NoError(t, err, messages)
	require.Contains(t, values, later, "-d comes first")
	_, messages, err = cudaEnv(t, both, "12.1")
	require.Error(t, err)
	require.Contains(t, messages, "12.9 ("+old)
	require.Contains(t, messages, "13.0 ("+later)
}

// The program calls a function that only the header in cuda/include declares.
func TestAProgramLinksToTheStubOfCudaEnv(t *testing.T) {
	dir := toolkit(t, "a folder/include", 13000, "")
	values, messages, err := cudaEnv(t, nil, "-d", filepath.Join(dir, "a folder"))
	require.NoError(t, err, messages)
	require.Contains(t, values, "a folder")
	lines := strings.Split(values, "\n")
	source := filepath.Join(dir, "main.c")
	require.NoError(t, os.WriteFile(source, []byte(`
#include <cuda.h>
int main(void) { return cuInit(0) + cuCtxSynchronize() + cuCtxCreate(0, 0, 0) + cuGraphGetEdges(0, 0, 0, 0); }
`), 0o644))
	link := exec.Command("sh", "-c", fmt.Sprintf("cc %s -o %s/main %s %s -lcuda", lines[0], dir, source, lines[1]))
	out, err := link.CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestCudaEnvReportsWhatIsMissing(t *testing.T) {
	_, messages, err := cudaEnv(t, []string{"CUDA_HOME=" + toolkit(t, "include", 11020, "")}, "11.2")
	require.Error(t, err)
	require.Contains(t, messages, "11.4 or later is needed")

	_, messages, err = cudaEnv(t, []string{"CC=no-such-compiler"}, "-d", toolkit(t, "include", 12000, ""))
	require.Error(t, err)
	require.Contains(t, messages, "no C compiler 'no-such-compiler'")

	for _, args := range [][]string{{"-x"}, {"-d"}, {"-d", "/no/such/folder"}} {
		_, messages, err = cudaEnv(t, nil, args...)
		require.Error(t, err)
		require.Contains(t, messages, "cuda-env: ")
	}
}
