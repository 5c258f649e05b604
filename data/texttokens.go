// Tokens: how texts are cut into parts.

package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// Characters returns the characters of a text.
func Characters(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "")
}

// Words returns the parts of a text between spaces.
func Words(text string) []string { return strings.Fields(text) }

// OpenLines reads the lines of the text file at path, which may be a gzip. See ReadLines.
func OpenLines(path string) ([]string, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadLines(f, path)
}

// ReadLines reads the lines of a text in UTF-8, plain or a gzip, up to its end; name is used in errors. Lines end with
// LF or CRLF. Spaces around a line do not count, and lines without anything else are left out.
func ReadLines(r io.Reader, name string) ([]string, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	lines, err := readLines(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return lines, nil
}

func readLines(r io.Reader) (lines []string, err error) {
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(len(gzipMagic)); bytes.Equal(head, []byte(gzipMagic)) {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, cut(err)
		}
		defer unpacked.Close()
		r = unpacked
	} else {
		r = buffered
	}
	text, err := readText(r)
	if err != nil {
		return nil, cut(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
