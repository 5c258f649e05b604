package suite

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// typed is a graph with nodes of several types, and their expected values.
type typed struct {
	g    *gorgonia.ExprGraph
	want []valued
	host []*graph.Node // the nodes that run on the host
	// wrong says that Gorgonia's machine computes something else.
	wrong bool
	// next binds the inputs of a second run. Its expected values are in then.
	next func()
	then []valued
}

type valued struct {
	node *graph.Node
	data any
}

func (c *typed) must(n *graph.Node, err error) *graph.Node {
	if err != nil {
		panic(err)
	}
	return n
}

func (c *typed) grad(cost, x *graph.Node) *graph.Node {
	d, err := gorgonia.Grad(cost, x)
	if err != nil {
		panic(err)
	}
	return d[0]
}

func (c *typed) in(name string, data any, shape ...int) *graph.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	return gorgonia.NewTensor(c.g, v.Dtype(), len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(v))
}

func (c *typed) expect(n *graph.Node, data any) { c.want = append(c.want, valued{n, data}) }

func (c *typed) onHost(n *graph.Node) *graph.Node {
	c.host = append(c.host, n)
	return n
}

// ofTypes are graphs with nodes that are not of one float type.
var ofTypes = map[string]func(c *typed){
	"integers and floats": func(c *typed) {
		i := c.in("i", []int{1, -2, 3}, 3)
		square := c.onHost(c.must(gorgonia.HadamardProd(i, i)))
		c.expect(square, []int{1, 4, 9})
		c.expect(c.onHost(c.must(gorgonia.Sub(square, i))), []int{0, 6, 6})
		c.expect(c.must(gorgonia.Neg(c.in("x", []float64{1, 2}, 2))), []float64{-1, -2})
		c.next = func() { bind(i, []int{2, 2, 0}) }
		c.then = []valued{{square, []int{4, 4, 0}}}
	},
	"integers only": func(c *typed) {
		i := c.in("i", []int{1, -2, 3, 4}, 2, 2)
		sum := c.onHost(c.must(gorgonia.Add(i, i)))
		c.expect(sum, []int{2, -4, 6, 8})
		c.expect(c.onHost(c.must(gorgonia.Reshape(sum, tensor.Shape{4}))), []int{2, -4, 6, 8})
	},
	"Go numbers": func(c *typed) {
		one, two := gorgonia.NodeFromAny(c.g, 1, gorgonia.WithName("one")), gorgonia.NodeFromAny(c.g, 2, gorgonia.WithName("two"))
		c.expect(c.onHost(c.must(gorgonia.Add(one, two))), 3)
		c.expect(c.must(gorgonia.Add(gorgonia.NodeFromAny(c.g, 1.5, gorgonia.WithName("x")), gorgonia.NewConstant(2.0))), 3.5)
	},
	"comparisons": func(c *typed) {
		x, y := c.in("x", []float32{1, 2, 3, 4}, 2, 2), c.in("y", []float32{2, 2, 2, 2}, 2, 2)
		c.expect(c.must(gorgonia.Lt(x, y, false)), []bool{true, false, false, false})
		c.expect(c.must(gorgonia.Gte(x, y, false)), []bool{false, true, true, true})
		c.expect(c.must(gorgonia.Gt(x, y, true)), []float32{0, 0, 1, 1})
		c.expect(c.must(gorgonia.Ne(x, y, true)), []float32{1, 0, 1, 1})
		i, k := c.in("i", []int{1, 2, 3}, 3), c.in("k", []int{3, 2, 1}, 3)
		c.expect(c.onHost(c.must(gorgonia.Lte(i, k, false))), []bool{true, true, false})
		c.expect(c.onHost(c.must(gorgonia.Eq(i, k, true))), []int{0, 1, 0})
		c.next = func() { bind(x, []float32{9, 9, 0, 0}) }
		c.then = []valued{{c.want[0].node, []bool{false, false, true, true}}}
	},
	"a mask by comparison": func(c *typed) {
		x := c.in("x", []float64{-1, 2, -3, 4}, 4)
		mask := c.must(gorgonia.Gt(x, gorgonia.NewConstant(0.0), true))
		masked := c.must(gorgonia.HadamardProd(x, mask))
		c.expect(c.must(gorgonia.Sum(masked)), 6.0)
		c.expect(c.must(gorgonia.Gt(x, gorgonia.NewConstant(0.0), false)), []bool{false, true, false, true})
	},
	"comparisons with NaN": func(c *typed) {
		nan := math.NaN()
		x, y := c.in("x", []float64{2, nan, 6, 4, nan, 4}, 2, 3), c.in("y", []float64{2, 2, 2, 2, nan, nan}, 2, 3)
		compare := func(op func(a, b *graph.Node, same bool) (*graph.Node, error), want ...bool) {
			c.expect(c.must(op(x, y, false)), want)
		}
		compare(gorgonia.Lt, false, false, false, false, false, false)
		compare(gorgonia.Lte, true, false, false, false, false, false)
		compare(gorgonia.Gt, false, false, true, true, false, false)
		compare(gorgonia.Gte, true, false, true, true, false, false)
		compare(gorgonia.Eq, true, false, false, false, false, false)
		compare(gorgonia.Ne, false, true, true, true, true, true)
		small := c.in("small", []float32{1, 3, 2}, 3) // the other float type
		c.expect(c.onHost(c.must(gorgonia.Lt(small, c.in("least", []float32{2, 2, 2}, 3), false))), []bool{true, false, false})
	},
	"computed row indices": func(c *typed) {
		table := c.in("table", []float64{1, 2, 3, 4, 5, 6}, 3, 2)
		i := c.in("i", []int{0, 1}, 2)
		next := c.onHost(c.must(gorgonia.Add(i, c.in("ones", []int{1, 1}, 2))))
		rows := c.onHost(c.must(gorgonia.ByIndices(table, next, 0)))
		y := c.must(gorgonia.Square(rows))
		c.expect(y, []float64{9, 16, 25, 36})
		d := c.onHost(c.grad(c.must(gorgonia.Sum(y)), table))
		c.expect(d, []float64{0, 0, 6, 8, 10, 12})
		c.next = func() { bind(i, []int{1, 1}) }
		c.then = []valued{{y, []float64{25, 36, 25, 36}}, {d, []float64{0, 0, 0, 0, 20, 24}}}
	},
	"both float types": func(c *typed) {
		x := c.in("x", []float32{1, 2}, 2)
		square := c.onHost(c.must(gorgonia.Square(x)))
		cost := c.onHost(c.must(gorgonia.Sum(square)))
		d := c.grad(cost, x)
		c.expect(cost, float32(5))
		c.expect(d, []float32{2, 4})
		y := c.in("y", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 8)
		c.expect(c.must(gorgonia.Neg(c.must(gorgonia.Square(y)))), []float64{-1, -4, -9, -16, -25, -36, -49, -64})
		c.next = func() { bind(x, []float32{3, 0}) }
		c.then = []valued{{cost, float32(9)}, {d, []float32{6, 0}}}
	},
	"the less used float type where Gorgonia is wrong": func(c *typed) {
		c.wrong = true
		x := c.in("x", []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1, 2, 3, 2)
		c.expect(c.onHost(c.must(gorgonia.Sum(x, 1))), []float32{8, 10, 12, 14, 16, 18})
		y := c.in("y", make([]float64, 100), 100)
		c.expect(c.must(gorgonia.Square(y)), make([]float64, 100))
	},
	"a constant integer tensor": func(c *typed) {
		i := c.in("i", []int{1, 2}, 2)
		c.expect(c.onHost(c.must(gorgonia.Add(i, gorgonia.NewConstant(tensor.New(tensor.WithBacking([]int{10, 20})))))), []int{11, 22})
	},
}

