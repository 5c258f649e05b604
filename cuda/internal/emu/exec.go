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

// Arg is an argument, a pointer: byte Offset of the buffer with that number.
type Arg struct {
	Buffer, Offset int
}

// Config says how kernels run. Its zero value runs them strictly, with threads
// in the order of their numbers.
type Config struct {
	// Order is the order in which blocks and their threads run: 0 forward, 1
	// backward, else shuffled with that seed. A correct kernel computes the
	// same in any order.
	Order uint64
	// Unchecked turns off the checks of memory accesses, which is about three times
	// as fast. Barriers and exchanges are still checked.
	Unchecked bool
	// Unset lists buffers that start without contents, like newly allocated
	// memory: reading them before they are written is a fault. They hold NaN.
	Unset []int
	// Ucontext switches threads with the C library rather than by hand, as on
	// processors other than x86-64.
	Ucontext bool
}

// Exec compiles a CUDA C source, as NVRTC takes it, and runs launches of its
// kernels in order over memory, in a process of its own. Kernels see each buffer
// as an allocation aligned to 256 bytes. When Exec returns nil, memory holds
// what they wrote.
//
// The error is the compiler's message, or the first fault of a kernel: it names
// the launch, the kernel, block, thread, what it did, and the source line.
// Memory is then unchanged.
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

// request is what the program reads: numbers of 8 bytes, and texts preceded by
// their length.
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
	if c.Unchecked {
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

// program returns the path of the program that runs kernels, and builds it if
// needed.
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
