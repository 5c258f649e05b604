package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// run is the results of the tests on one machine.
type run struct {
	machine string
	took    time.Duration
	tests   []*result // top-level tests, in the order in which they ran
}

// result is the result of a test.
type result struct {
	name   string
	makes  bool // whether it creates a machine
	took   time.Duration
	failed []string // the failed ones of the test itself and its subtests
	output strings.Builder
}

func (r *run) test(name string) *result {
	top, _, _ := strings.Cut(name, "/")
	if i := slices.IndexFunc(r.tests, func(t *result) bool { return t.name == top }); i >= 0 {
		return r.tests[i]
	}
	t := &result{name: top}
	r.tests = append(r.tests, t)
	return t
}

// run runs the tests whose names match only on a machine. A test that ends the process counts as failed; the tests after
// it run in another process.
func (b binary) run(machine, only string) (run, error) {
	if !slices.Contains([]string{"tape", "cpu", "cpu-avx512", "cpu-avx2", "cpu-neon", "cpu-go", "cuda"}, machine) {
		return run{}, fmt.Errorf("no machine is called %q: want tape, cpu, cpu-avx512, cpu-avx2, cpu-neon, cpu-go or cuda", machine)
	}
	r := run{machine: machine}
	list, err := b.command("tape", "-test.list", only).Output()
	if err != nil {
		return r, fmt.Errorf("listing the tests: %w", err)
	}
	var left []string
	for name := range strings.Lines(string(list)) {
		if name = strings.TrimSpace(name); strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example") {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return r, fmt.Errorf("no test matches %q", only)
	}
	for len(left) > 0 {
		start := time.Now()
		out, err := b.command(machine, "-test.v=test2json", "-test.timeout=10m", "-test.run", "^("+strings.Join(left, "|")+")$").CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			return r, err
		}
		r.took += time.Since(start)
		r.read(string(out))
		before := len(left)
		left = slices.DeleteFunc(left, func(name string) bool {
			return slices.ContainsFunc(r.tests, func(t *result) bool { return t.name == name })
		})
		if len(left) == before {
			return r, fmt.Errorf("on %s no test begins: %w\n%s", machine, err, out)
		}
	}
	return r, nil
}

// command returns the command that runs the tests with these flags. The environment makes seeds effective: Gorgonia's
// examples expect the random numbers of the seeds that they set.
func (b binary) command(machine string, args ...string) *exec.Cmd {
	c := exec.Command(b.path, args...)
	c.Dir = b.dir
	c.Env = append(os.Environ(), "STHENO_SUITE_MACHINE="+machine, "GODEBUG=randautoseed=0,randseednop=0")
	return c
}

// event matches an event of a test. In the output for test2json, lines of events begin with \x16.
var event = regexp.MustCompile(`^\s*(=== RUN   |--- PASS: |--- FAIL: |--- SKIP: )(\S+)(?: \(([0-9.]+)s\))?`)

// read adds the results in the output of one process.
func (r *run) read(out string) {
	var now *result
	open := map[*result]bool{}
	for i, part := range strings.Split(out, "\x16") {
		if i == 0 {
			continue // before the first test
		}
		m := event.FindStringSubmatch(part)
		switch {
		case strings.HasPrefix(part, "machine\n") && now != nil:
			now.makes = true
			part = strings.TrimPrefix(part, "machine\n")
		case m == nil:
		case m[1] == "=== RUN   ":
			now = r.test(m[2])
			open[now] = true
		default:
			now = r.test(m[2])
			if m[1] == "--- FAIL: " {
				now.failed = append(now.failed, m[2])
			}
			if m[2] == now.name {
				delete(open, now)
				seconds, _ := strconv.ParseFloat(m[3], 64)
				now.took = time.Duration(seconds * float64(time.Second))
			}
		}
		if now != nil {
			now.output.WriteString(part)
		}
	}
	for t := range open { // t ended the process
		t.failed = append(t.failed, t.name)
	}
}

// faults returns the failed ones of the test and its subtests that have no failed subtest themselves.
func (t *result) faults() []string {
	var out []string
	for _, name := range t.failed {
		part := slices.ContainsFunc(t.failed, func(other string) bool { return strings.HasPrefix(other, name+"/") })
		if !part && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
