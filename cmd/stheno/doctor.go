package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/klauspost/cpuid/v2"
	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/internal/available"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/machine"
	"github.com/stheno-ml/stheno/recipe"
)

// diagnosis is what the doctor finds.
type diagnosis struct {
	Machine  string       `json:"machine"`
	Features []string     `json:"features"` // of the processor, that the kernels use
	Memory   int64        `json:"memoryBytes,omitempty"`
	ISAs     []string     `json:"isas"`
	ISA      string       `json:"isa"` // that is used
	Peak     peak         `json:"peak"`
	GPUs     []string     `json:"gpus"`
	CUDA     []string     `json:"cuda"` // libraries
	NoGPU    string       `json:"noGPU,omitempty"`
	Backend  string       `json:"backend"` // that would be used
	Data     []dataFolder `json:"data"`
}

type peak struct {
	Threads int     `json:"threads"`
	One     float64 `json:"oneGFLOPS"`
	All     float64 `json:"allGFLOPS"`
}

type dataFolder struct {
	Place string   `json:"place"`
	Has   []string `json:"has"`
}

func (a *app) doctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Show what this machine has, and which backend would be used and why",
		Long: `Show what this machine has: the processor's instruction sets, its peak of float32
multiply-adds (measured, in a second), GPUs, the driver and CUDA's libraries, which
backend would be used and why another is not, and which data sets are at hand.`,
		Example: `stheno doctor`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d := diagnose(c.Context())
			return a.result(d, d.print)
		},
	}
}

func diagnose(ctx context.Context) diagnosis {
	d := diagnosis{Machine: machine.Describe().String(), Memory: available.Memory(), ISA: string(kernel.Best()), GPUs: []string{}, CUDA: []string{}}
	for _, f := range []cpuid.FeatureID{cpuid.AVX, cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.ASIMD} {
		if cpuid.CPU.Supports(f) {
			d.Features = append(d.Features, f.String())
		}
	}
	for _, isa := range kernel.Supported() {
		d.ISAs = append(d.ISAs, string(isa))
	}
	p := kernel.SteadyPeak(ctx, kernel.Best(), 300*time.Millisecond)
	d.Peak = peak{p.Threads, p.One, p.All}
	devices, err := cuda.Devices()
	for _, g := range devices {
		d.GPUs = append(d.GPUs, g.String())
	}
	switch {
	case err != nil:
		d.NoGPU = err.Error()
	case len(devices) == 0:
		d.NoGPU = "the driver sees no GPU: $CUDA_VISIBLE_DEVICES may hide it"
	default:
		libraries, err := cuda.Libraries()
		for _, l := range libraries {
			d.CUDA = append(d.CUDA, fmt.Sprintf("%s %s, %s", l.Name, l.Version, l.Path))
		}
		if err != nil {
			d.NoGPU = err.Error()
		}
	}
	d.Backend = recipe.BackendName(stheno.Fastest())
	d.Data = []dataFolder{}
	cache, _ := os.UserCacheDir()
	for _, f := range []dataFolder{{Place: os.Getenv("STHENO_DATA")}, {Place: filepath.Join(cache, "stheno")}} {
		if f.Place == "" {
			continue
		}
		entries, _ := os.ReadDir(f.Place)
		for _, e := range entries {
			if e.IsDir() {
				f.Has = append(f.Has, e.Name())
			}
		}
		d.Data = append(d.Data, f)
	}
	return d
}

func (d diagnosis) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%s\t"+format+"\n", append([]any{name}, args...)...)
	}
	line("machine", "%s", d.Machine)
	line("features", "%s", strings.Join(d.Features, " "))
	if d.Memory > 0 {
		line("memory", "%s available", available.Text(d.Memory))
	}
	line("instruction sets", "%s; %s is used (--isa chooses another)", strings.Join(d.ISAs, ", "), d.ISA)
	line("FMA peak", "%.0f GFLOP/s on one thread, %.0f on %d", d.Peak.One, d.Peak.All, d.Peak.Threads)
	for _, g := range d.GPUs {
		line("GPU", "%s", g)
	}
	for _, l := range d.CUDA {
		line("CUDA", "%s", l)
	}
	if d.NoGPU != "" {
		line("cuda is not used", "%s", strings.Join(strings.Fields(d.NoGPU), " "))
	}
	line("backend", "%s would be used", d.Backend)
	for _, f := range d.Data {
		has := "nothing"
		if len(f.Has) > 0 {
			has = strings.Join(f.Has, ", ")
		}
		line("data", "%s has %s", f.Place, has)
	}
	return w.Flush()
}
