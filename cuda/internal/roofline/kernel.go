//go:build gpu

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cuda/internal/nvrtc"
)

// kernel is what the compiler says about a kernel.
type kernel struct {
	registers int     // of a thread
	shared    int     // bytes
	spilled   int     // bytes
	mix       float64 // the share of multiply-adds in the loop that has most of them, or in a product without loops; 0 in others
	used      float64 // the share of a product's tiles that is within the product
}

var (
	entry     = regexp.MustCompile(`Compiling entry function '(\w+)'`)
	registers = regexp.MustCompile(`Used (\d+) registers`)
	shared    = regexp.MustCompile(`(\d+) bytes smem`)
	spilled   = regexp.MustCompile(`(\d+) bytes spill stores`)
)

// compile adds the kernels of a source.
func compile(lib *nvrtc.Library, source string, arch int, to map[string]kernel) error {
	im, err := lib.Compile("stheno.cu", source, arch, "--ptxas-options=-v")
	if err != nil {
		return err
	}
	name := ""
	number := func(re *regexp.Regexp, line string) int {
		m := re.FindStringSubmatch(line)
		if m == nil {
			return 0
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	for line := range strings.Lines(im.Log) {
		if m := entry.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		k := to[name]
		k.registers = max(k.registers, number(registers, line))
		k.shared = max(k.shared, number(shared, line))
		k.spilled = max(k.spilled, number(spilled, line))
		to[name] = k
	}
	mixes, err := disassemble(im.Code)
	for name, mix := range mixes {
		k := to[name]
		k.mix, k.used = mix, 1
		to[name] = k
	}
	for _, m := range tiles.FindAllStringSubmatch(source, -1) {
		k := to[m[1]]
		for i := range 2 {
			size, _ := strconv.Atoi(m[2+i])
			side, _ := strconv.Atoi(m[4+i])
			k.used *= float64(size) / float64((size+side-1)/side*side)
		}
		to[m[1]] = k
	}
	return err
}

// tiles finds the size of a product and of its tiles in the text of its kernel.
var tiles = regexp.MustCompile(`__global__ .* (\w+)\(.*\) {\n(?:.*\n){1,2}? +// \[(\d+),(\d+)\] = .*\n +typedef Tile<(\d+), (\d+),`)

var (
	section = regexp.MustCompile(`^\s*\.section\s+\.text\.(\w+)`)
	label   = regexp.MustCompile(`^(\.L_x_\d+):`)
	order   = regexp.MustCompile(`/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\d+\s+)?([A-Z0-9_.]+)`)
	branch  = regexp.MustCompile("`\\((\\.L_x_\\d+)\\)")
	product = regexp.MustCompile(`^(product|filter|conv)\d`)
)

// disassemble returns the share of multiply-adds in each kernel of a cubin: in the loop with the
// most of them, of those that contain no other loop with multiply-adds, or in all of a product
// without such a loop. Loops within it, which copy operands, are counted once.
func disassemble(cubin []byte) (map[string]float64, error) {
	tool := os.Getenv("STHENO_NVDISASM")
	if tool == "" {
		tool = "nvdisasm"
	}
	dir, err := os.MkdirTemp("", "roofline")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "kernels.cubin")
	if err := os.WriteFile(file, cubin, 0o600); err != nil {
		return nil, err
	}
	text, err := exec.Command(tool, "-c", file).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: install it with pip install nvidia-cuda-nvdisasm, and name it in $STHENO_NVDISASM", tool, err)
	}
	mixes, most := map[string]float64{}, map[string]int{}
	name, adds, all := "", []int{0}, 0 // adds[i] is the multiply-adds among the first i instructions
	at, inner := map[string]int{}, 0   // where labels are, and the end of the last loop with multiply-adds
	for line := range strings.Lines(string(text)) {
		if m := section.FindStringSubmatch(line); m != nil {
			name, adds, all, at, inner = m[1], []int{0}, 0, map[string]int{}, 0
		}
		if m := label.FindStringSubmatch(line); m != nil {
			at[m[1]] = all
		}
		m := order.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := adds[all]
		if op, _, _ := strings.Cut(m[1], "."); op == "FFMA" || op == "DFMA" || op == "FFMA2" {
			n++
		}
		adds, all = append(adds, n), all+1
		if most[name] == 0 && product.MatchString(name) {
			mixes[name] = float64(n) / float64(all)
		}
		to := branch.FindStringSubmatch(line)
		if to == nil || !strings.HasPrefix(m[1], "BRA") {
			continue
		}
		first, back := at[to[1]]
		if back && first >= inner && n-adds[first] > most[name] {
			most[name] = n - adds[first]
			mixes[name] = float64(most[name]) / float64(all-first)
		}
		if back && n > adds[first] {
			inner = all
		}
	}
	return mixes, nil
}
