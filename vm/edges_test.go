package vm_test

import (
	"testing"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/vm"
)

func TestEmptyReportsAndErrorsDoNotPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return []any{vm.Report{}, vm.Report{{}}, vm.Location{}, &vm.NonFinite{}, &vm.Difference{}}, nil, nil
	})
}