// bind sets the elements of an input.
func bind(n *graph.Node, data any) {
	if err := gorgonia.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(data))); err != nil {
		panic(err)
	}
}

func (on Machine) integersAndBooleansRun(t *testing.T) {
	for name, build := range ofTypes {
		t.Run(name, func(t *testing.T) {
			for _, machine := range []string{"ours", "tape"} {
				c := &typed{g: gorgonia.NewGraph()}
				build(c)
				if machine == "tape" {
					if c.wrong {
						continue
					}
					m := gorgonia.NewTapeMachine(c.g, gorgonia.TraceExec())
					c.run(t, m, machine)
					require.NoError(t, m.Close())
					continue
				}
				m := on.New(c.g)
				c.run(t, m, machine)
				require.NoError(t, m.Verify())
				why := map[*graph.Node]string{}
				for _, n := range m.Report() {
					why[n.Node] = n.Host
				}
				err := on.With(Settings{Strict: true}).New(c.g).RunAll()
				for _, n := range c.host {
					require.Regexp(t, `, is \w+, the result is|is of|elements are`, why[n], n.Name())
					require.ErrorContains(t, err, n.Name(), "strict")
				}
				require.NoError(t, m.Close())
			}
		})
	}
}

// run runs the graph, and again with other inputs.
func (c *typed) run(t *testing.T, m gorgonia.VM, machine string) {
	t.Helper()
	require.NoError(t, m.RunAll(), machine)
	kept := make([]gorgonia.Value, len(c.want))
	for i, w := range c.want {
		kept[i] = w.node.Value()
		require.Equal(t, w.data, kept[i].Data(), "%s on %s", w.node.Name(), machine)
	}
	if c.next == nil {
		return
	}
	c.next()
	m.Reset()
	require.NoError(t, m.RunAll(), machine)
	for _, w := range c.then {
		require.Equal(t, w.data, w.node.Value().Data(), "%s on %s", w.node.Name(), machine)
	}
	for i, w := range c.want {
		if machine != "tape" { // a TapeMachine overwrites published values
			require.Equal(t, w.data, kept[i].Data(), "a kept value of %s changed", w.node.Name())
		}
	}
}

