package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/optim"
)

// patternCounts counts the patterns in the steps of a machine.
type patternCounts map[string]int

func (f patternCounts) add(p pattern, when bool) {
	if when && p != noPattern {
		f[p.String()]++
	}
}

func (f patternCounts) code(c *loopCode[float32]) {
	for _, op := range c.ops {
		f.add(op.pattern, true)
	}
}

func (f patternCounts) step(s step[float32]) {
	switch s := s.(type) {
	case *loopStep[float32]:
		f.code(s.loop.code)
	case *groupStep[float32]:
		for _, l := range s.loops {
			f.code(l.code)
		}
	case *productStep[float32]:
		f.code(s.loop.code)
	case *matmulStep[float32]:
		f.add(patternBias, s.bias > 0)
		f.add(patternReLU, s.relu)
	case *regionStep:
		seen := map[regionOp]bool{} // an op has several stripes
		for _, m := range s.stripes {
			if !seen[m.op] {
				seen[m.op] = true
				f.op(m.op)
			}
		}
	}
}

func (f patternCounts) op(o regionOp) {
	switch o := o.(type) {
	case *convOp:
		f.add(patternBias, o.bias != nil)
		f.add(patternReLU, o.relu)
		f.add(patternReLUGrad, o.reluOutput != nil)
	case *sumPoolOp:
		f.add(patternBias, o.bias != nil)
		f.add(patternReLU, o.relu)
	case *maxPoolOp:
		f.add(patternReLUGrad, o.positive)
	case *reluGradOp:
		f.add(patternReLUGrad, true)
	case *mapOp:
		f.code(o.code)
	}
}

// A pattern that stops firing costs time and changes no result. Change these counts
// only if the step stays as fast.
func TestPatternsFireOnTheStandardNets(t *testing.T) {
	models := map[string]zoo.Model{}
	for _, e := range zoo.All() {
		models[e.Name] = e.Model
	}
	images := patternCounts{"bias": 5, "relu": 4, "relu gradient": 4}
	for name, want := range map[string]patternCounts{
		"dense":        {"bias": 3, "relu": 3, "softplus and sigmoid": 1},
		"conv":         images,
		"conv-strided": images,
		"vae":          {"bias": 2, "relu": 2, "multiply-add": 2, "scaled add": 2, "softplus and sigmoid": 1}, // the log variance is also clamped
		"lstm":         {"bias": 2, "softplus and sigmoid": 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 3)
			b := graph.New(p, graph.Config{Training: true, Seed: 5})
			net := models[name].Build(b, 16)
			weights := 0
			for _, w := range p.All() {
				if len(w.Floats()) > 1 { // a loop's prelude updates weights of one number
					weights++
				}
			}
			optim.Minimize(b, optim.Adam{}, net.Tasks[0])
			m := suite.MachineOf(t, Config{}, b, nil, net.Tasks[0].Loss)
			defer m.Close()
			got := patternCounts{}
			for _, s := range m.(*compiled.Program).Engine().(*runner[float32]).steps {
				got.step(s)
			}
			require.Equal(t, weights, got["adam"], "once for each weight of several numbers")
			delete(got, "adam")
			require.Equal(t, want, got)
		})
	}
}
