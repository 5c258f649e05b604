package emu

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The parts of what is built, each a C++ file.
var (
	core    = []string{"device", "check", "memory", "fiber", "compile", "module", "format"} // the device
	libcuda = []string{"driver_control", "driver_context", "driver_memory", "driver_module", "driver_stream", "missing"}
	nvrtc   = []string{"nvrtc", "compile", "format"}
	cublas  = []string{"cublas"}
)

// later are functions that drivers have, but that the headers of CUDA 13
// rename. Programs built with older headers need them.
var later = []string{"cuCtxCreate", "cuMemAdvise", "cuMemPrefetchAsync", "cuGraphAddDependencies", "cuGraphGetEdges"}

// Build makes the stand-ins for libcuda, libnvrtc and libcublas, named as in
// the headers' version of CUDA, and puts them into a folder, which it creates:
// a program linked with -L and that folder runs with LD_LIBRARY_PATH set to it.
// lib is the folder's full path.
//
// It looks for the header cuda.h in the -I folders of $CGO_CFLAGS, which
// scripts/cuda-env sets, and in $CUDA_HOME/include. Building takes some ten
// seconds, and the result is cached.
func Build(dir string) (lib string, err error) {
	gxx, err := compiler()
	if err != nil {
		return "", err
	}
	h, err := findHeader(gxx)
	if err != nil {
		return "", err
	}
	lib, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	options := append([]string{"-std=c++17", "-O3", "-fPIC", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", fmt.Sprint("-DEMU_CUDA_VERSION=", h.version)}, h.include...)
	note := fmt.Sprint("libraries", gxx, options, h.functions)
	made, err := built(note, func(src, out string) error { return h.build(gxx, options, src, out) })
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(lib, 0o777); err != nil {
		return "", err
	}
	files, err := os.ReadDir(made)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if err := replace(filepath.Join(made, f.Name()), filepath.Join(lib, f.Name())); err != nil {
			return "", err
		}
	}
	return lib, nil
}

// replace copies a file or a link over another one that programs may have open.
func replace(from, to string) error {
	temporary := to + ".new"
	os.Remove(temporary)
	if target, err := os.Readlink(from); err == nil {
		if err := os.Symlink(target, temporary); err != nil {
			return err
		}
		return os.Rename(temporary, to)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(temporary, data, 0o777); err != nil {
		return err
	}
	return os.Rename(temporary, to)
}

// header is what cuda.h says.
type header struct {
	include   []string // the compiler's options that find it
	version   int      // 12090 for 12.9
	functions []string // names of the functions it declares, as in the library
}

var (
	declared = regexp.MustCompile(`\bCUresult\s+(cu[A-Z]\w*)\s*\(`)
	defined  = regexp.MustCompile(`(?m)^EMU_VERSION (\d+)$`)
)

func findHeader(gxx string) (*header, error) {
	h := &header{}
	words := strings.Fields(os.Getenv("CGO_CFLAGS"))
	for i, w := range words {
		if w == "-I" && i+1 < len(words) {
			w += words[i+1]
		}
		w = strings.Trim(w, `"'`) // quotes, as scripts/cuda-env writes them
		if len(w) > 2 && strings.HasPrefix(w, "-I") {
			h.include = append(h.include, w)
		}
	}
	if home := os.Getenv("CUDA_HOME"); home != "" {
		h.include = append(h.include, "-I"+filepath.Join(home, "include"))
	}
	c := exec.Command(gxx, append(slices.Clone(h.include), "-E", "-x", "c++", "-")...)
	c.Stdin = strings.NewReader("#include <cuda.h>\nEMU_VERSION CUDA_VERSION\n")
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("emu: no cuda.h: set CGO_CFLAGS with scripts/cuda-env, or set CUDA_HOME: %w\n%s", err, said.String())
	}
	version := defined.FindSubmatch(out.Bytes())
	if version == nil {
		return nil, errors.New("emu: cuda.h does not say its CUDA_VERSION")
	}
	h.version, _ = strconv.Atoi(string(version[1]))
	names := slices.Clone(later)
	for _, m := range declared.FindAllSubmatch(out.Bytes(), -1) {
		names = append(names, string(m[1]))
	}
	slices.Sort(names)
	h.functions = slices.Compact(names)
	return h, nil
}

// build makes the three libraries.
func (h *header) build(gxx string, options []string, src, out string) error {
	var missing strings.Builder
	missing.WriteString("extern \"C\" __attribute__((visibility(\"default\"))) int emuMissing(const char* name);\n")
	for _, f := range h.functions {
		fmt.Fprintf(&missing, "extern \"C\" __attribute__((weak, visibility(\"default\"))) int %s() { return emuMissing(\"%s\"); }\n", f, f)
	}
	if err := os.WriteFile(filepath.Join(src, "missing.cc"), []byte(missing.String()), 0o666); err != nil {
		return err
	}
	major := strconv.Itoa(h.version / 1000)
	compilerMajor := major
	if major == "11" {
		compilerMajor = "11.2" // the name for CUDA 11.2 and later 11.x
	}
	libraries := []struct {
		stem, version string
		parts         []string
		with          []string
	}{
		{"libcuda.so", "1", append(slices.Clone(core), libcuda...), []string{"-ldl", "-lpthread"}},
		{"libnvrtc.so", compilerMajor, nvrtc, []string{"-ldl"}},
		{"libcublas.so", major, cublas, []string{"-L" + out, "-lcuda"}},
	}
	for _, l := range libraries {
		file := l.stem + "." + l.version
		shared := []string{"-shared", "-Wl,--no-undefined", "-Wl,-soname," + file}
		if err := (link{compiler: gxx, options: options, libraries: append(shared, l.with...)}).make(src, filepath.Join(out, file), l.parts); err != nil {
			return err
		}
		if err := os.Symlink(file, filepath.Join(out, l.stem)); err != nil {
			return err
		}
	}
	return nil
}

// link makes a program or a library from parts.
type link struct {
	compiler           string
	options, libraries []string
}

// make compiles parts that have no object file yet, on all processors, and links
// them.
func (l link) make(src, file string, parts []string) error {
	errs := make([]error, len(parts))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	objects := []string{"-o", file}
	for i, p := range parts {
		objects = append(objects, p+".o")
		if _, err := os.Stat(filepath.Join(src, p+".o")); err == nil {
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			errs[i] = run(src, l.compiler, append(slices.Clone(l.options), "-c", p+".cc", "-o", p+".o")...)
			<-slots
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return run(src, l.compiler, append(objects, l.libraries...)...)
}

// run runs the compiler in a folder.
func run(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("emu: %s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}
