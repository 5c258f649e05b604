// Command neon-count counts the instructions that a training step executes in the kernels for
// arm64, without such a processor: qemu-user logs each instruction there, of runs of one step
// and of three. Beside the count stands the least that a step needs, a multiply-add of four
// floats for every eight operations of its products. It needs qemu-aarch64-static.
//
//	go run ./scripts/neon-count                      # some minutes
//	go run ./scripts/neon-count -models dense -batch 64
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
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
	batch := flag.Int("batch", 16, "samples in a step; a group of images has 16")
	flag.Parse()
	log.SetFlags(0)
	if err := run(strings.Split(*models, ","), *batch); err != nil {
		log.Fatal("neon-count: ", err)
	}
}

func run(models []string, batch int) error {
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
	fmt.Fprintln(table, "model\tbatch\tinstructions in kernels\tleast multiply-adds\tratio\t")
	for _, m := range models {
		var counts [2]int
		var flops int
		for i, steps := range [2]int{1, 3} {
			if counts[i], flops, err = count(program, kernels, m, batch, steps); err != nil {
				return fmt.Errorf("%s: %w", m, err)
			}
		}
		each := (counts[1] - counts[0]) / 2
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.2f\t\n", m, batch, each, flops/8, 8*float64(each)/float64(flops))
	}
	return table.Flush()
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

// count runs some steps, and returns how many instructions ran in the kernels and how many
// operations the products of a step have.
func count(program, kernels, model string, batch, steps int) (instructions, flops int, err error) {
	qemu := exec.Command("qemu-aarch64-static", "-singlestep", "-d", "nochain,exec", "-dfilter", kernels, program,
		"-model", model, "-batch", strconv.Itoa(batch), "-steps", strconv.Itoa(steps))
	var out bytes.Buffer
	qemu.Stdout = &out
	log, err := qemu.StderrPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := qemu.Start(); err != nil {
		return 0, 0, fmt.Errorf("%w: install qemu-user-static", err)
	}
	lines := bufio.NewReaderSize(log, 1<<20)
	other := ""
	for {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		if bytes.HasPrefix(line, []byte("Trace ")) {
			instructions++
		} else {
			other = string(line)
		}
	}
	if err := qemu.Wait(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, other)
	}
	flops, err = strconv.Atoi(strings.TrimSpace(out.String()))
	return instructions, flops, err
}
