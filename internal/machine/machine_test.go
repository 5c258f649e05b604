package machine

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDescribeLeavesNothingEmpty(t *testing.T) {
	i := Describe()
	require.NotEmpty(t, i.CPU)
	require.Positive(t, i.Cores)
	require.LessOrEqual(t, i.Cores, runtime.NumCPU())
	require.Equal(t, runtime.Version(), i.Go)
	require.Equal(t, runtime.GOOS, i.OS)
	require.Equal(t, runtime.GOARCH, i.Arch)
}

func TestCoresFollowGOMAXPROCS(t *testing.T) {
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	require.Equal(t, 1, Describe().Cores)
}

func TestBrandIsTidiedAndNeverEmpty(t *testing.T) {
	for name, want := range map[string]string{
		"":                   runtime.GOARCH,
		" \x00\x00":          runtime.GOARCH,
		"AMD  EPYC 9B14\x00": "AMD EPYC 9B14",
		"  Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz ": "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
	} {
		require.Equal(t, want, brand(name), "%q", name)
	}
}

func TestInfoReadsAsOneLine(t *testing.T) {
	i := Info{CPU: "AMD EPYC", Cores: 2, Go: "go1.26.0", OS: "linux", Arch: "amd64"}
	require.Equal(t, "AMD EPYC, 2 cores, linux/amd64, go1.26.0", i.String())
	i.Cores = 1
	require.Equal(t, "AMD EPYC, 1 core, linux/amd64, go1.26.0", i.String())
}
