package compress

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Info is what the header of a file says.
type Info struct {
	// Lossless files are read with Decode, others with DecodeLossy or DecodeCodes.
	Lossless bool
	// Model is the model that the file was coded by; zero if it is not known.
	Model Hash
	// Shape is that of a sample or, in a file with loss, of a code.
	Shape []int
	// Samples is their number.
	Samples int
}

// Inspect reads the header of a file, and at most 256 bytes. It does not check the rest.
func Inspect(r io.Reader) (Info, error) {
	if r == nil {
		return Info{}, fmt.Errorf("compress: inspect: %w", errNoReader)
	}
	start := make([]byte, 256)
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Info{}, fmt.Errorf("compress: inspect: %w", err)
	}
	if err := checkStart(start[:n]); err != nil {
		return Info{}, fmt.Errorf("compress: inspect: %w", err)
	}
	file := reader{rest: start[len(magic)+1 : n]}
	h := file.header(Options{MaxValues: math.MaxInt32})
	if file.err != nil {
		return Info{}, fmt.Errorf("compress: inspect: %w", file.err)
	}
	return Info{h.kind == kindBitsBack, h.hash, h.shape, h.count}, nil
}
