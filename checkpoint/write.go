package checkpoint

import (
	"archive/zip"
	"fmt"
	"io"
	"path/filepath"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/npy"
	"github.com/stheno-ml/stheno/internal/safetensors"
)

// WriteOptions choose what WriteWeights writes. The zero value is all weights.
type WriteOptions struct {
	// Names are patterns for the names of what is written, in which "*" matches any
	// characters and "?" matches one; nil means all.
	Names []string
	// States writes states as well, such as running means and those of optimisers.
	States bool
}

// WriteWeights writes parameters to a file for other programs. The extension chooses the
// format: ".safetensors", which safetensors.numpy.load_file reads in Python, or ".npz",
// which numpy.load reads. Names, shapes and bits are those of the parameters. If it
// fails, an existing file stays as it was. Save writes a model with its settings.
func WriteWeights(path string, p *graph.Params, o WriteOptions) error {
	if p == nil {
		return fmt.Errorf("checkpoint %s: no parameters to write", path)
	}
	write, ok := writers[filepath.Ext(path)]
	if !ok {
		return fmt.Errorf("checkpoint %s: the extension %q is unknown: want .safetensors or .npz", path, filepath.Ext(path))
	}
	lock := p.Running()
	lock.RLock()
	defer lock.RUnlock()
	arrays, err := o.arrays(p)
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return write(w, arrays) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return nil
}

// writers are the formats by extension.
var writers = map[string]func(io.Writer, []safetensors.Array) error{
	".npz": writeNPZ,
	".safetensors": func(w io.Writer, arrays []safetensors.Array) error {
		return safetensors.Write(w, safetensors.File{Arrays: arrays})
	},
}

func (o WriteOptions) arrays(p *graph.Params) (out []safetensors.Array, err error) {
	if err := p.Sync(); err != nil {
		return nil, err
	}
	names, err := globs(o.Names)
	if err != nil {
		return nil, err
	}
	for _, q := range p.All() {
		if (q.Trainable() || o.States) && (o.Names == nil || names.match(q.Name())) {
			out = append(out, safetensors.Array{Name: q.Name(), Shape: q.Shape(), Data: q.Value().Data()})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is nothing to write: none of the %d parameters is chosen", len(p.All()))
	}
	return out, nil
}

func writeNPZ(w io.Writer, arrays []safetensors.Array) error {
	archive := zip.NewWriter(w)
	for _, a := range arrays {
		member, err := archive.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store})
		if err == nil {
			err = npy.Write(member, a.Shape, a.Data)
		}
		if err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
	}
	return archive.Close()
}
