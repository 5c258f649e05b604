package onnx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/train"
)

// Net is a model with its weights and scalers, such as a *stheno.Autoencoder.
type Net interface {
	Model() train.Model
	Params() *graph.Params
	Scalers() map[string]*data.Scaler
}

// Part is what of a net a file has.
type Part string

// The parts.
const (
	Whole   Part = "whole"   // from the inputs to the reconstruction, the score and the code
	Encoder Part = "encoder" // from the inputs to the code
	Decoder Part = "decoder" // from the code, and inputs such as a condition, to the reconstruction
)

// Options are the settings of Write. The zero value is the default.
type Options struct {
	// Part is what the file has; "" is Whole.
	Part Part
	// Outputs, if there are any, are the outputs of the file in place of those of Part,
	// by their names in the net. Given are outputs of the net that the file takes as
	// inputs, and computes the others from.
	Outputs, Given []string
	// Name is the graph's name; "" is the type of the model. Version is the version of
	// the net, in the metadata; "" is none.
	Name, Version string
}

// Write writes a net to a file. If it fails, an existing file is unchanged.
//
// Random numbers that the outputs depend on become inputs of the file, whose
// documentation says what to draw: outside training, codes are the means of their
// distributions, so most nets have none. Scalar inputs, such as a temperature, are
// constants with their defaults.
func Write(path string, net Net, o Options) error {
	b, err := Encode(net, o)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// Encode returns the content of the file that Write writes.
func Encode(net Net, o Options) ([]byte, error) {
	if net == nil || net.Model() == nil || net.Params() == nil {
		return nil, errors.New("onnx: no net: want a model and its parameters, such as a *stheno.Autoencoder")
	}
	m, err := export(net, o)
	if err != nil {
		return nil, fmt.Errorf("onnx: %T: %w", net.Model(), err)
	}
	return onnxproto.Marshal(m), nil
}

// batches are the batch sizes at which a net is looked at. What differs between them
// follows from the batch. They are primes, so that hardly any extent of a net is one.
var batches = [...]int{23, 29, 31}

func export(net Net, o Options) (*onnxproto.Model, error) {
	var nets []*forward.Net
	for _, n := range batches {
		p, err := train.EvalProgram(net.Model(), n, train.Options{Params: net.Params(), Seed: net.Params().Seed()})
		if err != nil {
			return nil, err
		}
		outputs, given, err := o.choose(p)
		if err != nil {
			return nil, err
		}
		if p, err = p.Select(outputs, given...); err != nil {
			return nil, err
		}
		scalers := net.Scalers()
		scale := forward.Options{Before: scalers, Undo: map[string]*data.Scaler{}}
		if s := scalers[graph.InputX]; s != nil {
			scale.Undo[graph.OutputRecon] = s
		}
		f, err := forward.Of(p, scale)
		if err != nil {
			return nil, err
		}
		nets = append(nets, f)
	}
	w, err := newWriter(nets)
	if err != nil {
		return nil, err
	}
	if err := w.write(); err != nil {
		return nil, err
	}
	m := &onnxproto.Model{
		IRVersion:    irVersion,
		ProducerName: "stheno",
		Graph:        w.graph,
		Opsets:       []*onnxproto.Opset{{Version: opset}},
		Metadata:     []*onnxproto.Entry{{Key: "model", Value: train.NameOf(net.Model())}},
	}
	if m.Graph.Name = o.Name; o.Name == "" {
		m.Graph.Name = train.NameOf(net.Model())
	}
	if o.Version != "" {
		m.Metadata = append(m.Metadata, &onnxproto.Entry{Key: "version", Value: o.Version})
	}
	return m, nil
}

// choose returns the outputs that the options ask for, and those that are given.
func (o Options) choose(p *graph.Program) (outputs, given []string, err error) {
	if len(o.Outputs) > 0 {
		return o.Outputs, o.Given, nil
	}
	if len(o.Given) > 0 {
		return nil, nil, errors.New("Options.Given without Outputs: name the outputs that are computed from them")
	}
	has := func(name string) bool { _, ok := p.Output(name); return ok }
	want := func(name string) error { _, err := p.FindOutput(name); return err }
	switch o.Part {
	case Encoder:
		return []string{graph.OutputCode}, nil, want(graph.OutputCode)
	case Decoder:
		if err := want(graph.OutputCode); err != nil {
			return nil, nil, err
		}
		return []string{graph.OutputRecon}, []string{graph.OutputCode}, want(graph.OutputRecon)
	case Whole, "":
		for _, name := range []string{graph.OutputRecon, graph.OutputScore, graph.OutputCode} {
			if has(name) {
				outputs = append(outputs, name)
			}
		}
		for _, out := range p.Outputs() {
			if out.Name != graph.OutputPrior && !has(graph.OutputRecon) && !slices.Contains(outputs, out.Name) {
				outputs = append(outputs, out.Name)
			}
		}
		if len(outputs) == 0 {
			return nil, nil, errors.New("the net has no outputs in evaluation")
		}
		return outputs, nil, nil
	}
	parts := []string{string(Whole), string(Encoder), string(Decoder)}
	return nil, nil, fmt.Errorf("there is no part %q: want one of %s", o.Part, strings.Join(parts, ", "))
}
