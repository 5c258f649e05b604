package checkpoint

import (
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/safetensors"
)

// Snapshot is a copy of a checkpoint, which can be written while the parameters change.
type Snapshot struct{ file safetensors.File }

// Take copies a checkpoint. It uses the memory of the copy before.
func (s *Snapshot) Take(c Checkpoint) error {
	if c.Params == nil {
		return errors.New("checkpoint: no parameters to copy")
	}
	file, err := fileOf(c)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	lock := c.Params.Running()
	lock.RLock()
	defer lock.RUnlock()
	for i := range file.Arrays {
		var room any
		if i < len(s.file.Arrays) {
			room = s.file.Arrays[i].Data
		}
		switch x := file.Arrays[i].Data.(type) {
		case []float32:
			have, _ := room.([]float32)
			file.Arrays[i].Data = append(have[:0], x...)
		case []float64:
			have, _ := room.([]float64)
			file.Arrays[i].Data = append(have[:0], x...)
		}
	}
	s.file = file
	return nil
}

// Save writes the copy to the file at path, as the function Save writes a checkpoint.
func (s *Snapshot) Save(path string) error {
	if s == nil || s.file.Metadata == nil {
		return fmt.Errorf("checkpoint %s: nothing was copied: call Take first", path)
	}
	return write(path, s.file)
}

// write writes the file at path. If it fails, an existing file stays as it was.
func write(path string, f safetensors.File) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return safetensors.WriteSealed(w, f) })
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return nil
}