func (on Machine) statementsAndWatchesTakeEveryType(t *testing.T) {
	c := &typed{g: gorgonia.NewGraph()}
	i := c.in("i", []int{1, 2}, 2)
	x := c.in("x", []float32{1, 2}, 2)
	y := c.in("y", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 8)
	doubled := c.must(gorgonia.Add(i, i))
	var read gorgonia.Value
	gorgonia.Read(doubled, &read)
	gorgonia.Set(i, doubled)
	root := c.must(gorgonia.Sqrt(x))
	c.grad(c.must(gorgonia.Sum(root)), x)
	c.must(gorgonia.Square(y))
	m := on.New(c.g, gorgonia.BindDualValues(x), gorgonia.WithNaNWatch())
	defer m.Close()
	for run := 1; run <= 2; run++ {
		require.NoError(t, m.RunAll())
		require.Equal(t, []int{2 * run, 4 * run}, read.Data(), "i holds the value that was read")
		d, err := x.Grad()
		require.NoError(t, err)
		require.InDelta(t, .5*float64(run), d.Data().([]float32)[0], 1e-6, "gradients add up")
		m.Reset()
	}
	bind(x, []float32{-1, 2})
	require.ErrorContains(t, m.RunAll(), root.Name(), "not a number")

	watching := on.With(Settings{Watch: true}).New(c.g)
	defer watching.Close()
	require.ErrorContains(t, watching.RunAll(), "NaN at [0] of sqrt")
}

func (on Machine) aWrongResultOfAHostOpOfAnotherTypeIsAnError(t *testing.T) {
	for want, do := range map[string]func(gorgonia.Value) (gorgonia.Value, error){
		"int, the graph says bool": func(gorgonia.Value) (gorgonia.Value, error) { return tensor.New(tensor.WithBacking([]int{1, 2})), nil },
		"3 elements": func(gorgonia.Value) (gorgonia.Value, error) {
			return tensor.New(tensor.WithBacking([]bool{true, true, true})), nil
		},
		"nothing": func(gorgonia.Value) (gorgonia.Value, error) { return nil, nil },
	} {
		c := &typed{g: gorgonia.NewGraph()}
		y := c.must(gorgonia.ApplyOp(triple{do}, c.in("b", []bool{true, false}, 2)))
		m := on.New(c.g)
		err := m.RunAll()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, y.Name())
		require.NoError(t, m.Close())
	}
}
