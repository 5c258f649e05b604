//go:build gpu

// Command roofline predicts how long the kernels of a training step take on GPUs, without one:
// NVRTC compiles them and says how many registers and how much shared memory they use, nvdisasm
// shows what share of their inner loops is multiply-adds, and the plan says how many operations
// and bytes each step needs. It is arithmetic, to read measured figures against. It needs NVRTC,
// and nvdisasm (pip install nvidia-cuda-nvdisasm) in the path or in $STHENO_NVDISASM.
//
//	eval "$(scripts/cuda-env)"
//	go run -tags gpu ./cuda/internal/roofline                # sums: conv, conv-strided, lstm and vae at batch 128 and 8,192
//	go run -tags gpu ./cuda/internal/roofline -all -models conv -batch 128 -gpus H200
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/nvrtc"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/nets"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/train"
)

func main() {
	names := flag.String("models", "conv,conv-strided,lstm,vae", "nets, of "+strings.Join(nets.Names(), ", "))
	batches := flag.String("batch", "128,8192", "batch sizes")
	on := flag.String("gpus", "A100,H100,H200", "GPUs")
	all := flag.Bool("all", false, "print each call, not only the sums")
	flag.Parse()
	log.SetFlags(0)
	if err := run(strings.Split(*names, ","), strings.Split(*batches, ","), strings.Split(*on, ","), *all); err != nil {
		log.Fatal("roofline: ", err)
	}
}

func run(names, batches, on []string, all bool) error {
	lib, err := nvrtc.Open("", nvrtc.Versions)
	if err != nil {
		return err
	}
	defer lib.Close()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "GPU\tmodel\tbatch\tcalls\tGFLOP\tMB\tbound us\tof which compute\tpredicted us\tof which starts\tbound of it\tlongest\t")
	for _, gpu := range on {
		g, ok := gpus[gpu]
		if !ok {
			return fmt.Errorf("no GPU %q: want A100, H100 or H200", gpu)
		}
		for _, name := range names {
			net, ok := nets.Named(name)
			if !ok {
				return fmt.Errorf("no model %q: want one of %s", name, strings.Join(nets.Names(), ", "))
			}
			for _, batch := range batches {
				n, err := strconv.Atoi(batch)
				if err != nil {
					return fmt.Errorf("batch %q is no number", batch)
				}
				calls, err := predict(lib, g, net.Model, n)
				if err != nil {
					return fmt.Errorf("%s, batch %d, %s: %w", name, n, gpu, err)
				}
				if all {
					if err := list(calls); err != nil {
						return err
					}
				}
				sum(table, gpu, name, n, calls)
			}
		}
	}
	return table.Flush()
}

// predict predicts the calls of a training step.
func predict(lib *nvrtc.Library, g gpu, m train.Model, batch int) ([]call, error) {
	programs, err := train.TrainPrograms(m, batch, train.Options{})
	if err != nil {
		return nil, err
	}
	p, err := plan.Make(plan.SourceOf(programs[0]), plan.Target{Convs: true})
	if err != nil {
		return nil, err
	}
	made, err := code.Make(p)
	if err != nil {
		return nil, err
	}
	kernels := map[string]kernel{}
	for _, u := range made.Units {
		if err := compile(lib, u.Source, g.arch, kernels); err != nil {
			return nil, err
		}
	}
	var calls []call
	for _, c := range made.Calls {
		calls = append(calls, call{Call: c, kernel: kernels[c.Kernel]})
	}
	for i, s := range p.Steps {
		f := compiled.ProfileOf(p.Func, lower.Step(s), int(p.Dtype.Size()))
		if c := worker(calls, i); c != nil {
			c.flops, c.bytes = c.flops+float64(f.Flops), c.bytes+float64(f.Bytes)
			c.what, _, _ = strings.Cut(f.Step, "\n")
		}
	}
	for i := range calls {
		calls[i].time(g)
	}
	return calls, nil
}

// worker is the call that does most of a step's work: of its calls, the one with the most
// multiply-adds in its loop and, of equals, the first. A step without a call of its own
// shares one with later steps.
func worker(calls []call, step int) *call {
	var most *call
	for i := range calls {
		c := &calls[i]
		if c.Step == step && (most == nil || c.weight() > most.weight()) || most == nil && c.Step > step {
			most = c
		}
	}
	return most
}

// weight is larger for a call that does more of a step's work.
func (c *call) weight() float64 {
	if c.Product != nil {
		return 2
	}
	return c.mix * min(1, float64(c.Grid)/64)
}

// list prints the calls, the longest first.
func list(calls []call) error {
	slices.SortStableFunc(calls, func(a, b call) int { return cmp.Compare(b.predicted, a.predicted) })
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "us\tbound us\tMFLOP\tMB\tblocks\tthreads\tregisters\tshared\tblocks at once\twaves\tmultiply-adds\tof tiles used\tkernel\tstep")
	for _, c := range calls {
		fmt.Fprintf(table, "%.1f\t%.1f\t%.1f\t%.2f\t%d\t%d\t%d\t%d\t%d\t%.2f\t%.0f %%\t%.0f %%\t%s\t%.90s\n", c.predicted, c.bound, c.flops/1e6, c.bytes/1e6,
			c.Grid, c.Block, c.registers, c.shared, c.atOnce, c.waves, 100*c.mix, 100*c.used, cmp.Or(c.Kernel, "cuBLAS"), c.what)
	}
	return table.Flush()
}

// sum prints a line of sums.
func sum(table *tabwriter.Writer, gpu, name string, batch int, calls []call) {
	var s call
	compute, starts, longest := 0.0, 0.0, call{}
	for _, c := range calls {
		s.flops, s.bytes, s.bound, s.predicted = s.flops+c.flops, s.bytes+c.bytes, s.bound+c.bound, s.predicted+c.predicted
		starts += start
		if c.computes {
			compute += c.bound
		}
		if c.predicted > longest.predicted {
			longest = c
		}
	}
	fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%.2f\t%.1f\t%.0f\t%.0f %%\t%.0f\t%.0f %%\t%.0f %%\t%s %.0f\t\n", gpu, name, batch, len(calls), s.flops/1e9, s.bytes/1e6,
		s.bound, 100*compute/s.bound, s.predicted, 100*starts/s.predicted, 100*s.bound/s.predicted, cmp.Or(longest.Kernel, "cuBLAS"), longest.predicted)
}
