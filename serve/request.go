// Reading the samples of a request.

package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// The types of bodies.
const (
	typeJSON  = "application/json"
	typeNPY   = "application/x-npy"
	typeBytes = "application/octet-stream" // read as npy
)

// format is the type of a request's body: typeJSON or typeNPY.
func format(r *http.Request) (string, *failure) {
	given := r.Header.Get("Content-Type")
	if t, _, err := mime.ParseMediaType(given); err == nil {
		switch t {
		case typeJSON:
			return typeJSON, nil
		case typeNPY, typeBytes:
			return typeNPY, nil
		}
	}
	return "", fail(http.StatusUnsupportedMediaType, "the content type is %q: want %s or %s", given, typeJSON, typeNPY)
}

// wanted is the type of the answer: what the request accepts, or the type of its body.
func wanted(r *http.Request, body string) (string, *failure) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	best, weight := "", 0.0
	for _, one := range strings.Split(accept, ",") {
		t, params, err := mime.ParseMediaType(strings.TrimSpace(one))
		if err != nil {
			continue
		}
		is := map[string]string{typeJSON: typeJSON, typeNPY: typeNPY, typeBytes: typeNPY, "*/*": body, "application/*": body}[t]
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			q = 1
		}
		if is != "" && q > weight {
			best, weight = is, q
		}
	}
	switch {
	case strings.TrimSpace(accept) == "":
		return body, nil
	case best == "":
		return "", fail(http.StatusNotAcceptable, "the accepted type is %q: want %s or %s", accept, typeJSON, typeNPY)
	}
	return best, nil
}

// samples reads the inputs that a part of the net needs, each [N, ...]: x first. body ends
// with an error if it is too large.
func (s *Server) samples(body io.Reader, kind string, p part) ([]vm.Array, *failure) {
	if kind == typeNPY {
		return s.fromNPY(body, p)
	}
	return s.fromJSON(body, p)
}

func (s *Server) fromNPY(body io.Reader, p part) ([]vm.Array, *failure) {
	if len(p.needs) > 0 {
		return nil, fail(http.StatusBadRequest, "%s needs the inputs x and %s, and an npy body has one array: send JSON", p.Endpoint, strings.Join(p.needs, ", "))
	}
	a, err := data.ReadNPY(body, "x")
	if err != nil {
		return nil, unread(err)
	}
	shape := slices.Clone(a.Shape)
	if each := graph.Shape(shape).Size(); each > 0 {
		shape = slices.Insert(shape, 0, len(a.Values)/each)
	}
	x, f := s.input(graph.InputX, a.Values, shape)
	if f != nil {
		return nil, f
	}
	return []vm.Array{x}, nil
}

func (s *Server) fromJSON(body io.Reader, p part) ([]vm.Array, *failure) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, unread(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fail(http.StatusBadRequest, "the body is not JSON: byte %d: %v", syntax.Offset, err)
		}
		return nil, fail(http.StatusBadRequest, `the body is JSON, but no object: want {"x": [[...], ...]}`)
	}
	if fields == nil {
		return nil, fail(http.StatusBadRequest, `the body is null: want {"x": [[...], ...]}`)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := s.shape(name); !ok {
			return nil, fail(http.StatusBadRequest, "field %q: the model has no input of that name; its inputs are %s", name, s.inputNames())
		}
	}
	var in []vm.Array
	for _, name := range append([]string{graph.InputX}, p.needs...) {
		raw, ok := fields[name]
		if !ok {
			shape, _ := s.shape(name)
			return nil, fail(http.StatusBadRequest, "field %q is missing: %s needs it, of shape %v for N samples", name, p.Endpoint, batchShape(shape))
		}
		values, shape, err := numbers(name, raw)
		if err != nil {
			return nil, fail(http.StatusBadRequest, "field %q: %v", name, err)
		}
		a, f := s.input(name, values, shape)
		if f != nil {
			return nil, f
		}
		if len(in) > 0 && a.Shape[0] != in[0].Shape[0] {
			return nil, fail(http.StatusBadRequest, "field %q has %d samples, and x has %d", name, a.Shape[0], in[0].Shape[0])
		}
		in = append(in, a)
	}
	return in, nil
}

// input checks the values of an input and brings flat rows to its shape.
func (s *Server) input(name string, values []float32, shape []int) (vm.Array, *failure) {
	sample, _ := s.shape(name)
	size := graph.Shape(sample).Size()
	nested := len(shape) > 0 && slices.Equal(shape[1:], sample)
	flat := len(shape) == 2 && shape[1] == size
	switch {
	case len(values) == 0:
		return vm.Array{}, fail(http.StatusBadRequest, "field %q has no samples: want the shape %v", name, batchShape(sample))
	case !nested && !flat:
		also := ""
		if len(sample) != 1 {
			also = " or [N " + strconv.Itoa(size) + "]"
		}
		return vm.Array{}, fail(http.StatusBadRequest, "field %q has the shape %v: want %v%s for N samples", name, graph.Shape(shape), batchShape(sample), also)
	case shape[0] > s.o.MaxSamples:
		return vm.Array{}, fail(http.StatusRequestEntityTooLarge, "field %q has %d samples: at most %d are taken at a time", name, shape[0], s.o.MaxSamples)
	}
	for i, v := range values {
		if v64 := float64(v); math.IsNaN(v64) || math.IsInf(v64, 0) {
			return vm.Array{}, fail(http.StatusBadRequest, "field %q: value %d of sample %d is %v: want finite numbers", name, i%size, i/size, v)
		}
	}
	for _, d := range s.domains {
		if d.Input != name {
			continue
		}
		if err := d.Check(values, size, 0); err != nil {
			return vm.Array{}, fail(http.StatusBadRequest, "field %q: %v", name, err)
		}
	}
	return vm.Array{Name: name, Shape: append([]int{shape[0]}, sample...), Data: values}, nil
}

// batchShape is the shape of N samples, as text.
func batchShape(sample []int) string {
	text := "[N"
	for _, n := range sample {
		text += " " + strconv.Itoa(n)
	}
	return text + "]"
}

// shape is the shape of a sample in an input.
func (s *Server) shape(name string) (shape []int, ok bool) {
	for _, in := range s.model.Inputs {
		if in.Name == name {
			return in.Shape, true
		}
	}
	return nil, false
}

func (s *Server) inputNames() string {
	var names []string
	for _, in := range s.model.Inputs {
		names = append(names, in.Name)
	}
	return strings.Join(names, ", ")
}

// answer is the body of a result [N, ...] in a format.
func answer(values []float32, shape []int, kind string) ([]byte, *failure) {
	if kind == typeNPY {
		var b bytes.Buffer
		if err := data.WriteNPY(&b, data.Array{Name: "values", Shape: shape[1:], Values: values}, data.NPYFloat32); err != nil {
			return nil, fail(http.StatusInternalServerError, "the result: %v", err)
		}
		return b.Bytes(), nil
	}
	for i, v := range values {
		if v64 := float64(v); math.IsNaN(v64) || math.IsInf(v64, 0) {
			return nil, fail(http.StatusUnprocessableEntity, "the result of sample %d is %v, which JSON cannot say: are its values like those that the model was trained on?", i/(len(values)/shape[0]), v)
		}
	}
	size, err := json.Marshal(shape)
	if err != nil {
		return nil, fail(http.StatusInternalServerError, "the result: %v", err)
	}
	b := make([]byte, 0, 12*len(values)+100)
	b = append(append(append(b, `{"shape":`...), size...), `,"values":`...)
	b, _ = appendNested(b, values, shape)
	return append(b, "}\n"...), nil
}
