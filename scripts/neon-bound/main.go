// Command neon-bound estimates how near the inner loops of the kernels for arm64 come to the
// bound of their multiply-adds, without such a processor: it cuts the loops out of the compiled
// kernels, and llvm-mca counts the cycles of each and those of its multiply-adds alone, for the
// processors that are named. It needs llvm-mca and llvm-objdump.
//
//	go run ./scripts/neon-bound                 # products and convolutions
//	go run ./scripts/neon-bound -functions 'lstm|gru' -cpus neoverse-v2 -mca llvm-mca-19
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
	below := flag.Float64("below", 101, "list only loops below this percentage of the bound on a processor")
	mca := flag.String("mca", "llvm-mca", "the program; before LLVM 17 it takes an A57 for a Neoverse N1")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*functions, *mca, strings.Split(*cpus, ","), *least, *below); err != nil {
		log.Fatal("neon-bound: ", err)
	}
}

func run(functions, mca string, cpus []string, least int, below float64) error {
	which, err := regexp.Compile(functions)
	if err != nil {
		return err
	}
	loops, err := find(which, least)
	if err != nil {
		return err
	}
	if len(loops) == 0 {
		return errors.New("no loop has so many multiply-adds")
	}
	rows := make([]string, len(loops))
	lowest := make([]float64, len(loops))
	for i, l := range loops {
		rows[i], lowest[i] = fmt.Sprintf("%s\t%d\t%d", l.function, len(l.code), len(l.multiplyAdds)), 100
	}
	for _, cpu := range cpus {
		all, err := estimate(mca, cpu, loops)
		if err != nil {
			return fmt.Errorf("%s: %w", cpu, err)
		}
		for i, e := range all {
			percent := 100 * e.bound / e.cycles
			rows[i] += fmt.Sprintf("\t%.1f, %.0f %%", e.cycles, percent)
			lowest[i] = min(lowest[i], percent)
		}
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "loop\tinstructions\tmultiply-adds\t"+strings.Join(cpus, ": cycles, of the bound\t")+": cycles, of the bound")
	last := ""
	for i, row := range rows {
		if row != last && lowest[i] < below { // the loops of the vectors of a group are alike
			fmt.Fprintln(table, row)
		}
		last = row
	}
	return table.Flush()
}

// loop is an innermost loop of a function, and its multiply-adds alone.
type loop struct {
	function           string
	code, multiplyAdds []string
}

// find compiles the kernels and returns their loops of that many multiply-adds or more.
func find(which *regexp.Regexp, least int) (loops []loop, err error) {
	dir, err := os.MkdirTemp("", "neon-bound")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "kernel.test")
	build := exec.Command("go", "test", "-c", "-o", binary, "./internal/kernel")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	text, err := exec.Command("llvm-objdump", "-d", "--no-show-raw-insn", binary).Output()
	if err != nil {
		return nil, fmt.Errorf("llvm-objdump: %w: install LLVM", err)
	}
	for _, f := range parse(string(text)) {
		if !strings.Contains(f.name, "NEON") || !which.MatchString(f.name) {
			continue
		}
		for _, code := range f.innermost() {
			l := loop{function: f.name, code: code}
			for _, in := range code {
				if strings.HasPrefix(in, "fmla") || strings.HasPrefix(in, "fmls") {
					l.multiplyAdds = append(l.multiplyAdds, in)
				}
			}
			if len(l.multiplyAdds) >= least {
				loops = append(loops, l)
			}
		}
	}
	return loops, nil
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

// times is how often llvm-mca repeats a loop.
const times = 100

var numbers = regexp.MustCompile(`(?s)Total Cycles:\s+([0-9.]+).*?Block RThroughput:\s+([0-9.]+)`)

// cost is how many cycles a loop takes when it is repeated, and how many its multiply-adds
// would take if they had to wait for nothing but the processor's units.
type cost struct{ cycles, bound float64 }

// estimate runs llvm-mca once, with two regions for each loop.
func estimate(mca, cpu string, loops []loop) ([]cost, error) {
	text := bytes.NewBufferString("loop:\n") // the target of all branches
	region := func(code []string) {
		fmt.Fprintln(text, "# LLVM-MCA-BEGIN")
		for _, in := range code {
			if before, _, ok := strings.Cut(in, " <"); ok { // a branch
				in = address.ReplaceAllString(before, "loop")
			}
			fmt.Fprintln(text, in)
		}
		fmt.Fprintln(text, "# LLVM-MCA-END")
	}
	for _, l := range loops {
		region(l.code)
		region(l.multiplyAdds)
	}
	c := exec.Command(mca, "-mtriple=aarch64", "-mcpu="+cpu, fmt.Sprint("-iterations=", times), "-instruction-info=false", "-resource-pressure=false", "-")
	c.Stdin = text
	var failure bytes.Buffer
	c.Stderr = &failure
	out, err := c.Output()
	if err != nil {
		first, _, _ := strings.Cut(failure.String(), "\n")
		return nil, fmt.Errorf("%s: %w: %s", mca, err, first)
	}
	found := numbers.FindAllSubmatch(out, -1)
	if len(found) != 2*len(loops) {
		return nil, fmt.Errorf("%s tells of %d regions, want %d", mca, len(found), 2*len(loops))
	}
	all := make([]cost, len(loops))
	for i := range loops {
		cycles, err := strconv.ParseFloat(string(found[2*i][1]), 64)
		if err != nil {
			return nil, err
		}
		bound, err := strconv.ParseFloat(string(found[2*i+1][2]), 64)
		if err != nil {
			return nil, err
		}
		all[i] = cost{cycles / times, bound}
	}
	return all, nil
}
