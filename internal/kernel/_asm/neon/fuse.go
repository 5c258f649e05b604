// Loads and stores of neighbours, as one instruction.

package neon

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	loadLine  = regexp.MustCompile(`^\tFMOVQ (-?\d*)\((R\d+)\), F(\d+)\n$`)
	storeLine = regexp.MustCompile(`^\tFMOVQ F(\d+), (-?\d*)\((R\d+)\)\n$`)
)

// access is a load or store of a vector.
type access struct {
	load   bool
	base   string
	offset int
	vector string
}

func parseAccess(line string) (access, bool) {
	a := access{load: true}
	offset := ""
	if m := loadLine.FindStringSubmatch(line); m != nil {
		offset, a.base, a.vector = m[1], m[2], m[3]
	} else if m := storeLine.FindStringSubmatch(line); m != nil {
		a.load, a.vector, offset, a.base = false, m[1], m[2], m[3]
	} else {
		return a, false
	}
	if offset == "" {
		return a, true
	}
	var err error
	a.offset, err = strconv.Atoi(offset)
	return a, err == nil
}

// before reports whether an access and the next one can be one of two vectors.
func (a access) before(b access) bool {
	const least, most = -1024, 1008
	return a.load == b.load && a.base == b.base && a.offset+16 == b.offset && a.vector != b.vector &&
		a.offset%16 == 0 && a.offset >= least && a.offset <= most
}

// fuse makes one access of two neighbours that are loaded or stored one after the other.
func fuse(body string) string {
	lines := strings.SplitAfter(body, "\n")
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		if a, ok := parseAccess(lines[i]); ok && i+1 < len(lines) {
			if b, ok := parseAccess(lines[i+1]); ok && a.before(b) {
				at, both := place(a.base, int64(a.offset)), fmt.Sprintf("(F%s, F%s)", a.vector, b.vector)
				if a.load {
					fmt.Fprintf(&out, "\tFLDPQ %s, %s\n", at, both)
				} else {
					fmt.Fprintf(&out, "\tFSTPQ %s, %s\n", both, at)
				}
				i++
				continue
			}
		}
		out.WriteString(lines[i])
	}
	return out.String()
}
