package stheno

import (
	"fmt"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Pretrained returns parameters of a model that start from the weights in a file: those
// that Save wrote, those of a checkpoint of a training, or a safetensors or npz file of
// another program. Training goes on from there:
//
//	o := stheno.Options{Freeze: []train.Freeze{{Names: []string{"encoder/*"}, Until: 2}}}
//	o.Params, _, err = stheno.Pretrained("encoder.stheno", m, o, checkpoint.RestoreOptions{
//		SkipHere: []string{"head/*"}, SkipThere: []string{"decoder/*"},
//	})
//	ae, err := stheno.Train(ctx, m, set, o)
//
// Of the options it uses Params and Seed, from which the other weights start. See
// checkpoint.Restore for what must agree; Restored lists what was taken over.
func Pretrained(path string, m Model, o Options, r checkpoint.RestoreOptions) (*graph.Params, checkpoint.Restored, error) {
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, o.Seed)
	}
	if _, err := train.EvalProgram(m, 1, o); err != nil {
		return nil, checkpoint.Restored{}, fmt.Errorf("stheno: pretrained: %w", err)
	}
	restored, err := checkpoint.Restore(o.Params, path, r)
	if err != nil {
		return nil, restored, fmt.Errorf("stheno: pretrained: %w", err)
	}
	return o.Params, restored, nil
}
