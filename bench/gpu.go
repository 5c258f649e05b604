package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/vm"
)

// The backends of package cuda: on a GPU, and on the emulator. The emulator's times are
// not compared with others.
const (
	onCUDA = "cuda"
	onEmu  = "emu"
)

// onGPU reports whether a backend is one of package cuda.
func onGPU(backend string) bool { return backend == onCUDA || backend == onEmu }

// gpus is the interface to package cuda; tests replace it.
type gpus struct {
	devices   func() ([]cuda.Device, error)
	libraries func() ([]cuda.Library, error)
	backend   vm.Backend
}

func realGPUs() gpus {
	return gpus{cuda.Devices, cuda.Libraries, cuda.Config{}}
}

// device returns the first GPU, on which machines are compiled, if it suits the
// backend.
func (g gpus) device(backend string) (cuda.Device, error) {
	all, err := g.devices()
	if err != nil {
		return cuda.Device{}, err
	}
	if len(all) == 0 {
		return cuda.Device{}, fmt.Errorf("the driver sees no GPU: $CUDA_VISIBLE_DEVICES may hide it")
	}
	d := all[0]
	switch {
	case d.Emulated && backend == onCUDA:
		return d, fmt.Errorf("%s is not a GPU: use the backend %s, whose times are not compared with others", d.Name, onEmu)
	case !d.Emulated && backend == onEmu:
		return d, fmt.Errorf("%s is a GPU: use the backend %s; %s is for the emulator", d.Name, onCUDA, onEmu)
	}
	return d, nil
}

// backendsHere is the default list of backends: all except those of package cuda, and
// cuda if there is a GPU.
func (g gpus) backendsHere() []string {
	return slices.DeleteFunc(backendNames(), func(backend string) bool {
		if !onGPU(backend) {
			return false
		}
		_, err := g.device(backend)
		return backend == onEmu || err != nil
	})
}

// describe returns the GPU of the first backend that has one.
func (g gpus) describe(backends []string) (report.GPU, bool) {
	i := slices.IndexFunc(backends, onGPU)
	if i < 0 {
		return report.GPU{}, false
	}
	d, err := g.device(backends[i])
	if err != nil {
		return report.GPU{}, false
	}
	out := report.GPU{
		Name: d.Name, Capability: fmt.Sprintf("%d.%d", d.Major, d.Minor), Multiprocessors: d.Multiprocessors,
		MemoryBytes: d.Memory, Driver: d.Driver, Emulated: d.Emulated,
	}
	if d.Peak > 0 && !d.Emulated {
		out.PeakGFLOPS = report.Known(d.Peak / 1e9)
	}
	if d.Bandwidth > 0 && !d.Emulated {
		out.BandwidthGBS = report.Known(d.Bandwidth / 1e9)
	}
	var names []string
	libraries, err := g.libraries()
	for _, l := range libraries {
		names = append(names, l.Name+" "+l.Version)
	}
	if err != nil {
		names = append(names, "others missing") // a machine that needs one names it
	}
	out.Toolkit = strings.Join(names, ", ")
	return out, true
}

// openCUDA opens a model on the first GPU, as a backend of package cuda.
func openCUDA(n net, o options, backend string) (*session, error) {
	d, err := o.gpus.device(backend)
	if err != nil {
		return nil, err
	}
	s, err := openModel(n, o, o.gpus.backend)
	if err != nil {
		return nil, err
	}
	s.device = d
	return s, nil
}
