// Package machine describes the machine that a program runs on, for reports.
package machine

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Info describes the machine that the process runs on.
type Info struct {
	CPU   string // brand name; the architecture if the processor has none
	Cores int    // cores that this process may use at once, at least 1
	Go    string // version of Go that built the program, such as "go1.26.0"
	OS    string // operating system, as GOOS
	Arch  string // architecture, as GOARCH
}

// Describe returns the description of this machine. Cores is the lesser of NumCPU and
// GOMAXPROCS, which respects CPU masks and container limits.
func Describe() Info {
	return Info{
		CPU:   brand(cpuid.CPU.BrandName),
		Cores: min(runtime.GOMAXPROCS(0), runtime.NumCPU()),
		Go:    runtime.Version(),
		OS:    runtime.GOOS,
		Arch:  runtime.GOARCH,
	}
}

// brand cleans up a processor's brand name: it removes padding and repeated spaces. It
// returns the architecture if there is no name.
func brand(name string) string {
	words := strings.Fields(strings.ReplaceAll(name, "\x00", " "))
	if len(words) == 0 {
		return runtime.GOARCH
	}
	return strings.Join(words, " ")
}

// String returns one line: processor, cores, platform and Go version.
func (i Info) String() string {
	cores := "cores"
	if i.Cores == 1 {
		cores = "core"
	}
	return fmt.Sprintf("%s, %d %s, %s/%s, %s", i.CPU, i.Cores, cores, i.OS, i.Arch, i.Go)
}
