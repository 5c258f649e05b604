package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// count runs some steps, and returns the instructions that ran in the kernels and how many
// operations the products of a step have.
//
// The log of qemu lists the instructions of a block where it is translated, after a line with
// the function, and has a line for each time that a block runs.
func count(program, kernels, model, batch string, steps int) (ran counts, flops int, err error) {
	qemu := exec.Command("qemu-aarch64-static", "-d", "nochain,exec,in_asm", "-dfilter", kernels, program,
		"-model", model, "-batch", batch, "-steps", strconv.Itoa(steps))
	var out bytes.Buffer
	qemu.Stdout = &out
	log, err := qemu.StderrPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := qemu.Start(); err != nil {
		return nil, 0, fmt.Errorf("%w: install qemu-user-static", err)
	}
	r := reader{times: map[uint64]int{}, blocks: map[uint64]*block{}}
	if err := r.read(log); err != nil {
		return nil, 0, err
	}
	if err := qemu.Wait(); err != nil {
		return nil, 0, fmt.Errorf("%w: %s", err, r.other)
	}
	flops, err = strconv.Atoi(strings.TrimSpace(out.String()))
	return r.counts(), flops, err
}

// block is the instructions that qemu translates as one.
type block struct {
	function string
	kinds
}

// reader reads the log of qemu.
type reader struct {
	times    map[uint64]int // that the block at an address has run
	blocks   map[uint64]*block
	function string
	last     *block // that is being listed
	other    string // the last line that is none of qemu's log
}

func (r *reader) read(log io.Reader) error {
	lines := bufio.NewReaderSize(log, 1<<20)
	for {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.line(line); err != nil {
			return fmt.Errorf("%w in the line %q of qemu's log", err, line)
		}
	}
}

func (r *reader) line(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte("Trace ")), bytes.HasPrefix(line, []byte("Stopped execution")):
		at, err := blockOf(line)
		if line[0] == 'T' {
			r.times[at]++
		} else {
			r.times[at]--
		}
		return err
	case bytes.HasPrefix(line, []byte("IN: ")):
		r.function, r.last = kernelOf(string(line[len("IN: "):])), nil
	case bytes.HasPrefix(line, []byte("0x")):
		f := strings.Fields(string(line))
		if len(f) < 3 {
			return fmt.Errorf("no instruction")
		}
		if r.last == nil {
			at, err := strconv.ParseUint(strings.TrimSuffix(f[0], ":"), 0, 64)
			if err != nil {
				return err
			}
			r.last = &block{function: r.function}
			r.blocks[at] = r.last
		}
		r.last.kinds = r.last.plus(kindOf(f[2]))
	default:
		r.other = string(line)
	}
	return nil
}

// blockOf is the address of a block: the second of some numbers in brackets, or the only one.
func blockOf(line []byte) (uint64, error) {
	_, text, _ := bytes.Cut(line, []byte("["))
	text, _, _ = bytes.Cut(text, []byte("]"))
	numbers := strings.Split(string(text), "/")
	return strconv.ParseUint(numbers[min(1, len(numbers)-1)], 16, 64)
}

// kernelOf is the name of a kernel without its package.
func kernelOf(function string) string {
	function = strings.TrimSuffix(strings.TrimSpace(function), ".abi0")
	return function[strings.LastIndexByte(function, '.')+1:]
}

// counts adds up the blocks of each kernel.
func (r *reader) counts() counts {
	all := counts{}
	for at, times := range r.times {
		b := r.blocks[at]
		if b == nil {
			continue
		}
		k := b.kinds
		all[b.function] = all[b.function].plus(kinds{times * k.instructions, times * k.multiplyAdds, times * k.loads, times * k.stores})
	}
	return all
}
