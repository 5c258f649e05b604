// Command neon-bound estimates how near the inner loops of the kernels for arm64 come to the
// bound of their multiply-adds, without such a processor: it cuts the loops out of the compiled
// kernels, and llvm-mca counts the cycles of each and those of its multiply-adds alone, for the
// processors that are named. It needs llvm-mca and llvm-objdump.
//
//	go run ./scripts/neon-bound                 # products and convolutions
//	go run ./scripts/neon-bound -functions 'lstm|gru' -cpus neoverse-n1
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	functions := flag.String("functions", "^(gemm|gemm64)(Tile|Implicit)|^conv(Tile|Filter)", "kernels by a regular expression")
	cpus := flag.String("cpus", "apple-m1,neoverse-n1", "processors, as LLVM names them")
	least := flag.Int("least", 8, "the least multiply-adds of a loop")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*functions, strings.Split(*cpus, ","), *least); err != nil {
		log.Fatal("neon-bound: ", err)
	}
}

func run(functions string, cpus []string, least int) error {
	which, err := regexp.Compile(functions)
	if err != nil {
		return err
	}
	for _, tool := range []string{"llvm-mca", "llvm-objdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%w: install LLVM", err)
		}
	}
	dir, err := os.MkdirTemp("", "neon-bound")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "kernel.test")
	build := exec.Command("go", "test", "-c", "-o", binary, "./internal/kernel")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	text, err := exec.Command("llvm-objdump", "-d", "--no-show-raw-insn", binary).Output()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "loop\tinstructions\tmultiply-adds\t"+strings.Join(cpus, ": cycles, of the bound\t")+": cycles, of the bound")
	found, last := false, ""
	for _, f := range parse(string(text)) {
		if !strings.Contains(f.name, "NEON") || !which.MatchString(f.name) {
			continue
		}
		for _, loop := range f.innermost() {
			var adds []string
			for _, in := range loop {
				if strings.HasPrefix(in, "fmla") || strings.HasPrefix(in, "fmls") {
					adds = append(adds, in)
				}
			}
			if len(adds) < least {
				continue
			}
			found = true
			row := fmt.Sprintf("%s\t%d\t%d", f.name, len(loop), len(adds))
			for _, cpu := range cpus {
				all, _, err := estimate(cpu, loop)
				if err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
				_, bound, err := estimate(cpu, adds)
				if err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
				row += fmt.Sprintf("\t%.1f, %.0f %%", all, 100*bound/all)
			}
			if row != last { // the loops of the vectors of a group are alike
				fmt.Fprintln(table, row)
			}
			last = row
		}
	}
	if !found {
		return errors.New("no loop has so many multiply-adds")
	}
	return table.Flush()
}

// function is the instructions of a function, with their addresses.
type function struct {
	name string
	at   []uint64
	code []string
}

var (
	heading     = regexp.MustCompile(`^[0-9a-f]+ <(?:.*\.)?([^.]+)\.abi0>:`)
	other       = regexp.MustCompile(`^[0-9a-f]+ <.*>:`)
	instruction = regexp.MustCompile(`^\s*([0-9a-f]+):\s+(\S.*)`)
	target      = regexp.MustCompile(`0x([0-9a-f]+) <`)
	address     = regexp.MustCompile(`0x[0-9a-f]+$`)
)

// parse finds the functions in assembly in a disassembly.
func parse(text string) (all []function) {
	inside := false
	for line := range strings.Lines(text) {
		if m := heading.FindStringSubmatch(line); m != nil {
			all, inside = append(all, function{name: m[1]}), true
		} else if other.MatchString(line) {
			inside = false
		} else if m := instruction.FindStringSubmatch(line); m != nil && inside {
			at, err := strconv.ParseUint(m[1], 16, 64)
			if err != nil {
				continue
			}
			f := &all[len(all)-1]
			f.at, f.code = append(f.at, at), append(f.code, strings.TrimSpace(m[2]))
		}
	}
	return all
}

// innermost are the loops that have no loop in them.
func (f function) innermost() (loops [][]string) {
	index := map[uint64]int{}
	for i, at := range f.at {
		index[at] = i
	}
	last := -1 // where the innermost loop before ends
	for i, in := range f.code {
		m := target.FindStringSubmatch(in)
		if m == nil || !strings.HasPrefix(in, "b") {
			continue
		}
		at, _ := strconv.ParseUint(m[1], 16, 64)
		if from, ok := index[at]; ok && from <= i && from > last {
			loops = append(loops, f.code[from:i+1])
			last = i
		}
	}
	return loops
}

var (
	totalCycles = regexp.MustCompile(`Total Cycles:\s+([0-9.]+)`)
	throughput  = regexp.MustCompile(`Block RThroughput:\s+([0-9.]+)`)
)

// estimate is how many cycles instructions take when they are repeated, and how many if they
// had to wait for nothing but the processor's units.
func estimate(cpu string, code []string) (cycles, units float64, err error) {
	const times = 200
	var text bytes.Buffer
	text.WriteString(".L0:\n")
	for _, in := range code {
		before, _, _ := strings.Cut(in, " <")
		fmt.Fprintln(&text, address.ReplaceAllString(before, ".L0"))
	}
	c := exec.Command("llvm-mca", "-mtriple=aarch64", "-mcpu="+cpu, fmt.Sprint("-iterations=", times), "-")
	c.Stdin = &text
	out, err := c.CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("llvm-mca: %w\n%s", err, out)
	}
	for _, n := range []struct {
		from *regexp.Regexp
		to   *float64
	}{{totalCycles, &cycles}, {throughput, &units}} {
		m := n.from.FindSubmatch(out)
		if m == nil {
			return 0, 0, fmt.Errorf("llvm-mca says no cycles:\n%s", out)
		}
		if *n.to, err = strconv.ParseFloat(string(m[1]), 64); err != nil {
			return 0, 0, err
		}
	}
	return cycles / times, units, nil
}
