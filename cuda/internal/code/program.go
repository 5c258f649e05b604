// Package code writes a plan as CUDA C: the kernels of every step as one
// translation unit, and the calls that run them in order. It needs neither a GPU nor CUDA: it returns text and numbers.
//
// All extents and strides are constants in the text; a kernel's arguments are only addresses, so steps of the same
// shapes share a kernel. Every sum has an order that depends on shapes alone, and no kernel uses atomics, so results do
// not depend on the GPU's scheduling.
//
// A step becomes parts, each the work of some blocks. Parts that need not wait for one another are one kernel
// (part.go), and equal kernels are one in the source (source.go). A loop (loop.go) is divided into tasks: one computes
// elements one by one (each.go), the others combine them along axes (reduce.go) as sweep.go arranges. space.go knows
// how arrays lie, and expr.go writes expressions. Products, convolutions and recurrent cells share the tile that
// multiplies (tile.go, product.go); where that takes less time, convolutions read images that a block keeps in shared
// memory (windows_tile.go, conv_tile.go, conv_filter.go). deferred.go defers parts that only combine the sums of blocks, and land.go writes what
// comes after the steps.
package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
)

// Program is a plan as CUDA C and the calls that run it, in order.
type Program struct {
	// Source has all kernels as one translation unit without includes. Units has the same kernels in several, which
	// NVRTC compiles in parallel.
	Source string
	Units  []Unit
	Calls  []Call
	// Scratch is how many elements of memory the calls use in addition to the arena.
	Scratch int
	// Results is how many elements the calls put side by side for the host. Returned is where each value that goes back
	// to the host lies, row-major: those of the plan's Kept, then those of its Next.
	Results  int
	Returned []Ref
}

// Unit is a translation unit.
type Unit struct {
	Source  string
	Kernels []string // their names
}

// Call runs one of three things: a kernel, a product by the library, or a step on the host.
type Call struct {
	Step int // the number of the plan's step that it belongs to

	Kernel string // the kernel's name in Source
	Grid   int    // blocks
	Block  int    // threads of a block
	Args   []Ref  // the kernel's arguments, pointers to elements

	Product *Product
	Host    bool // runs the step's plan.Host
}

// Product is C = A B by the library, for Batch matrices that follow one another
// at the strides: A [M,K], B [K,N] and C [M,N], row-major, with rows LdA, LdB and LdC elements apart. If TransA
// (TransB) is set, A (B) is stored transposed, [K,M] ([N,K]).
type Product struct {
	M, N, K                   int
	TransA, TransB            bool
	LdA, LdB, LdC             int
	Batch                     int
	StrideA, StrideB, StrideC int
	A, B, C                   Ref
}

// Space is a piece of the machine's memory.
type Space uint8

// The spaces. If there are several of a kind, a Ref's Index says which.
const (
	Input   Space = iota // the memory of the plan's input Index
	Arena                // the arena
	State                // the memory of the parameter that update Index changes
	Fresh                // the memory of the plan's kept value Index
	Scratch              // the program's scratch memory
	Results              // what goes back to the host
)

func (s Space) String() string {
	return [...]string{"input", "arena", "state", "fresh", "scratch", "results"}[s]
}

// Ref is an address: element Off of a space.
type Ref struct {
	Space Space
	Index int
	Off   int // elements
}

func (r Ref) String() string {
	if r.Space == Arena || r.Space == Scratch || r.Space == Results {
		return fmt.Sprintf("%v+%d", r.Space, r.Off)
	}
	return fmt.Sprintf("%v%d+%d", r.Space, r.Index, r.Off)
}

// plus is the address n elements further.
func (r Ref) plus(n int) Ref {
	r.Off += n
	return r
}

// RefOf is the address of an array's first element.
func RefOf(l plan.Layout) Ref {
	switch l.Place {
	case plan.Arena:
		return Ref{Space: Arena, Off: l.Base + l.Off}
	case plan.State:
		return Ref{Space: State, Index: l.Update, Off: l.Off}
	case plan.Fresh:
		return Ref{Space: Fresh, Index: l.Kept, Off: l.Off}
	case inScratch:
		return Ref{Space: Scratch, Off: l.Base + l.Off}
	case inResults:
		return Ref{Space: Results, Off: l.Base + l.Off}
	}
	return Ref{Space: Input, Index: int(l.Root), Off: l.Off}
}
