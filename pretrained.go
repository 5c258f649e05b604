package stheno

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Pretrained returns options with parameters of a model that start from the weights in a
// file: those that Save wrote, those of a checkpoint of a training, or a safetensors or
// npz file of another program. If the file has scalers of fields that the options do not
// scale, samples pass through these. Training goes on from there:
//
//	o := stheno.Options{Freeze: []train.Freeze{{Names: []string{"encoder/*"}, Until: 2}}}
//	o, _, err = stheno.Pretrained("encoder.stheno", m, o, checkpoint.RestoreOptions{
//		SkipHere: []string{"head/*"}, SkipThere: []string{"decoder/*"},
//	})
//	ae, err := stheno.Train(ctx, m, set, o)
//
// Of the options it uses Params and Seed, from which the other weights start. See
// checkpoint.Restore for what must agree; Restored lists what was taken over.
func Pretrained(path string, m Model, o Options, r checkpoint.RestoreOptions) (Options, checkpoint.Restored, error) {
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, o.Seed)
	}
	if _, err := train.EvalProgram(m, 1, o); err != nil {
		return o, checkpoint.Restored{}, fmt.Errorf("stheno: pretrained: %w", err)
	}
	restored, err := checkpoint.Restore(o.Params, path, r)
	if err != nil {
		return o, restored, fmt.Errorf("stheno: pretrained: %w", err)
	}
	var scalers map[string]*data.Scaler
	if restored.Scalers != nil {
		if err := json.Unmarshal(restored.Scalers, &scalers); err != nil {
			return o, restored, fmt.Errorf("stheno: pretrained: %s: the scalers: %w", path, err)
		}
	}
	o.Scalers = maps.Clone(o.Scalers)
	for field, s := range scalers {
		_, fits := o.Scale[field]
		if o.Scalers[field] != nil || fits {
			continue
		}
		if o.Scalers == nil {
			o.Scalers = map[string]*data.Scaler{}
		}
		o.Scalers[field] = s
	}
	return o, restored, nil
}
