// What a net takes and gives, as requests see it.

package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// An Input is an input of the net that requests give, a value [N, Shape...] for N samples.
type Input struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"` // of a sample
	// For are the endpoints that need the input, such as "encode".
	For []string `json:"neededFor"`
}

// An Output is what an endpoint answers with, [N, Shape...].
type Output struct {
	Endpoint string `json:"endpoint"`
	Name     string `json:"output"`
	Shape    []int  `json:"shape"` // of a sample
}

// Description is what GET /v1/model answers with.
type Description struct {
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Settings   json.RawMessage   `json:"settings"`
	Parameters int               `json:"parameters"`
	Inputs     []Input           `json:"inputs"`
	Outputs    []Output          `json:"outputs"`
	Scaled     []string          `json:"scaled,omitempty"` // inputs that the server brings to the model's scale
	Versions   map[string]string `json:"versions"`
}

// endpoints are what the model is asked for, with the output of the net.
var endpoints = [...]struct{ name, output string }{
	{"encode", graph.OutputCode}, {"reconstruct", graph.OutputRecon}, {"score", graph.OutputScore},
}

// A part is the part of the net that an endpoint computes.
type part struct {
	Output
	needs  []string // inputs besides x
	random bool     // it draws random numbers, by the place of a sample in its batch
}

// describe looks at the net of a model: its parts by endpoint, and which whole numbers its
// inputs take.
func describe(ae *stheno.Autoencoder, name string) (d Description, parts map[string]part, domains []graph.Domain, err error) {
	if ae == nil {
		return d, nil, nil, errors.New("serve: no model: create it with stheno.Train or stheno.Load")
	}
	if ae.Params() == nil {
		return d, nil, nil, errors.New("serve: the model has no weights: create it with stheno.Train or stheno.Load")
	}
	d = Description{Name: name, Type: train.NameOf(ae.Model()), Parameters: ae.Params().Count(), Versions: versions()}
	if d.Name == "" {
		d.Name = d.Type
	}
	if d.Settings, err = json.Marshal(ae.Model()); err != nil {
		return d, nil, nil, fmt.Errorf("serve: the settings of %s: %w", d.Type, err)
	}
	const batch = 3
	p, err := train.EvalProgram(ae.Model(), batch, train.Options{Params: ae.Params(), Seed: ae.Params().Seed()})
	if err != nil {
		return d, nil, nil, fmt.Errorf("serve: %w", err)
	}
	perSample := func(shape graph.Shape) bool { return len(shape) > 0 && shape[0] == batch }
	if in, ok := p.Input(graph.InputX); !ok || !perSample(in.Shape) {
		return d, nil, nil, fmt.Errorf("serve: the net of %s has no input %q of samples", d.Type, graph.InputX)
	}
	neededFor := map[string][]string{}
	parts = map[string]part{}
	for _, e := range endpoints {
		out, ok := p.Output(e.output)
		if !ok || !perSample(out.Shape) {
			continue
		}
		selected, err := p.Select([]string{e.output})
		if err != nil {
			return d, nil, nil, fmt.Errorf("serve: %s: %w", e.name, err)
		}
		part := part{Output: Output{e.name, e.output, out.Shape[1:]}, random: selected.Clock() != nil}
		for _, in := range selected.Inputs() {
			if in.Optional || in.Node == selected.Clock() {
				continue
			}
			if !perSample(in.Shape) {
				return d, nil, nil, fmt.Errorf("serve: %s: the input %q is not one of samples", e.name, in.Name)
			}
			neededFor[in.Name] = append(neededFor[in.Name], e.name)
			if in.Name != graph.InputX {
				part.needs = append(part.needs, in.Name)
			}
		}
		parts[e.name] = part
		d.Outputs = append(d.Outputs, part.Output)
	}
	if len(parts) == 0 {
		return d, nil, nil, fmt.Errorf("serve: the net of %s has no output \"code\", \"recon\" or \"score\"", d.Type)
	}
	for _, in := range p.Inputs() {
		if len(neededFor[in.Name]) > 0 || in.Name == graph.InputX {
			d.Inputs = append(d.Inputs, Input{in.Name, in.Shape[1:], neededFor[in.Name]})
		}
	}
	for name := range ae.Scalers() {
		d.Scaled = append(d.Scaled, name)
	}
	slices.Sort(d.Scaled)
	for _, dom := range p.Domains() {
		if dom.Whole && !slices.Contains(d.Scaled, dom.Input) {
			domains = append(domains, dom)
		}
	}
	return d, parts, domains, nil
}

// versions are those of this module, of Gorgonia and of Go.
func versions() map[string]string {
	v := map[string]string{"go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == "github.com/stheno-ml/stheno" || strings.HasPrefix(m.Path, "gorgonia.org/") {
			v[m.Path] = m.Version
		}
	}
	return v
}
