package code

import (
	"fmt"
	"strings"
)

// text is C code, written line by line.
type text struct {
	b     strings.Builder
	depth int
}

// line writes a line; without arguments, format is the line itself.
func (t *text) line(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	if format != "" {
		t.b.WriteString(strings.Repeat("    ", t.depth))
	}
	t.b.WriteString(format)
	t.b.WriteByte('\n')
}

// open writes a line that ends in a brace, and indents what follows.
func (t *text) open(format string, args ...any) {
	t.line(format+" {", args...)
	t.depth++
}

// close writes the brace that ends what open began.
func (t *text) close() { t.closeWith("}") }

// closeWith is close with another end, which begins with the brace.
func (t *text) closeWith(end string) {
	t.depth--
	t.line("%s", end)
}

func (t *text) String() string { return t.b.String() }
