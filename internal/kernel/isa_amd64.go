// Detection of the vector extensions on amd64.

//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

// Supported lists, narrowest first, the instruction sets that this build has kernels
// for and that the processor and the operating system support. The operating system
// has to save the wide registers when it switches threads.
func Supported() []ISA {
	all := []ISA{Plain}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append(all, AVX2)
		if cpu.X86.HasAVX512F {
			all = append(all, AVX512)
		}
	}
	return all
}
