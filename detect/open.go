// Tables of files.

package detect

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/data"
)

// Open reads a table by the extension of its file: a csv file, or an npz or mat file with
// the arrays X [n, columns] and y [n]. The options are those of a csv file.
func Open(path string, o data.CSVOptions) (data.Set, error) {
	var arrays interface {
		Table(x, label string) (data.Set, error)
	}
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		return data.OpenCSV(path, o)
	case ".npz":
		arrays, err = data.OpenNPZ(path)
	case ".mat":
		arrays, err = data.OpenMAT(path)
	default:
		return nil, fmt.Errorf("detect: %s: a table is a csv, npz or mat file, not %q", path, ext)
	}
	if err != nil {
		return nil, err
	}
	return arrays.Table("X", "y")
}
