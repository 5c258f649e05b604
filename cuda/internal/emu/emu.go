// Package emu runs CUDA kernels without a GPU, and more strictly than a GPU: it
// names the kernel, the block, the thread and the line that read memory never
// written, left an array, raced with another thread or waited for one that
// never comes.
//
// [Exec] runs a kernel source over memory. [Build] makes stand-ins for the
// libraries libcuda, libnvrtc and libcublas; a program built against the real
// ones runs with them. Both need g++ but not CUDA, except that Build reads the
// header cuda.h. README.md says what the emulator can find and what it cannot.
package emu

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

//go:embed src
var sources embed.FS

// ErrNoCompiler means that there is no g++ (or $CXX), or that this is not
// Linux.
var ErrNoCompiler = errors.New("the emulator needs Linux and g++: install it, or set CXX")

// compiler is the C++ compiler to use.
func compiler() (string, error) {
	name := os.Getenv("CXX")
	if name == "" {
		name = "g++"
	}
	path, err := exec.LookPath(name)
	if err != nil || runtime.GOOS != "linux" {
		return "", ErrNoCompiler
	}
	return path, nil
}

// cacheDir is the folder that keeps compiled files: $STHENO_EMU_CACHE, or a
// folder in the user's cache folder.
func cacheDir() (string, error) {
	if dir := os.Getenv("STHENO_EMU_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "stheno-emu"), nil
}

// built returns the folder of the cache that holds what build makes from the
// sources and a note, such as options; if it does not exist, built creates it.
// build gets the folder with the sources and the folder to fill.
func built(note string, build func(src, out string) error) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, note)
	err = fs.WalkDir(sources, "src", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := sources.ReadFile(path)
		fmt.Fprintln(sum, path, len(data))
		sum.Write(data)
		return err
	})
	if err != nil {
		return "", err
	}
	final := filepath.Join(cache, fmt.Sprintf("build-%x", sum.Sum(nil)[:12]))
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return "", fmt.Errorf("emu: the cache: %w", err)
	}
	work, err := os.MkdirTemp(cache, "work-")
	if err != nil {
		return "", fmt.Errorf("emu: the cache: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, sources); err != nil {
		return "", fmt.Errorf("emu: the cache: %w", err)
	}
	out := filepath.Join(work, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		return "", err
	}
	if err := build(filepath.Join(work, "src"), out); err != nil {
		return "", err
	}
	// Another process may have made the same folder.
	if err := os.Rename(out, final); err != nil {
		if _, there := os.Stat(final); there != nil {
			return "", err
		}
	}
	return final, nil
}
