package portable_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress/internal/portable"
)

// golden is what every machine computes. If it changes, files that were written before
// cannot be read any more: then the version of the format must change too.
const golden = "2b2bd0727cbbddda4548cf5400ee84dc9385094752fa619f7bd8a21a470e86f7"

func TestSameBitsAsEver(t *testing.T) {
	sum, err := portable.Sum()
	require.NoError(t, err)
	require.Equal(t, golden, sum)
}

// A build for 386 has other instructions for all arithmetic, and one with software
// floats none of the processor's.
func TestSameBitsOnOtherMachines(t *testing.T) {
	for _, m := range []struct {
		name, arch, setting, emulator string
		slow                          bool
	}{
		{"386, SSE2", "386", "GO386=sse2", "", false},
		{"386, software floats", "386", "GO386=softfloat", "", true},
		{"amd64 with fused instructions", "amd64", "GOAMD64=v3", "", true},
		{"arm64, emulated", "arm64", "", "qemu-aarch64", true},
	} {
		t.Run(m.name, func(t *testing.T) {
			skipSlow(t, m.slow)
			var run []string
			if m.emulator != "" {
				path, err := exec.LookPath(m.emulator)
				if err != nil {
					t.Skipf("%s is not installed", m.emulator)
				}
				run = []string{path}
			} else if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
				t.Skip("it runs on linux/amd64 only")
			}
			program := filepath.Join(t.TempDir(), "sum")
			goTool(t, []string{"GOARCH=" + m.arch, m.setting}, "build", "-o", program, "./testdata/sum")
			run = append(run, program)
			out, err := exec.Command(run[0], run[1:]...).CombinedOutput()
			if m.setting == "GOAMD64=v3" && strings.Contains(string(out), "can only be run") {
				t.Skip("this processor has no fused instructions")
			}
			require.NoError(t, err, string(out))
			require.Equal(t, golden, string(out))
		})
	}
}

// No product of these packages is fused with a sum, on any processor for which Go does
// that.
func TestNoProductIsFused(t *testing.T) {
	fused := regexp.MustCompile(`.*\tV?FN?M(ADD|SUB)\S*\t`)
	for _, m := range []struct {
		arch, setting string
		slow          bool
	}{{"arm64", "", false}, {"amd64", "GOAMD64=v3", true}, {"ppc64le", "", true}, {"s390x", "", true}, {"riscv64", "", true}, {"loong64", "", true}} {
		t.Run(m.arch, func(t *testing.T) {
			skipSlow(t, m.slow)
			env := []string{"GOARCH=" + m.arch, m.setting}
			require.Regexp(t, fused, goTool(t, env, "build", "-gcflags=-S", "./testdata/fused"), "the pattern finds nothing where it should")
			for _, folder := range []string{"../exact", "../rans", "../bitsback", "."} {
				listing := goTool(t, env, "build", "-gcflags=-S", folder)
				require.Contains(t, listing, "TEXT", "no listing of %s", folder)
				require.Empty(t, fused.FindAllString(listing, -1), "%s", folder)
			}
		})
	}
}

func skipSlow(t *testing.T, slow bool) {
	if slow && os.Getenv("STHENO_ARCHITECTURES") == "" {
		t.Skip("set STHENO_ARCHITECTURES=1 to compile the standard library for it")
	}
}

// goTool runs the go command, and returns what it writes.
func goTool(t *testing.T, env []string, args ...string) string {
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not in the path")
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux"), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}
