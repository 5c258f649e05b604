//go:build mpi

package main

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var kills = flag.Int("kills", 20, "how often a rank is killed")

func TestMain(m *testing.M) {
	if os.Getenv("STHENO_RANK_OF_TEST") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// ranks starts the command on n ranks of one thread, with a folder.
func ranks(t *testing.T, n int, dir string, epochs int) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	run, err := exec.LookPath("mpirun")
	if err != nil {
		t.Skip("no mpirun: install Open MPI")
	}
	c := exec.CommandContext(t.Context(), run, "--oversubscribe", "--allow-run-as-root", "-n", strconv.Itoa(n),
		os.Args[0], "-samples", "1200", "-epochs", strconv.Itoa(epochs), "-threads", "1", "-exact", "4", "-every", "3", "-o", dir)
	c.Env = append(os.Environ(), "STHENO_RANK_OF_TEST=1")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	require.NoError(t, c.Start())
	return c, &out
}

// final is the newest checkpoint of a folder.
func final(t *testing.T, dir string) (name string, content []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "step-*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	content, err = os.ReadFile(files[len(files)-1])
	require.NoError(t, err)
	return filepath.Base(files[len(files)-1]), content
}

// children are the ranks that an mpirun has started.
func children(parent int) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if of, err := strconv.Atoi(fields[1]); err == nil && of == parent {
			pid, _ := strconv.Atoi(strings.Split(f, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestATrainingWhoseRanksAreKilledEndsInTheSameBytes(t *testing.T) {
	const epochs = 6
	whole := t.TempDir()
	start := time.Now()
	c, out := ranks(t, 2, whole, epochs)
	require.NoError(t, c.Wait(), out)
	took := time.Since(start)
	name, want := final(t, whole)

	random, dir, killed := rand.New(rand.NewPCG(1, 1)), t.TempDir(), 0
	for i := 0; killed < *kills; i++ {
		require.Less(t, i, 10**kills, "rank after rank ends before it is killed")
		c, out := ranks(t, 1+i%3, dir, epochs) // each time on another number of ranks
		time.Sleep(time.Duration(random.Float64() * float64(took)))
		if pids := children(c.Process.Pid); len(pids) > 0 {
			_ = syscall.Kill(pids[random.IntN(len(pids))], syscall.SIGKILL)
		}
		if c.Wait() != nil {
			killed++
			continue
		}
		end, got := final(t, dir)
		require.Equal(t, name, end, out)
		require.True(t, bytes.Equal(want, got), "%d ranks", 1+i%3)
		require.NoError(t, os.RemoveAll(dir))
	}
	c, out = ranks(t, 3, dir, epochs)
	require.NoError(t, c.Wait(), out)
	end, got := final(t, dir)
	require.Equal(t, name, end)
	require.True(t, bytes.Equal(want, got))
}

func TestSIGTERMOnTheLauncherSaves(t *testing.T) {
	dir := t.TempDir()
	c, out := ranks(t, 2, dir, 1000000)
	for {
		if files, _ := filepath.Glob(filepath.Join(dir, "step-*")); len(files) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.Error(t, c.Wait())
	require.Contains(t, out.String(), "to go on, train again with Checkpoints.Resume")
}
