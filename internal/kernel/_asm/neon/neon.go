// Package neon turns the assembly of a generator into assembly for arm64.
//
// A generator writes a kernel for NEON as it writes one for AVX2, with other sizes: vectors
// are the 128-bit registers X0 to X29, of which there are twice as many. Translate replaces
// each of its instructions by those of arm64 that compute the same bits, lane by lane. X30 and
// X31 are free for this, and so are the integer registers R7, R16, R17 and R19 to R25.
//
// Go's assembler has no vector instructions for floats but VFMLA and VFMLS: the others are
// words, with the instruction beside them (words.go).
package neon

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// Rewrite translates the file at path, which a generator has written, in place.
func Rewrite(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	out, err := Translate(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(out), 0o644)
}

// Translate returns the assembly for arm64.
func Translate(text string) (string, error) {
	var out bytes.Buffer
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "// Requires:"):
		case strings.HasPrefix(line, "TEXT "):
			f := function{}
			end := i + 1
			for end < len(lines) && (lines[end] == "" || strings.HasPrefix(lines[end], "\t") || strings.HasSuffix(lines[end], ":")) {
				end++
			}
			if err := f.parse(lines[i+1 : end]); err != nil {
				return "", fmt.Errorf("%s: %w", line, err)
			}
			body, err := f.translate()
			if err != nil {
				return "", fmt.Errorf("%s: %w", line, err)
			}
			fmt.Fprintln(&out, line)
			out.WriteString(body)
			fmt.Fprintln(&out)
			i = end - 1
		default:
			fmt.Fprintln(&out, line)
		}
	}
	return strings.TrimRight(out.String(), "\n") + "\n", nil
}

// lane is a lane of a vector register.
type lane struct{ register, number int }

// instruction is a line of code: an instruction, or a label, which has no operation.
type instruction struct {
	label string
	op    string
	args  []string
}

func (in instruction) last() string { return in.args[len(in.args)-1] }

// function is the body of a function.
type function struct {
	code []instruction
	live []uint32 // vector registers that are read after each instruction
	kept kept

	out    bytes.Buffer
	lazy   uint32 // vector registers that stand for a lane of a register, in all lanes
	lane   [32]lane
	wide   bool // lanes of lazy registers have 64 bits
	labels int  // that Translate has added
	err    error
}

func (f *function) parse(lines []string) error {
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasSuffix(line, ":"):
			f.code = append(f.code, instruction{label: strings.TrimSuffix(line, ":")})
		default:
			op, rest, _ := strings.Cut(line, " ")
			in := instruction{op: op}
			for _, arg := range strings.Split(rest, ",") {
				if arg = strings.TrimSpace(arg); arg != "" {
					in.args = append(in.args, arg)
				}
			}
			f.code = append(f.code, in)
		}
	}
	return nil
}

func (f *function) translate() (string, error) {
	if err := f.findLive(); err != nil {
		return "", err
	}
	if err := f.keepMultiples(); err != nil {
		return "", err
	}
	for i, in := range f.code {
		if in.op == "" {
			f.spread(f.lazy)
			fmt.Fprintf(&f.out, "\n%s:\n", in.label)
			continue
		}
		if isJump(in.op) {
			f.spread(f.lazy & f.live[i])
			f.lazy = 0
		}
		rule, ok := rules[in.op]
		if !ok {
			return "", fmt.Errorf("there is no rule for %s %s", in.op, strings.Join(in.args, ", "))
		}
		rule(f, i, in.args)
		if f.err != nil {
			return "", fmt.Errorf("%s %s: %w", in.op, strings.Join(in.args, ", "), f.err)
		}
		f.lazy &= f.live[i]
		f.updateMultiples(i)
	}
	return fuse(f.out.String()), nil
}

// emit writes an instruction of arm64.
func (f *function) emit(format string, args ...any) { fmt.Fprintf(&f.out, "\t"+format+"\n", args...) }

// fail notes what cannot be translated.
func (f *function) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// newLabel is a label that the generator does not have.
func (f *function) newLabel() string {
	f.labels++
	return fmt.Sprintf("lane%d", f.labels)
}

// isJump reports whether an operation may go on elsewhere.
func isJump(op string) bool { return strings.HasPrefix(op, "J") || op == "RET" }
