package plan

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// growing are graphs of any size: chains, deep nets and wide nets. Each returns the
// nodes to keep.
var growing = []struct {
	name string
	make func(g *gorgonia.ExprGraph, x *gorgonia.Node, n int) []*gorgonia.Node
}{
	{"AddConst", chain(func(i int, y, x *gorgonia.Node) *gorgonia.Node {
		return gorgonia.Must(gorgonia.Add(y, gorgonia.NewConstant(float32(i)+0.5)))
	})},
	{"Tanh", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Tanh(y)) })},
	{"Mul", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.HadamardProd(y, x)) })},
	{"ReadTwice", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node {
		return gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Tanh(y)), y))
	})},
	{"MatMul", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Mul(y, x)) })},
	{"Residual", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node {
		return gorgonia.Must(gorgonia.Add(y, gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(y, x))))))
	})},
	{"Concat", chain(func(_ int, y, x *gorgonia.Node) *gorgonia.Node {
		return gorgonia.Must(gorgonia.Slice(gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Concat(0, y, x)))), gorgonia.S(2, 6)))
	})},
	{"Gradient", func(g *gorgonia.ExprGraph, x *gorgonia.Node, n int) []*gorgonia.Node {
		y := x
		for range n {
			y = gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(y, x))))
		}
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), x)
		if err != nil {
			panic(err)
		}
		return grads
	}},
	{"Wide", func(g *gorgonia.ExprGraph, x *gorgonia.Node, n int) (all []*gorgonia.Node) {
		h := gorgonia.Must(gorgonia.Tanh(x))
		for i := range n {
			all = append(all, gorgonia.Must(gorgonia.Add(h, gorgonia.NewConstant(float32(i)+0.5))))
		}
		return all
	}},
	{"Sum", func(g *gorgonia.ExprGraph, x *gorgonia.Node, n int) []*gorgonia.Node {
		y := x
		for i := range n {
			y = gorgonia.Must(gorgonia.Add(y, gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Add(x, gorgonia.NewConstant(float32(i)+0.5)))))))
		}
		return []*gorgonia.Node{y}
	}},
}

// chain makes a graph of n equal links, each a function of the link before and of x.
func chain(link func(i int, y, x *gorgonia.Node) *gorgonia.Node) func(*gorgonia.ExprGraph, *gorgonia.Node, int) []*gorgonia.Node {
	return func(_ *gorgonia.ExprGraph, x *gorgonia.Node, n int) []*gorgonia.Node {
		y := x
		for i := range n {
			y = link(i, y, x)
		}
		return []*gorgonia.Node{y}
	}
}

// grown is the source for a graph of a size. With all set, every node is kept.
func grown(make func(*gorgonia.ExprGraph, *gorgonia.Node, int) []*gorgonia.Node, n int, all bool) Source {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(4, 4))
	keep := make(g, x, n)
	if all {
		keep = nil
		for _, n := range g.AllNodes() {
			if n.Op() != nil {
				keep = append(keep, n)
			}
		}
	}
	return Source{Graph: g, Dtype: graph.Float32, Keep: keep}
}

// TestPlanningTakesMemoryInProportionToTheGraph counts the memory that planning
// allocates. A graph of twice the size takes about twice as much.
func TestPlanningTakesMemoryInProportionToTheGraph(t *testing.T) {
	const size = 400
	for _, c := range growing {
		for _, all := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/all=%v", c.name, all), func(t *testing.T) {
				bytes := func(n int) float64 {
					s := grown(c.make, n, all)
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					_, err := Make(s, Target{Regions: 1})
					runtime.ReadMemStats(&after)
					require.NoError(t, err)
					return float64(after.TotalAlloc - before.TotalAlloc)
				}
				bytes(size) // allocates everything that is allocated once
				require.Less(t, bytes(2*size)/bytes(size), 2.4)
			})
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, c := range growing {
		for _, n := range []int{500, 1000, 2000, 4000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				s := grown(c.make, n, false)
				b.ReportAllocs()
				for b.Loop() {
					_, err := Make(s, Target{Regions: 1})
					require.NoError(b, err)
				}
			})
		}
	}
}
