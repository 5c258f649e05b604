package compress

import (
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// levels reads the samples of a set as levels of the model, [N, values].
func (m *Model) levels(set data.Set) ([]uint16, error) {
	if set == nil {
		return nil, errors.New("there are no samples: the set is nil")
	}
	at, size := -1, m.net.Values.Values
	for i, f := range set.Fields() {
		if f.Name == graph.InputX {
			at = i
			if f.Size() != size {
				return nil, fmt.Errorf("the samples have the shape %v, and the model codes %v", f.Shape, m.shape)
			}
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("the set has no field %q: give the samples that name, by data.Rename", graph.InputX)
	}
	n, levels := max(0, set.Len()), m.net.Values.Levels
	if n > defaultMaxValues/size {
		return nil, fmt.Errorf("%d samples of %d values are more than %d values, which a file can have: take a data.Subset for each file", n, size, defaultMaxValues)
	}
	out := make([]uint16, n*size)
	sample := data.NewSample(set)
	for i := range n {
		if err := set.Read(i, sample); err != nil {
			return nil, fmt.Errorf("sample %d: %w", i, err)
		}
		for k, v := range sample[at] {
			level := math.Round(float64(v) * float64(levels-1))
			if !(level >= 0 && level < float64(levels)) || valueOf(int(level), levels) != v {
				return nil, fmt.Errorf("sample %d: value %d is %g, which is none of the model's %d levels, k/%d for k from 0 to %d: scale pixels by 1/255, binarise for two levels", i, k, v, levels, levels-1, levels-1)
			}
			out[i*size+k] = uint16(level)
		}
	}
	return out, nil
}
