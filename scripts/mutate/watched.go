package main

import (
	"fmt"
	"strings"
)

// watched is a package and the tests that watch it, the narrowest first.
type watched struct {
	dir   string
	tests []tests
}

// tests are the tests of a package that run selects; an empty run selects all.
type tests struct{ dir, run string }

// promises selects the tests of what every machine promises, on plain Go and on what the processor has.
const promises = "TestPromises/(go|avx2|avx512|neon)$"

func table() []watched {
	return []watched{
		{"internal/plan", []tests{{"internal/plan", ""}, {"cpu", promises}, {"cpu", ""}, {"internal/programs", ""}}},
		{"cpu", []tests{{"cpu", promises}, {"cpu", ""}}},
		{"internal/kernel", []tests{{"internal/kernel", ""}, {"cpu", "TestPromises/go$"}}},
		{"internal/team", []tests{{"internal/team", ""}, {"cpu", promises}}},
		{"internal/compiled", []tests{{"internal/compiled", ""}, {"cpu", promises}, {"cpu", ""}}},
		{"train", []tests{{"train", ""}, {"models/dense", ""}}},
		{"data", []tests{{"data", ""}}},
		{"graph", []tests{{"graph", ""}, {"graph/optest", ""}, {"cpu", promises}}},
		{"optim", []tests{{"optim", ""}}},
		{"lower", []tests{{"lower", ""}, {"graph/optest", ""}}},
	}
}

// choose returns the packages of these folders. Without any it returns those of the
// machines, training and data.
func choose(dirs []string) (out []watched, err error) {
	if len(dirs) == 0 {
		dirs = []string{"internal/plan", "cpu", "internal/kernel", "internal/team", "internal/compiled", "train", "data"}
	}
next:
	for _, dir := range dirs {
		dir = strings.Trim(strings.TrimPrefix(dir, "./"), "/")
		for _, w := range table() {
			if w.dir == dir {
				out = append(out, w)
				continue next
			}
		}
		return nil, fmt.Errorf("%s is not in the table of watched.go: add it, with the tests that watch it", dir)
	}
	return out, nil
}
