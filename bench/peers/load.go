package main

// How busy the machine is with other work. PyTorch's threads synchronize at
// every operation, so other work slows it more than other programs.

import (
	"fmt"
	"os"
	"strings"
)

// loadAverage returns how many threads want to run, on average over the last minute,
// if the system reports it (Linux does), else 0.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	return parseLoad(string(text))
}

// parseLoad reads the first number of a line such as "0.42 0.40 0.31 1/234 5678".
func parseLoad(line string) float64 {
	var first float64
	if _, err := fmt.Sscan(strings.TrimSpace(line), &first); err != nil {
		return 0
	}
	return first
}

// busyNote is the table's remark on a run with that highest load; "" if the
// load was only ours.
func busyNote(most float64, threads int) string {
	if most <= float64(threads)+1 {
		return ""
	}
	return fmt.Sprintf("the machine was busy: a load of %.1f where these programs alone make at most %d. Times are too long, PyTorch's most of all: run again when nothing else does", most, threads)
}
