package emu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Launch is a kernel to run: Grid blocks of Block threads, in one dimension.
type Launch struct {
	Kernel      string
	Grid, Block int
	Args        []Arg
}

// Arg is an argument, a pointer: byte Offset of a buffer, by its number.
type Arg struct {
	Buffer, Offset int
}

// Config says how kernels are run. Its zero value runs them strictly, threads in
// the order of their numbers.
type Config struct {
	// Order is the order in which blocks and the threads of each run: 0 forward,
	// 1 backward, any other a shuffle by that seed. A kernel without faults
	// computes the same in all.
	Order uint64
	// Loose leaves out the checks of each access to memory: about three times as
	// fast. Barriers and exchanges are checked all the same.
	Loose bool
	// Unset lists buffers that start without contents, as memory fresh from the
	// allocator does: to read them before they are written is a fault. They hold
	// NaN.
	Unset []int
	// Ucontext switches threads by the C library rather than by hand, as is done
	// on other processors than x86-64.
	Ucontext bool
}

// Exec compiles a CUDA C source, as NVRTC takes it, and runs launches of its
// kernels in order over memory, in a process of its own. Kernels see each buffer
// as an allocation aligned to 256 bytes. What they wrote is in memory when Exec
// returns nil.
//
// The error is what the compiler said, or the first fault of a kernel: it names
// the launch, the kernel, block, thread, what it did, and the line of the source.
// Memory is then as it was.
func (c Config) Exec(source string, calls []Launch, memory [][]byte) error {
	program, err := c.program()
	if err != nil {
		return err
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), "STHENO_EMU_CACHE="+cache)
	command.Stdin = bytes.NewReader(c.request(source, calls, memory))
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			return errors.New("emu: " + text)
		}
		return fmt.Errorf("emu: %w", err)
	}
	total := 0
	for _, m := range memory {
		total += len(m)
	}
	if out.Len() != total {
		return fmt.Errorf("emu: %d bytes came back, not %d", out.Len(), total)
	}
	for _, m := range memory {
		copy(m, out.Next(len(m)))
	}
	return nil
}

// request is what the program reads: numbers of 8 bytes and texts with their
// length before them.
func (c Config) request(source string, calls []Launch, memory [][]byte) []byte {
	var b bytes.Buffer
	number := func(ns ...uint64) {
		for _, n := range ns {
			b.Write(binary.LittleEndian.AppendUint64(nil, n))
		}
	}
	text := func(s string) {
		number(uint64(len(s)))
		b.WriteString(s)
	}
	strict := uint64(1)
	if c.Loose {
		strict = 0
	}
	unset := map[int]bool{}
	for _, u := range c.Unset {
		unset[u] = true
	}
	number(strict, c.Order)
	text(source)
	number(uint64(len(memory)))
	for i, m := range memory {
		number(uint64(len(m)))
		if unset[i] {
			number(0)
			continue
		}
		number(1)
		b.Write(m)
	}
	number(uint64(len(calls)))
	for _, call := range calls {
		text(call.Kernel)
		number(uint64(call.Grid), uint64(call.Block), uint64(len(call.Args)))
		for _, a := range call.Args {
			number(uint64(a.Buffer), uint64(a.Offset))
		}
	}
	return b.Bytes()
}

// program returns the path of the program that runs kernels, built if need be.
func (c Config) program() (string, error) {
	gxx, err := compiler()
	if err != nil {
		return "", err
	}
	args := []string{"-std=c++17", "-O3", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"}
	if c.Ucontext {
		args = append(args, "-DEMU_UCONTEXT")
	}
	note := fmt.Sprint("exec", gxx, args)
	dir, err := built(note, func(src, out string) error {
		return link{compiler: gxx, options: args, libraries: []string{"-ldl", "-lpthread"}}.make(src, filepath.Join(out, "exec"), append([]string{"exec"}, core...))
	})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "exec"), nil
}
