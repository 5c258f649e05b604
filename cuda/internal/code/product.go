package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
)

func (m *maker) matmul(s plan.Step) error { return unknown(s.Prim) }

func (m *maker) product(s plan.Step, p plan.Product) error { return unknown(p) }
