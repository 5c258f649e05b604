package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/available"
)

// fits returns an error if the process certainly lacks the memory for that many
// bytes of arrays. The shape is that of the array added last.
func fits(bytes int64, shape Shape) error {
	if most, lacking := available.Lacking(bytes); lacking {
		return fmt.Errorf("out of memory: with the shape %v there are %s of such arrays, and %s are available: take a smaller one", shape, available.Text(bytes), available.Text(most))
	}
	return nil
}
