package vm_test

import (
	"testing"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/vm"
)

func TestReportsAndErrorsOfNothingDoNotPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return []any{vm.Report{}, vm.Report{{}}, vm.Spot{}, &vm.NonFinite{}, &vm.Difference{}}, nil, nil
	})
}
