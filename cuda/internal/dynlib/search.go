//go:build gpu

package dynlib

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Search says where a library may be.
type Search struct {
	Name     string   // what people call it, "NVRTC"
	Stem     string   // its file name without a version, "libnvrtc.so"
	Versions []string // the versions that serve, the best first: "13", "12", "11.2"
	Variable string   // the environment variable that names the file or its folder
	File     string   // the file or its folder by the caller's word; "" for none
	Install  string   // what to install where there is none
}

// Open opens the first file that the loader can open: File, or else what the
// variable names, and only that where either is given; else each version in
// $CUDA_HOME, in the loader's own folders and in /usr/local/cuda. The error has
// every file tried and what to do.
func (s Search) Open() (*Library, error) {
	var tried []string
	for _, file := range s.files() {
		lib, err := Open(file)
		if err == nil {
			return lib, nil
		}
		tried = append(tried, "\n\t"+err.Error())
	}
	return nil, fmt.Errorf("%s cannot be opened: %s, or set %s to its file; tried:%s",
		s.Name, s.Install, s.Variable, strings.Join(tried, ""))
}

func (s Search) files() []string {
	for _, given := range []string{s.File, os.Getenv(s.Variable)} {
		if info, err := os.Stat(given); err == nil && info.IsDir() {
			return s.in(given)
		}
		if given != "" {
			return []string{given}
		}
	}
	var files []string
	if home := os.Getenv("CUDA_HOME"); home != "" {
		files = append(files, s.in(filepath.Join(home, "lib64"))...)
		files = append(files, s.in(filepath.Join(home, "lib"))...)
	}
	files = append(files, s.in("")...)
	return append(files, s.in("/usr/local/cuda/lib64")...)
}

// in returns the file of each version in a folder.
func (s Search) in(dir string) []string {
	var files []string
	for _, v := range s.Versions {
		files = append(files, filepath.Join(dir, s.Stem+"."+v))
	}
	return files
}
