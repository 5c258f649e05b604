package scripts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bundle creates a bundle whose programs print their arguments and environment. The tests
// of package fails end with status 1.
func bundle(t *testing.T) (dir string) {
	t.Helper()
	for _, tool := range []string{"sh", "tar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no ", tool)
		}
	}
	dir = t.TempDir()
	programs := t.TempDir()
	const program = `#!/bin/sh
echo "$0 $* in $PWD; NVRTC ${STHENO_NVRTC:-none}, cuBLAS ${STHENO_CUBLAS:-none}, libraries ${LD_LIBRARY_PATH:-none}, data ${STHENO_DATA:-none}"
echo "--- PASS: TestOne"
`
	for name, text := range map[string]string{
		"bench": program, "peers": program, "tests/cuda/test": program, "tests/cuda-internal-nvrtc/test": program, "pytorch/peer.py": "",
		"tests/fails/test": "#!/bin/sh\necho '--- FAIL: TestTwo (0.00s)'\nexit 1\n",
	} {
		path := filepath.Join(programs, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	out, err := exec.Command("tar", "-czf", filepath.Join(dir, "programs.tar.gz"), "-C", programs, "bench", "peers", "pytorch", "tests").CombinedOutput()
	require.NoError(t, err, string(out))
	text, err := os.ReadFile("cuda-bundle-run")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "run"), text, 0o755))
	return dir
}

// runBundle runs a bundle on a machine whose driver is for CUDA 12.
func runBundle(t *testing.T, dir string, env []string, args ...string) (said string, err error) {
	t.Helper()
	bin := t.TempDir()
	for name, text := range map[string]string{
		"nvidia-smi": "#!/bin/sh\necho '| NVIDIA-SMI 550.54   Driver Version: 550.54   CUDA Version: 12.4     |'\n",
		"python3":    "#!/bin/sh\nexit 1\n", // one without PyTorch
	} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755))
	}
	run := exec.Command("sh", append([]string{filepath.Join(dir, "run")}, args...)...)
	run.Env = append([]string{"PATH=" + bin + ":" + os.Getenv("PATH")}, env...)
	out, err := run.CombinedOutput()
	return string(out), err
}

func contentOf(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(text)
}

func TestABundleRunsAllStepsAndReportsFailures(t *testing.T) {
	dir := bundle(t)
	said, err := runBundle(t, dir, nil)
	require.Error(t, err)
	require.Contains(t, said, "tests of cuda: ok")
	require.Contains(t, said, "tests of cuda-internal-nvrtc: ok")
	require.Contains(t, said, "NVRTC: not found; if the loader does not find it either, 'pip install nvidia-cuda-nvrtc-cu12'")
	require.Contains(t, said, "1 passed, 0 failed, 0 skipped")
	require.Contains(t, said, "tests of fails: FAILED with status 1")
	require.Contains(t, said, "--- FAIL: TestTwo")
	require.Contains(t, said, "comparison of cpu,cuda: ok")
	require.Contains(t, said, "peers: skipped, because python3 has no PyTorch")
	require.Contains(t, said, "FAILED: tests of fails; all results are in "+filepath.Join(dir, "results"))
	results := filepath.Join(dir, "results")
	require.Contains(t, contentOf(t, results, "compare.log"), "bench -backends cpu,cuda -data digits -o "+filepath.Join(results, "compare"))
	require.Contains(t, contentOf(t, results, "profile.txt"), "-profile -backends cuda")
	require.Contains(t, contentOf(t, results, "tests", "cuda.log"), "in "+filepath.Join(dir, "programs", "tests", "cuda"), "the folder of its testdata")
	require.Contains(t, contentOf(t, results, "machine.txt"), "CUDA Version: 12.4")
}

func TestABundleFindsLibrariesThatTheDriverCanUse(t *testing.T) {
	dir, home := bundle(t), t.TempDir()
	for _, name := range []string{"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.12.4.127", "libcublas.so.12"} {
		path := filepath.Join(home, "lib64", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o644))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "mnist"), 0o755))
	out := filepath.Join(t.TempDir(), "a folder")
	said, err := runBundle(t, dir, []string{"CUDA_HOME=" + home}, "-quick", "-o", out, "compare")
	require.NoError(t, err, said)
	require.NotContains(t, said, "tests of")
	log := contentOf(t, out, "compare.log")
	lib := filepath.Join(home, "lib64")
	require.Contains(t, log, fmt.Sprintf("NVRTC %s/libnvrtc.so.12, cuBLAS %s/libcublas.so.12, libraries %s:%s, data %s", lib, lib, lib, lib, filepath.Join(dir, "data")))
	require.Contains(t, log, "-data mnist -quick")

	said, err = runBundle(t, dir, []string{"CUDA_HOME=" + home, "STHENO_NVRTC=/my/libnvrtc.so.12"}, "compare")
	require.NoError(t, err, said)
	require.Contains(t, said, "NVRTC: /my/libnvrtc.so.12")
}

func TestABundleRunsOnTheEmulator(t *testing.T) {
	dir, emulator := bundle(t), t.TempDir()
	said, err := runBundle(t, dir, nil, "-emulator", emulator, "compare", "profile", "peers")
	require.NoError(t, err, said)
	require.Contains(t, contentOf(t, dir, "results", "compare.log"), "-backends cpu,emu")
	require.Contains(t, contentOf(t, dir, "results", "compare.log"), "NVRTC "+emulator+", cuBLAS "+emulator+", libraries "+emulator)
	require.Contains(t, contentOf(t, dir, "results", "profile.txt"), "-backends emu")
	require.Contains(t, said, "peers: skipped, because there is no GPU")
	said, err = runBundle(t, dir, nil, "-emulator", emulator, "tests")
	require.Error(t, err)
	require.Contains(t, said, "tests of cuda-internal-nvrtc: skipped")
}

func TestInvalidArgumentsOfTheBundleAreErrors(t *testing.T) {
	for args, want := range map[string]string{
		"":                              "usage",
		"-x out":                        "usage",
		"-data":                         "usage",
		"-data " + t.TempDir() + " out": "no MNIST in",
	} {
		make := exec.Command("sh", append([]string{"cuda-bundle"}, strings.Fields(args)...)...)
		out, err := make.CombinedOutput()
		require.Error(t, err, args)
		require.Contains(t, string(out), want)
	}
	_, err := runBundle(t, bundle(t), nil, "everything")
	require.Error(t, err)
}
