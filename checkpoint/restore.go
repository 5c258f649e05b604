package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/safetensors"
)

// RestoreOptions say how Restore finds weights. With the zero value, every weight and
// state of the model starts from the array of its name and shape.
type RestoreOptions struct {
	// Names is the table of names that differ; the first row that fits is used. A
	// parameter in no row starts from the array of its own name.
	Names []Name
	// SkipHere are patterns for parameters of the model that stay as they are, such as
	// "head/*", and SkipThere are patterns for arrays of the file that are not wanted. In
	// them "*" matches any characters, and "?" matches one.
	SkipHere, SkipThere []string
	// Partial takes over what fits and leaves the rest as it is. The result lists both.
	Partial bool
	// NoStates leaves states, such as running means, as they are.
	NoStates bool
}

// Restored is what Restore did.
type Restored struct {
	Taken  []string // names of parameters that start from the file
	Kept   []string // names of parameters that stay as they were
	Unused []string // names of arrays of the file that nothing starts from
	// Scalers are those that samples pass through before they reach the model of the
	// file, by field; nil if it has none. See Checkpoint.Scalers.
	Scalers json.RawMessage
	// Differences has a line for each parameter and each array that was to be used and
	// was not: its name, its shapes and the reason.
	Differences []string
}

// String summarises the result, with a line for each difference.
func (r Restored) String() string {
	line := fmt.Sprintf("%d of %d parameters taken over, %d arrays of the file unused", len(r.Taken), len(r.Taken)+len(r.Kept), len(r.Unused))
	return strings.Join(append([]string{line}, r.Differences...), "\n\t")
}

// Restore sets parameters to arrays of a file that ReadWeights reads: a checkpoint, or the
// weights of another program. The parameters must exist, which train.EvalProgram sees to;
// numbers are rounded to their type. If a weight or state of the model is not in the file
// with its shape, or the file has an array that is not used, and RestoreOptions does not
// leave it out, the error lists all differences. After an error, no parameter has changed.
//
// States in a file of this package that the model does not have, such as those of
// optimisers, are left out.
func Restore(p *graph.Params, path string, o RestoreOptions) (Restored, error) {
	content, err := contentOf(path)
	if err != nil {
		return Restored{}, fmt.Errorf("checkpoint: %w", err)
	}
	arrays, err := arraysOf(content)
	if err != nil {
		return Restored{}, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	r, err := restore(p, arrays, o)
	if err != nil {
		return r, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	if f, err := safetensors.Parse(content); err == nil && f.Metadata[keyScalers] != "" { // else it is an npz file
		r.Scalers = json.RawMessage(f.Metadata[keyScalers])
	}
	return r, nil
}

func restore(p *graph.Params, arrays []Array, o RestoreOptions) (Restored, error) {
	if p == nil || len(p.All()) == 0 {
		return Restored{}, errors.New("there are no parameters yet: build the model over them first, as train.EvalProgram does")
	}
	m, err := newMatcher(arrays, o)
	if err != nil {
		return Restored{}, err
	}
	lock := p.Running()
	lock.Lock()
	defer lock.Unlock()
	var r Restored
	found := map[string]Array{}
	for _, q := range p.All() {
		a, ok, difference := m.find(q)
		if difference != "" {
			r.Differences = append(r.Differences, difference)
		}
		if !ok {
			r.Kept = append(r.Kept, q.Name())
			continue
		}
		r.Taken = append(r.Taken, q.Name())
		found[q.Name()] = a
	}
	unused, differences := m.unused()
	r.Unused, r.Differences = unused, append(r.Differences, differences...)
	switch {
	case len(r.Differences) > 0 && !o.Partial:
		return r, fmt.Errorf("the file and the model differ:\n\t%s\nlist the names in RestoreOptions.Names, leave out by SkipHere and SkipThere, or set Partial to take over what fits",
			strings.Join(r.Differences, "\n\t"))
	case len(r.Taken) == 0:
		return r, fmt.Errorf("no parameter can be taken over:\n\t%s", strings.Join(r.Differences, "\n\t"))
	}
	for name, a := range found {
		if err := p.Get(name).SetFloats(a.Floats()); err != nil {
			return r, err
		}
	}
	return r, nil
}
