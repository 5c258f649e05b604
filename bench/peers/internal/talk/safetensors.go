package talk

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
)

// Tensor is an array of float32 in row-major order.
type Tensor struct {
	Shape []int
	Data  []float32
}

// entry is a tensor in the header of a safetensors file.
type entry struct {
	Dtype   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"` // bytes after the header
}

// Save writes tensors to a safetensors file, in the order of the names.
func Save(path string, names []string, tensors map[string]Tensor) error {
	header, at := map[string]entry{}, 0
	for _, name := range names {
		t := tensors[name]
		header[name] = entry{"F32", t.Shape, [2]int{at, at + 4*len(t.Data)}}
		at += 4 * len(t.Data)
	}
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := binary.Write(w, binary.LittleEndian, uint64(len(text))); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	for _, name := range names {
		if err := binary.Write(w, binary.LittleEndian, tensors[name].Data); err != nil {
			return fmt.Errorf("save %s: %w", path, err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return f.Close()
}

// Load reads the tensors of a safetensors file, all of them float32.
func Load(path string) (map[string]Tensor, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if len(raw) < 8 || binary.LittleEndian.Uint64(raw) > uint64(len(raw)-8) {
		return nil, fmt.Errorf("load %s: not a safetensors file", path)
	}
	size := int(binary.LittleEndian.Uint64(raw))
	var header map[string]entry
	if err := json.Unmarshal(raw[8:8+size], &header); err != nil {
		return nil, fmt.Errorf("load %s: header: %w", path, err)
	}
	body, out := raw[8+size:], map[string]Tensor{}
	for name, e := range header {
		n := 1
		for _, d := range e.Shape {
			n *= d
		}
		from, to := e.Offsets[0], e.Offsets[1]
		if e.Dtype != "F32" || from < 0 || to > len(body) || to-from != 4*n {
			return nil, fmt.Errorf("load %s: tensor %q of %s %v at %v: want float32 of that size within %d bytes", path, name, e.Dtype, e.Shape, e.Offsets, len(body))
		}
		t := Tensor{e.Shape, make([]float32, n)}
		if _, err := binary.Decode(body[from:to], binary.LittleEndian, t.Data); err != nil {
			return nil, fmt.Errorf("load %s: tensor %q: %w", path, name, err)
		}
		out[name] = t
	}
	return out, nil
}
