package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// equal lists edits that change nothing that matters, each with the reason. A line of its
// file is "file | edit | why", or a comment that begins with #.
type equal map[string]bool // by file and edit; true after the edit has occurred

func readEqual(path string) (equal, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known := equal{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, " | ", 2)
		at := -1
		if len(parts) == 2 {
			at = strings.LastIndex(parts[1], " | ")
		}
		if at < 0 || strings.TrimSpace(parts[1][at+3:]) == "" {
			return nil, fmt.Errorf("%s, line %d: want \"file | edit | why\"", path, i+1)
		}
		known[parts[0]+" | "+parts[1][:at]] = false
	}
	return known, nil
}

func (k equal) has(f fault) bool {
	key := f.file + " | " + f.edit()
	if _, ok := k[key]; ok {
		k[key] = true
		return true
	}
	return false
}

// unused returns the lines for these packages that match no edit.
func (k equal) unused(of []watched) (out []string) {
	for key, met := range k {
		if met {
			continue
		}
		for _, w := range of {
			if rest, ok := strings.CutPrefix(key, w.dir+"/"); ok {
				if file, _, _ := strings.Cut(rest, " "); !strings.Contains(file, "/") {
					out = append(out, key)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
