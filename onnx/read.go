package onnx

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/internal/regular"
)

// Read reads the ONNX file at path as a model. Elements of weights may be in other files
// beside it, as large nets of PyTorch have them.
//
// An op that Model does not have is an error that names the node and lists the ops that
// it has.
func Read(path string) (Model, error) {
	b, err := content(path)
	if err == nil {
		var m Model
		if m, err = parse(b, filepath.Dir(path), false); err == nil {
			return m, nil
		}
	}
	return Model{}, fmt.Errorf("onnx: %s: %w", path, err)
}

// Parse is Read of a file's content. All elements must be in it. The model keeps b.
func Parse(b []byte) (Model, error) {
	m, err := parse(b, "", false)
	if err != nil {
		return Model{}, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

func content(path string) ([]byte, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// parse reads a file whose weights may be in files of a folder; "" is none. If it is bare,
// weights may lack their elements.
func parse(b []byte, folder string, bare bool) (Model, error) {
	p, err := onnxproto.Unmarshal(b)
	if err != nil {
		return Model{}, fmt.Errorf("it is no ONNX file: %w", err)
	}
	if err := check(p); err != nil {
		return Model{}, err
	}
	kinds := parameters(p.Graph)
	for _, t := range p.Graph.Initializers {
		if err := load(t, folder); err != nil {
			return Model{}, err
		}
		if bare && kinds[t.Name] != 0 {
			continue
		}
		if err := t.Check(); err != nil {
			return Model{}, err
		}
	}
	return Model{file: p}, nil
}

// check returns an error for what no Build could make a net of.
func check(p *onnxproto.Model) error {
	if p.Graph == nil || len(p.Graph.Nodes) == 0 && len(p.Graph.Outputs) == 0 {
		return errors.New("it is no ONNX file, or has no graph")
	}
	g := p.Graph
	if len(p.Functions) > 0 || len(g.Sparse) > 0 {
		return errors.New("it has functions or sparse weights: export it without them")
	}
	version := opsetOf(p)
	if version < 6 {
		return fmt.Errorf("its ops are of version %d: want 6 or newer", version)
	}
	var unknown []string
	for _, n := range g.Nodes {
		domain := strings.TrimSuffix(n.Domain, "ai.onnx")
		if _, ok := ops[n.Op]; !ok || domain != "" {
			unknown = append(unknown, fmt.Sprintf("node %q is %s", n.Name, strings.TrimPrefix(domain+"."+n.Op, ".")))
		} else if slices.ContainsFunc(n.Attributes, func(a *onnxproto.Attribute) bool { return len(a.Graphs) > 0 }) {
			unknown = append(unknown, fmt.Sprintf("node %q is %s with a graph in it", n.Name, n.Op))
		}
	}
	if len(unknown) > 0 {
		more := ""
		if len(unknown) > 5 {
			unknown, more = unknown[:5], fmt.Sprintf(", and %d more", len(unknown)-5)
		}
		return fmt.Errorf("it has ops that are not supported: %s%s; there are %s", strings.Join(unknown, ", "), more, strings.Join(slices.Sorted(maps.Keys(ops)), ", "))
	}
	made := map[string]bool{"": true}
	for _, in := range g.Inputs {
		made[in.Name] = true
	}
	for _, t := range g.Initializers {
		made[t.Name] = true
	}
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			if !made[in] {
				return fmt.Errorf("node %q, %s, reads %q, which nothing before it computes", n.Name, n.Op, in)
			}
		}
		for _, out := range n.Outputs {
			made[out] = true
		}
	}
	for _, out := range g.Outputs {
		if !made[out.Name] || out.Name == "" {
			return fmt.Errorf("nothing computes the output %q", out.Name)
		}
	}
	return nil
}

// opsetOf returns the version of ONNX's own ops.
func opsetOf(p *onnxproto.Model) int64 {
	for _, o := range p.Opsets {
		if o.Domain == "" || o.Domain == "ai.onnx" {
			return o.Version
		}
	}
	return 0
}

// load reads the elements of a tensor that are in another file of the folder.
func load(t *onnxproto.Tensor, folder string) error {
	if t.Location == 0 {
		return nil
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("tensor %q is in another file: %w", t.Name, fmt.Errorf(format, args...))
	}
	if folder == "" {
		return fail("read the file itself, by Read")
	}
	entry := map[string]string{}
	for _, e := range t.External {
		entry[e.Key] = e.Value
	}
	if !filepath.IsLocal(entry["location"]) {
		return fail("%q is not inside of the file's folder", entry["location"])
	}
	number := func(key string, unset int64) (int64, error) {
		if entry[key] == "" {
			return unset, nil
		}
		return strconv.ParseInt(entry[key], 10, 64)
	}
	f, err := regular.Open(filepath.Join(folder, entry["location"]))
	if err != nil {
		return fail("%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fail("%w", err)
	}
	at, err := number("offset", 0)
	if err != nil {
		return fail("its offset: %w", err)
	}
	size, err := number("length", info.Size()-at)
	if err != nil {
		return fail("its length: %w", err)
	}
	if at < 0 || size < 0 || at > info.Size() || size > info.Size()-at {
		return fail("it is %d bytes from %d on of a file of %d", size, at, info.Size())
	}
	t.Raw = make([]byte, size)
	if _, err := f.ReadAt(t.Raw, at); err != nil && !(errors.Is(err, io.EOF) && size == 0) {
		return fail("%w", err)
	}
	t.Location, t.External = 0, nil
	return nil
}
