package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// sealKey is the entry of the metadata that holds the checksum.
const sealKey = "sha256"

// unsealed stands in the place of the checksum while it is computed.
var unsealed = strings.Repeat("0", 2*sha256.Size)

// WriteSealed writes a file with a checksum over all its bytes. It is the entry "sha256"
// of the metadata, computed with 64 zeros in its place.
func WriteSealed(w io.Writer, f File) error {
	metadata := map[string]string{}
	maps.Copy(metadata, f.Metadata)
	metadata[sealKey] = unsealed
	head, arrays, err := headOf(File{metadata, f.Arrays})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := writeAll(sum, head, arrays); err != nil {
		return err
	}
	if err := seal(head, unsealed, hex.EncodeToString(sum.Sum(nil))); err != nil {
		return err
	}
	return writeAll(w, head, arrays)
}

// CheckSeal returns an error unless the content is that of a file that WriteSealed
// wrote, which Parse has read as f.
func CheckSeal(content []byte, f File) error {
	have, ok := f.Metadata[sealKey]
	if !ok {
		return errors.New("the file has no checksum: it is damaged")
	}
	content = bytes.Clone(content)
	if err := seal(content[:headerEnd(content)], have, unsealed); err != nil {
		return err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != have {
		return errors.New("the checksum is that of another content: the file is damaged")
	}
	return nil
}

// seal replaces one checksum by another in the bytes before the arrays.
func seal(head []byte, from, to string) error {
	entry := func(sum string) []byte { return fmt.Appendf(nil, `"%s":"%s"`, sealKey, sum) }
	if len(from) != len(to) || bytes.Count(head, entry(from)) != 1 {
		return errors.New("the checksum is not in its place: the file is damaged")
	}
	copy(head[bytes.Index(head, entry(from)):], entry(to))
	return nil
}
