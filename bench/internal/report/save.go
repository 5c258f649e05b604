// Writing files whole or not at all.

package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// The names of the files in a run's folder.
const (
	ResultsFile = "results.json"
	PageFile    = "report.html"
)

// Prepare makes the folder to save a run in, if it does not exist, and returns
// an error if files cannot be saved there.
func Prepare(dir string) error {
	if dir == "" {
		return errors.New("the folder to save in has no name")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot save in %s: %w", dir, err)
	}
	for _, name := range []string{ResultsFile, PageFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			return fmt.Errorf("cannot save in %s: %s is a folder there", dir, name)
		}
	}
	f, err := os.CreateTemp(dir, ".results.*.tmp")
	if err != nil {
		return fmt.Errorf("cannot save in %s: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// SaveJSON writes results.json to path; see WriteJSON and SaveHTML.
func SaveJSON(path string, r Results) error {
	return save(path, func(w io.Writer) error { return WriteJSON(w, r) })
}

// SaveHTML writes the page to path; see WriteHTML. It makes the folder if it
// does not exist, writes under a temporary name beside path and renames, so a
// reader sees either the old file or the new one, and after an error the old
// one.
func SaveHTML(path string, r Report) error {
	return save(path, func(w io.Writer) error { return WriteHTML(w, r) })
}

// save writes a file whole or not at all, in a folder that it makes.
func save(path string, write func(io.Writer) error) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = atomicfile.Write(path, write)
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}
