package serve

import (
	"fmt"
	"net/http"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// offered checks Options.Samples, and brings them into the form in which they are offered:
// flat rows by name. nil means that there are none.
func (s *Server) offered(samples []vm.Array) (map[string][][]float32, error) {
	rows := map[string][][]float32{}
	n := 0
	for _, a := range samples {
		shape, ok := s.shape(a.Name)
		size := graph.Shape(shape).Size()
		switch {
		case !ok:
			continue // the net does not read it
		case len(a.Shape) == 0 || a.Shape[0] < 1 || a.Shape[0]*size != len(a.Data):
			return nil, fmt.Errorf("serve: the samples have %q of shape %v and %d values: want [N %v]", a.Name, a.Shape, len(a.Data), shape)
		case n > 0 && a.Shape[0] != n:
			return nil, fmt.Errorf("serve: the samples have %d of %q, want %d", a.Shape[0], a.Name, n)
		}
		n = a.Shape[0]
		for i := range n {
			rows[a.Name] = append(rows[a.Name], a.Data[i*size:(i+1)*size])
		}
	}
	if len(samples) > 0 && rows[graph.InputX] == nil {
		return nil, fmt.Errorf("serve: the samples have no %q", graph.InputX)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, nil
}

// examples answers with the samples that are offered.
func (s *Server) examples(w http.ResponseWriter, _ *http.Request) {
	if s.own == nil {
		fail(http.StatusNotFound, "this server has no samples of its own").write(w)
		return
	}
	writeJSON(w, s.own)
}
