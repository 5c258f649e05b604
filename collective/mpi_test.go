//go:build mpi

package collective_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
)

// role is the variable that says what a process started by mpirun does.
const role = "STHENO_COLLECTIVE_ROLE"

func TestMain(m *testing.M) {
	if what := os.Getenv(role); what != "" {
		if err := act(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// act is what a process started by mpirun does.
func act(what string) error {
	var o collective.Options
	if what == "stop" {
		o.Silence = 5 * time.Second
	}
	g, err := collective.Join(o)
	if err != nil {
		return err
	}
	victim := g.Size() - 1
	switch what {
	case "cases":
		for _, name := range slices.Sorted(maps.Keys(cases)) { // in the same order on all ranks
			if err := cases[name](g); err != nil {
				return fmt.Errorf("rank %d: %s: %w", g.Rank(), name, err)
			}
		}
		fmt.Printf("rank %d of %d is done\n", g.Rank(), g.Size())
		if err := g.Close(); err != nil {
			return err
		}
		time.Sleep(time.Second / 2) // nothing calls MPI any more
		if g.Close() == nil {
			return errors.New("a group was closed twice without an error")
		}
		return nil
	case "panic":
		fmt.Println("recovered:", panics())
		return g.Close()
	case "fail":
		if g.Rank() == victim {
			g.Fail(errors.New("the disk is full"))
			time.Sleep(time.Second) // so that mpirun does not end the others first
			return g.Close()
		}
	case "stop":
		if g.Rank() == victim {
			if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
				return err
			}
			select {} // the signal may come later
		}
	case "kill":
		if g.Rank() == victim {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				return err
			}
			select {}
		}
	}
	err = g.Sum32(make([]float32, 10))
	fmt.Printf("rank %d: %v\n", g.Rank(), err)
	time.Sleep(time.Second / 2)
	return err
}

// panics reports whether a nil pointer is a panic of Go, whose signal handler MPI could
// have replaced.
func panics() (recovered bool) {
	defer func() { recovered = recover() != nil }()
	var p *int
	*p = 1
	return false
}

// mpirun starts this test as n ranks. It returns what they print.
func mpirun(t *testing.T, n int, what string) (string, error) {
	t.Helper()
	run, err := exec.LookPath("mpirun")
	if err != nil {
		t.Skip("no mpirun: install Open MPI")
	}
	c := exec.CommandContext(t.Context(), run, "--oversubscribe", "--allow-run-as-root", "-n", strconv.Itoa(n), os.Args[0])
	c.Env = append(os.Environ(), role+"="+what)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err = c.Run()
	return out.String(), err
}

func TestRanksOfMpirun(t *testing.T) {
	for _, n := range []int{1, 2, 4} {
		out, err := mpirun(t, n, "cases")
		require.NoError(t, err, out)
		for i := range n {
			require.Contains(t, out, fmt.Sprintf("rank %d of %d is done", i, n))
		}
	}
}

func TestMPIKeepsGosSignals(t *testing.T) {
	out, err := mpirun(t, 1, "panic")
	require.NoError(t, err, out)
	require.Contains(t, out, "recovered: true")
}

func TestARankThatFailsIsNamed(t *testing.T) {
	out, err := mpirun(t, 3, "fail")
	require.Error(t, err)
	require.Contains(t, out, "rank 0: rank 2: the disk is full")
	require.Contains(t, out, "rank 1: rank 2: the disk is full")
}

func TestARankThatHangsIsNamed(t *testing.T) {
	out, err := mpirun(t, 3, "stop")
	require.Error(t, err)
	require.Contains(t, out, "rank 2: silent for ")
	require.Contains(t, out, "its process or its host is gone")
}

func TestARankThatIsKilledEndsAll(t *testing.T) {
	out, err := mpirun(t, 3, "kill")
	require.Error(t, err)
	require.Contains(t, out, "rank 2")
	require.Contains(t, out, "signal 9")
}
