package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// plant runs the tests with the fault, and returns the verdict: "caught:
// TestX", "SURVIVED" or "did not build".
func (f fault) plant(limit time.Duration) (verdict string, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := f.overlay(dir)
	if err != nil {
		return "", err
	}
	for _, t := range f.of.tests {
		verdict, caught := test(overlay, t, limit)
		if caught {
			return verdict, nil
		}
	}
	return "SURVIVED", nil
}

// overlay writes the edited file to dir, and the overlay file that replaces the source by
// it.
func (f fault) overlay(dir string) (string, error) {
	source, err := os.ReadFile(f.file)
	if err != nil {
		return "", err
	}
	edited := string(source[:f.from]) + f.text + string(source[f.to:])
	to := filepath.Join(dir, filepath.Base(f.file))
	if err := os.WriteFile(to, []byte(edited), 0o600); err != nil {
		return "", err
	}
	from, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {from: to}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

// failedTest matches the name of a test that failed.
var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// test runs tests with an overlay, or without one if overlay is empty.
func test(overlay string, t tests, limit time.Duration) (verdict string, caught bool) {
	args := []string{"test", "-vet=off", "-failfast", "-p", "1", "-timeout", limit.String()}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if t.run != "" {
		args = append(args, "-run", t.run)
	}
	out, err := exec.Command("go", append(args, "./"+t.dir)...).CombinedOutput()
	text := string(out)
	switch names := failedTest.FindAllStringSubmatch(text, -1); {
	case err == nil:
		return "", false
	case strings.Contains(text, "[build failed]") || strings.Contains(text, "[setup failed]"):
		return "did not build", true
	case strings.Contains(text, "panic: test timed out"):
		return "caught: by the time limit, " + t.dir, true
	case len(names) > 0:
		return "caught: " + names[len(names)-1][1], true
	}
	return "caught: the tests of " + t.dir + " crashed", true
}
