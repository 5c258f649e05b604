//go:build gpu

package cuda

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/cuda/internal/nvrtc"
	"github.com/stheno-ml/stheno/graph"
)

// kernels is a program's code on a GPU.
type kernels struct {
	modules   []*driver.Module
	functions map[string]*driver.Function
	blas      *driver.BLAS // nil if no call needs it
}

// load compiles a program for a GPU, or takes its code from the cache, and
// opens cuBLAS if the program has products.
func (c Config) load(d *device, s *driver.Stream, p *code.Program, dtype graph.Dtype) (k *kernels, err error) {
	k = &kernels{functions: map[string]*driver.Function{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.close())
		}
	}()
	if slices.ContainsFunc(p.Calls, func(call code.Call) bool { return call.Product != nil }) {
		if k.blas, err = s.OpenBLAS(""); err != nil {
			return k, err
		}
		if c.TF32 && dtype == graph.Float32 {
			if err := k.blas.SetMath(driver.MathTF32); err != nil {
				return k, err
			}
		}
	}
	if len(p.Units) == 0 {
		return k, nil
	}
	compiler, err := driver.OpenCompiler("")
	if err != nil {
		return k, err
	}
	defer compiler.Close()
	modules, errs := make([]*driver.Module, len(p.Units)), make([]error, len(p.Units))
	var wait sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, u := range p.Units {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			modules[i], errs[i] = c.module(d, compiler, u.Source)
		})
	}
	wait.Wait()
	for _, m := range modules {
		if m != nil {
			k.modules = append(k.modules, m)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return k, err
	}
	for i, u := range p.Units {
		for _, name := range u.Kernels {
			if k.functions[name], err = modules[i].Function(name); err != nil {
				return k, err
			}
		}
	}
	return k, nil
}

func (k *kernels) close() error {
	var errs []error
	if k.blas != nil {
		errs = append(errs, k.blas.Close())
	}
	for _, m := range k.modules {
		errs = append(errs, m.Close())
	}
	*k = kernels{}
	return errors.Join(errs...)
}

// module loads a source's code onto the GPU. If the driver refuses a cached
// image, the source is compiled again.
func (c Config) module(d *device, compiler *nvrtc.Library, source string) (*driver.Module, error) {
	path := c.cached(compiler, d.Arch, source)
	if path != "" {
		if image, err := os.ReadFile(path); err == nil {
			if m, err := d.Load(image); err == nil {
				return m, nil
			}
		}
	}
	image, err := compiler.Compile("stheno.cu", source, d.Arch)
	if err != nil {
		return nil, err
	}
	m, err := d.Load(image.Code)
	if err != nil {
		return nil, err
	}
	if path != "" {
		store(path, image.Code)
	}
	return m, nil
}

// cached is the path of a source's compiled code; "" without a cache.
func (c Config) cached(compiler *nvrtc.Library, arch int, source string) string {
	folder := c.Cache
	if folder == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		folder = filepath.Join(user, "stheno", "cuda")
	}
	h := sha256.New()
	fmt.Fprintf(h, "nvrtc %d.%d, sm_%d\n%s", compiler.Major, compiler.Minor, arch, source)
	return filepath.Join(folder, hex.EncodeToString(h.Sum(nil))+".cubin")
}

// store writes a file whole or not at all. Errors are ignored: without the file
// the next machine compiles again.
func store(path string, image []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return
	}
	_, err = f.Write(image)
	if errors.Join(err, f.Close()) != nil || os.Rename(f.Name(), path) != nil {
		os.Remove(f.Name())
	}
}
