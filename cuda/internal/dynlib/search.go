//go:build gpu

package dynlib

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Search says where to look for a library.
type Search struct {
	Name     string   // its usual name, "NVRTC"
	Stem     string   // its file name without a version, "libnvrtc.so"
	Versions []string // the versions that will do, the best first: "13", "12", "11.2"
	Variable string   // the environment variable that names the file or its folder
	File     string   // the file or its folder, if the caller gives it; else ""
	Install  string   // what to install if none is found
}

// Open opens the first file that the loader can open. If File or the variable
// is set, it tries only that, File first; else it tries each version in
// $CUDA_HOME, in the loader's own folders and in /usr/local/cuda. The error
// lists every file tried and what to do.
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
