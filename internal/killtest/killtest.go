// Package killtest kills trainings. A test starts a program that trains, kills it at a
// random moment, starts it again until it ends, and compares all files that it left
// with those of a run that was never killed.
//
// The program is the test's own binary, whose TestMain calls Main:
//
//	func TestMain(m *testing.M) { killtest.Main(m, cpu.Config{}) }
package killtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/vm"
)

// Environment variables of the program that is killed, and what it prints after its
// first step.
const (
	caseVariable = "STHENO_KILLTEST_CASE"
	dirVariable  = "STHENO_KILLTEST_DIR"
	alive        = "alive"
)

// interrupted is the exit status of a training that SIGTERM ended.
const interrupted = 3

// Main runs the tests, or the training that the environment asks for, on a backend.
func Main(m *testing.M, on vm.Backend) {
	name := os.Getenv(caseVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	for _, c := range Cases() {
		if c.Name != name {
			continue
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		switch err := c.run(ctx, os.Getenv(dirVariable), on); {
		case errors.Is(err, context.Canceled):
			os.Exit(interrupted)
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	fmt.Fprintf(os.Stderr, "no case %q\n", name)
	os.Exit(2)
}

// Test kills the cases, taking turns, the given number of times in all. It fails unless
// the files are those of a run never killed.
func Test(t *testing.T, cases []Case, kills int, seed uint64) {
	k := killer{t: t, r: rand.New(rand.NewPCG(seed, 0)), whole: map[string]run{}}
	for turn := 0; k.kills < kills; turn++ {
		c := cases[turn%len(cases)]
		dir := t.TempDir()
		for again := 1 + k.r.IntN(3); again > 0 && k.kills < kills; again-- {
			k.kill(c, dir)
		}
		k.interrupt(c, dir)
		p := start(t, c.Name, dir, k.processors())
		require.NoError(t, p.wait(), "%s: %s", c.Name, &p.stderr)
		require.Equal(t, k.unhurt(c).files, digest(t, dir), "%s, after %d kills", c.Name, k.kills)
	}
	t.Logf("%d kills, %d of them before the end of a training, %d while a file was being written; then %d interruptions: all trainings ended with the same files", k.kills, k.early, k.writing, k.interrupted)
}

// killer counts its kills.
type killer struct {
	t                     *testing.T
	r                     *rand.Rand
	whole                 map[string]run // by case
	kills, early, writing int
	interrupted           int
}

// run is a run that was not killed.
type run struct {
	took  time.Duration // from the first step
	files map[string]string
}

// unhurt runs a case without killing it.
func (k *killer) unhurt(c Case) run {
	if r, ok := k.whole[c.Name]; ok {
		return r
	}
	dir := k.t.TempDir()
	p := start(k.t, c.Name, dir, 2)
	p.waitAlive()
	began := time.Now()
	require.NoError(k.t, p.wait(), "%s: %s", c.Name, &p.stderr)
	r := run{time.Since(began), digest(k.t, dir)}
	require.NotEmpty(k.t, r.files, c.Name)
	k.whole[c.Name] = r
	return r
}

// kill starts a case, or goes on with it, and kills it: at a random moment, or one time
// in four while it writes a file.
func (k *killer) kill(c Case, dir string) {
	wait := time.Duration(k.r.Float64() * float64(k.unhurt(c).took))
	p := start(k.t, c.Name, dir, k.processors())
	p.waitAlive()
	if k.r.IntN(4) == 0 {
		p.waitWriting(dir)
	} else {
		select {
		case <-p.done:
		case <-time.After(wait):
		}
	}
	p.kill()
	k.kills++
	if p.failed != nil {
		k.early++
		require.Empty(k.t, p.stderr.String(), c.Name)
	}
	if halfWritten(dir) {
		k.writing++
	}
}

// interrupt goes on with a case and sends it SIGTERM after the first step, where the
// system has such a signal. It completes its step and writes a checkpoint.
func (k *killer) interrupt(c Case, dir string) {
	p := start(k.t, c.Name, dir, k.processors())
	p.waitAlive()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.kill()
		return
	}
	if _ = p.wait(); p.cmd.ProcessState.ExitCode() == interrupted {
		k.interrupted++
	}
	require.Empty(k.t, p.stderr.String(), c.Name)
}

func (k *killer) processors() int { return []int{1, 2, 8}[k.r.IntN(3)] }

// process is a training in a process of its own.
type process struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr bytes.Buffer
	done   chan struct{} // closed when it ended
	failed error
}

// start starts a training with a number of processors.
func start(t *testing.T, name, dir string, processors int) *process {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { read.Close() })
	p := &process{cmd: exec.Command(os.Args[0]), out: bufio.NewReader(read), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), caseVariable+"="+name, dirVariable+"="+dir, fmt.Sprintf("GOMAXPROCS=%d", processors))
	p.cmd.Stdout, p.cmd.Stderr = write, &p.stderr
	require.NoError(t, p.cmd.Start())
	require.NoError(t, write.Close())
	go func() {
		p.failed = p.cmd.Wait()
		close(p.done)
	}()
	return p
}

// waitAlive waits for the first step, or for the end.
func (p *process) waitAlive() {
	for {
		line, err := p.out.ReadString('\n')
		if err != nil || strings.TrimSpace(line) == alive {
			return
		}
	}
}

// waitWriting waits until a file is being written, or for the end.
func (p *process) waitWriting(dir string) {
	for !halfWritten(dir) {
		select {
		case <-p.done:
			return
		case <-time.After(20 * time.Microsecond):
		}
	}
}

// kill kills the process, unless it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// wait waits for the end.
func (p *process) wait() error {
	<-p.done
	return p.failed
}

// halfWritten reports whether a folder has a file that is being written.
func halfWritten(dir string) (found bool) {
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".part") {
			found = true
		}
		return nil
	})
	return found
}

// timed are the kinds of files that hold times. The functions return their content
// without them.
var timed = map[string]func(content []byte) ([]byte, error){
	".csv": tableWithoutTimes,
	".json": func(content []byte) ([]byte, error) {
		return regexp.MustCompile(`"seconds": ?[^,}]*`).ReplaceAll(content, nil), nil
	},
	".png": func([]byte) ([]byte, error) { return nil, nil }, // of that table
}

// tableWithoutTimes returns a table without the columns that depend on the time.
func tableWithoutTimes(content []byte) ([]byte, error) {
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, row := range rows {
		for k, v := range row {
			if name := rows[0][k]; name != "seconds" && name != "samples/s" {
				out = fmt.Appendf(out, "%s,", v)
			}
		}
		out = append(out, '\n')
	}
	return out, nil
}

// digest returns the checksum of each file in a folder, but for locks, and for
// checkpoints before the last: an interrupted training has one that others lack.
func digest(t *testing.T, dir string) map[string]string {
	t.Helper()
	out, newest := map[string]string{}, map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		content, err := os.ReadFile(path)
		if strip := timed[filepath.Ext(path)]; err == nil && strip != nil {
			content, err = strip(content)
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if folder, file := filepath.Split(name); strings.HasPrefix(file, "step-") {
			delete(out, newest[folder])
			newest[folder] = name // files come in the order of their names
		}
		out[name] = fmt.Sprintf("%d bytes, %x", len(content), sha256.Sum256(content))
		return err
	}))
	return out
}
