// Package kernel holds the inner loops of the CPU machine.
//
// A kernel has an assembly version and a twin in plain Go, with the same name and
// Generic at its end. The twin is the definition: the assembly computes the same
// bits, and tests compare the two. Products have tiles in plain Go instead, and tests
// compare all tiles with exact arithmetic. The twin runs on other platforms and under the
// build tag purego. The programs under _asm, a module of its own, generate the
// assembly and the functions that pick a kernel by instruction set
// (*_dispatch_amd64.go, *_dispatch_arm64.go, *_dispatch_plain.go). They write a kernel once:
// that for arm64 is translated from the instructions of amd64 with vectors of 128 bits
// (_asm/neon). What they write is committed:
//
//	go generate ./internal/kernel
//	STHENO_GENERATORS=1 go test ./internal/kernel -run WhatTheGeneratorWrites
//
// The second line checks that the committed files are what the generators write.
package kernel
