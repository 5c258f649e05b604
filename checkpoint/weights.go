package checkpoint

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/element"
	"github.com/stheno-ml/stheno/internal/npy"
	"github.com/stheno-ml/stheno/internal/regular"
	"github.com/stheno-ml/stheno/internal/safetensors"
)

// ReadWeights reads the arrays of a file that this or another program wrote: safetensors,
// or an npz of NumPy. Floats of 16 (also bfloat16), 32 and 64 bits keep their values, and
// so do integers up to 2^53. Other types are an error. Reading takes at most memory for a
// few times the file's size; a compressed npz may unpack to 2^24 bytes and a hundred
// times its size. See docs/weights.md for files in other formats.
func ReadWeights(path string) ([]Array, error) {
	content, err := contentOf(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	arrays, err := arraysOf(content)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return arrays, nil
}

func contentOf(path string) ([]byte, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// NewArray returns an array of a file, for Name.Convert. The elements are in row-major
// order.
func NewArray(name string, shape graph.Shape, elements []float64) (Array, error) {
	if shape.Check() != nil || shape.Size() != len(elements) {
		return Array{}, fmt.Errorf("array %q: shape %v does not have %d elements", name, shape, len(elements))
	}
	return Array{Name: name, Shape: shape, Type: "F64", data: elements}, nil
}

// integer reports whether the array holds integers or truth values.
func (a Array) integer() bool {
	t, _ := element.Named(a.Type)
	return t.Integer
}

// foreigners are formats that hold weights and are not read, by how a file starts.
var foreigners = []struct{ start, what string }{
	{"\x89HDF", "an HDF5 file: convert it with scripts/weights_from_keras.py"},
	{"\x80\x02", "a pickle, whose reading runs code: save the weights in Python with safetensors.torch.save_file"},
	{"GGUF", "a GGUF file, whose weights are quantised"},
	{"version https://git-lfs", "a Git LFS pointer: run git lfs pull in its repository to get the file"},
}

func arraysOf(content []byte) ([]Array, error) {
	if bytes.HasPrefix(content, []byte("PK")) {
		return arraysOfNPZ(content)
	}
	f, err := safetensors.Parse(content)
	if err != nil {
		for _, f := range foreigners {
			if bytes.HasPrefix(content, []byte(f.start)) {
				return nil, errors.New("it is " + f.what)
			}
		}
		return nil, err
	}
	if _, own := f.Metadata[keyFormat]; own {
		_, arrays, err := describe(content, f)
		return arrays, err
	}
	arrays := make([]Array, len(f.Arrays))
	for i, a := range f.Arrays {
		arrays[i] = Array{Name: a.Name, Shape: a.Shape, Type: a.Type, data: a.Data}
	}
	return arrays, nil
}

// Limits of what an npz unpacks to.
const (
	unpackFreely = 1 << 24 // bytes
	maxRatio     = 100     // bytes beyond those for each byte of the file
)

// foreignMembers are members of zip archives that are not npz files.
var foreignMembers = []struct{ name, what string }{
	{"model.weights.h5", "a Keras model: convert it with scripts/weights_from_keras.py"},
	{"data.pkl", "a pickle of PyTorch's, whose reading runs code: save the weights in Python with safetensors.torch.save_file"},
}

func arraysOfNPZ(content []byte) ([]Array, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, fmt.Errorf("not an npz file, or damaged: %w", err)
	}
	room := int64(unpackFreely) + maxRatio*int64(len(content))
	var arrays []Array
	seen := map[string]bool{}
	for _, member := range archive.File {
		name, ok := strings.CutSuffix(member.Name, ".npy")
		if !ok {
			for _, f := range foreignMembers {
				if path.Base(member.Name) == f.name {
					return nil, errors.New("it is " + f.what)
				}
			}
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("two arrays are called %q", name)
		}
		seen[name] = true
		a, err := readMember(member, &room)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		a.Name = name
		arrays = append(arrays, a)
	}
	if len(arrays) == 0 {
		return nil, errors.New("no arrays: an npz file has members that end in .npy")
	}
	return arrays, nil
}

// readMember reads one array of an archive, and takes its bytes from the room that is
// left.
func readMember(member *zip.File, room *int64) (Array, error) {
	size := int64(min(member.UncompressedSize64, math.MaxInt64))
	if size > *room {
		return Array{}, fmt.Errorf("the arrays unpack to more than %d times the file's size: if that is right, save them with numpy.savez, which does not compress", maxRatio)
	}
	*room -= size
	r, err := member.Open()
	if err != nil {
		return Array{}, err
	}
	defer r.Close()
	a, err := npy.Read(r, size)
	return Array{Shape: a.Shape, Type: a.Type.Name, data: a.Data}, err
}
