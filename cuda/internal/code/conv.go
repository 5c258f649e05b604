package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

func (m *maker) conv(s plan.Step, p lower.Conv) error { return unknown(p) }

func (m *maker) convData(s plan.Step, p lower.ConvData) error { return unknown(p) }

func (m *maker) convFilter(s plan.Step, p lower.ConvFilter) error { return unknown(p) }
