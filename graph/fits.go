package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/available"
)

// fits is an error where the process surely cannot hold so many bytes, of which an
// array of a shape is the last.
func fits(bytes int64, shape Shape) error {
	if most, lacking := available.Lacking(bytes); lacking {
		return fmt.Errorf("out of memory: with the shape %v there are %s of such arrays, and %s are available: take a smaller one", shape, available.Text(bytes), available.Text(most))
	}
	return nil
}
