// Command neon-count counts the instructions that a training step executes in the kernels for
// arm64, without such a processor: qemu-user tells which blocks of instructions ran, in runs of
// one step and of three. Beside the count stands the least that a step needs, a multiply-add of
// four floats for every eight operations of its products. It needs qemu-aarch64-static.
//
//	go run ./scripts/neon-count                      # a minute or two
//	go run ./scripts/neon-count -models dense -batch 64 -kernels 2
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	models := flag.String("models", "dense,vae,lstm,conv,conv-strided", "models of bench")
	batches := flag.String("batch", "16", "samples in a step, of one or more steps; a group of images has 16")
	share := flag.Float64("kernels", 0, "list the kernels with this percentage of a step's instructions or more; 0 lists none")
	flag.Parse()
	log.SetFlags(0)
	if err := run(strings.Split(*models, ","), strings.Split(*batches, ","), *share); err != nil {
		log.Fatal("neon-count: ", err)
	}
}

func run(models, batches []string, share float64) error {
	dir, err := os.MkdirTemp("", "neon-count")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "step")
	build := exec.Command("go", "build", "-o", program, "./scripts/neon-count/step")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	kernels, err := ranges(program)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "model\tbatch\tinstructions in kernels\tmultiply-adds\tleast multiply-adds\tratio\t")
	var lists []string
	for _, m := range models {
		for _, batch := range batches {
			step, least, err := oneStep(program, kernels, m, batch)
			if err != nil {
				return fmt.Errorf("%s: %w", m, err)
			}
			all := step.total()
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%.2f\t\n", m, batch, all.instructions, all.multiplyAdds, least, float64(all.instructions)/float64(least))
			lists = append(lists, fmt.Sprintf("\n%s, batch %s:\n%s", m, batch, step.list(share)))
		}
	}
	if err := table.Flush(); err != nil || share == 0 {
		return err
	}
	fmt.Print(strings.Join(lists, ""))
	return nil
}

// oneStep counts one step after the first, by kernel, and the least multiply-adds.
func oneStep(program, kernels, model, batch string) (step counts, least int, err error) {
	first, flops, err := count(program, kernels, model, batch, 1)
	if err != nil {
		return nil, 0, err
	}
	three, _, err := count(program, kernels, model, batch, 3)
	if err != nil {
		return nil, 0, err
	}
	step = counts{}
	for name, k := range three {
		step[name] = k.minus(first[name]).half()
	}
	return step, flops / 8, nil
}

// ranges are the addresses of the kernels in a program, as qemu takes them.
func ranges(program string) (string, error) {
	text, err := exec.Command("go", "tool", "nm", "-n", "-size", program).Output()
	if err != nil {
		return "", err
	}
	var all []string
	var first, end uint64
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.Contains(f[3], "internal/kernel.") || !strings.Contains(f[3], "NEON") || strings.ToLower(f[2]) != "t" {
			continue
		}
		at, err := strconv.ParseUint(f[0], 16, 64)
		if err != nil {
			return "", err
		}
		size, err := strconv.ParseUint(f[1], 10, 64)
		if err != nil {
			return "", err
		}
		const gap = 64 // padding between functions
		if at > end+gap && end > 0 {
			all = append(all, fmt.Sprintf("%#x..%#x", first, end-1))
			first = at
		}
		if first == 0 {
			first = at
		}
		end = at + size
	}
	if end == 0 {
		return "", fmt.Errorf("no kernels for arm64 in the program")
	}
	return strings.Join(append(all, fmt.Sprintf("%#x..%#x", first, end-1)), ","), nil
}
