package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

func (m *maker) recur(s plan.Step, p lower.Recur) error { return unknown(p) }

func (m *maker) recurGrad(s plan.Step, p lower.RecurGrad) error { return unknown(p) }
