package recipe

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/vm"
)

// Backends are the values of the key backend.
func Backends() []string { return []string{"auto", "cpu", "cuda"} }

// backend is what runs the model.
func (r *Recipe) backend() (vm.Backend, error) { return backend(r.Backend, r.Threads, r.ISA) }

func backend(name string, threads int, isa string) (vm.Backend, error) {
	var known []string
	for _, k := range kernel.Supported() {
		known = append(known, string(k))
	}
	if isa != "" && !slices.Contains(known, isa) {
		return nil, fmt.Errorf("isa: this processor does not have %q: want one of %s", isa, joinNames(known))
	}
	if threads < 0 || threads > 1024 {
		return nil, fmt.Errorf("threads: %d: want 1 to 1024, or 0 for all", threads)
	}
	c := cpu.Config{Threads: threads, ISA: isa}
	switch name {
	case "", "auto":
		if threads != 0 || isa != "" {
			return c, nil
		}
		return stheno.Fastest(), nil
	case "cpu":
		return c, nil
	case "cuda":
		gpus, err := cuda.Devices()
		if err == nil && len(gpus) == 0 {
			err = errors.New("the driver sees none")
		}
		if err != nil {
			return nil, fmt.Errorf("backend: cuda: there is no GPU to use: %w", err)
		}
		return cuda.Config{}, nil
	}
	return nil, oneOf("backend", name, Backends()...)
}

// BackendName is the name of a backend for people.
func BackendName(b vm.Backend) string {
	return strings.TrimSuffix(fmt.Sprintf("%T", b), ".Config")
}

// sortedNames are the keys of a map in order.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sortedKeys are the keys of a map of any type whose keys are texts.
func sortedKeys(m reflect.Value) []string {
	var names []string
	for _, k := range m.MapKeys() {
		names = append(names, k.String())
	}
	slices.Sort(names)
	return names
}
