package scripts_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mpiEnv runs the script with an mpicc of the given text; "" means that there is none.
func mpiEnv(t *testing.T, mpicc string) (values, messages string, err error) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	_, err = os.ReadFile("mpi-env") // the test's result depends on it
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "my mpicc")
	if mpicc != "" {
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+mpicc), 0o755))
	}
	shell := exec.Command("sh", "-ec", `found=$(sh mpi-env "$1") || :; eval "$found"; printf '%s\n' "$CGO_ENABLED" "$CGO_CFLAGS" "$CGO_LDFLAGS"`, "sh", path)
	shell.Env = []string{"PATH=" + os.Getenv("PATH")}
	var out, said bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &said
	err = shell.Run()
	return out.String(), said.String(), err
}

func TestMPIEnvAsksTheCompilerOfOpenMPI(t *testing.T) {
	values, messages, err := mpiEnv(t, `case $1 in
--showme:compile) echo "-I/opt/mpi/include" ;;
--showme:link) echo "-L/opt/mpi/lib -lmpi" ;;
--showme:version) echo "mpicc: Open MPI 4.1.4 (Language: C)" ;;
esac`)
	require.NoError(t, err, messages)
	require.Equal(t, "1\n-g -O2 -I/opt/mpi/include -DSTHENO_OPEN_MPI=\"4.1.4\"\n-g -O2 -L/opt/mpi/lib -lmpi\n", values)
	require.Contains(t, messages, "Open MPI 4.1.4")
}

func TestMPIEnvSaysWhatIsMissing(t *testing.T) {
	_, messages, err := mpiEnv(t, "")
	require.Error(t, err)
	require.Contains(t, messages, "install Open MPI")
	_, messages, err = mpiEnv(t, "exit 1")
	require.Error(t, err)
	require.Contains(t, messages, "is not Open MPI's")
}
