package graph_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// fault is a case in which Gorgonia 0.9.18 is wrong and our op is right. theirs and
// ours compute the results; want is the correct one.
type fault struct {
	name   string
	want   []float64
	theirs func(t *testing.T) []float64
	ours   func(t *testing.T, b *graph.Builder) *graph.Node
}

// TestOpsAreRightWhereGorgoniaIsWrong compares each fault with our op.
func TestOpsAreRightWhereGorgoniaIsWrong(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
			n := f.ours(t, b)
			require.InDeltaSlice(t, f.want, run(t, b, nil, n)(n), 1e-9, "ours")
			if f.theirs == nil {
				return // Gorgonia does not build the graph, or kills the process: see the tests below
			}
			theirs := f.theirs(t)
			t.Logf("want %v, Gorgonia's %v", f.want, theirs)
			require.False(t, near(f.want, theirs), "Gorgonia is right: remove the fault")
		})
	}
}

func near(x, y []float64) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !(math.Abs(x[i]-y[i]) <= 1e-9) {
			return false
		}
	}
	return true
}

// input adds a parameter with the given values to our graph.
func input(t *testing.T, b *graph.Builder, shape []int, v ...float64) *graph.Node {
	n := b.Param(b.Unique("x"), from(v...), shape...)
	require.NoError(t, b.Err())
	return n
}

// runGorgonia runs a graph of Gorgonia's own ops over one input, and returns the value
// of the node that build returns.
func runGorgonia(build func(x *graph.Node) (*graph.Node, error), shape []int, v ...float64) func(*testing.T) []float64 {
	return func(t *testing.T) []float64 {
		g := gorgonia.NewGraph()
		x := gorgonia.NewTensor(g, tensor.Float64, len(shape), gorgonia.WithName("x"), gorgonia.WithShape(shape...),
			gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float64(nil), v...)))))
		n, err := build(x)
		if err != nil {
			t.Logf("Gorgonia: %v", err)
			return nil
		}
		m := gorgonia.NewTapeMachine(g)
		defer m.Close()
		if err := m.RunAll(); err != nil {
			t.Logf("Gorgonia: %v", err)
			return nil
		}
		return valueOf(t, n)
	}
}

// valueOf is the value of a node of Gorgonia's graph.
func valueOf(t *testing.T, n *graph.Node) []float64 {
	t.Helper()
	x, err := value.Of(n)
	require.NoError(t, err)
	return x
}

// gradOf differentiates the sum of the node that build returns.
func gradOf(build func(x *graph.Node) (*graph.Node, error)) func(x *graph.Node) (*graph.Node, error) {
	return func(x *graph.Node) (n *graph.Node, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		y, err := build(x)
		if err != nil {
			return nil, err
		}
		loss, err := gorgonia.Sum(y)
		if err != nil {
			return nil, err
		}
		gs, err := gorgonia.Grad(loss, x)
		if err != nil {
			return nil, err
		}
		return gs[0], nil
	}
}

func faults() []fault {
	shape4 := []int{2, 3, 4, 5}
	count := make([]float64, 120)
	sums := make([]float64, 30) // over axis 2
	maxs := make([]float64, 30)
	for i := range count {
		count[i] = float64(i * i % 17)
		at := i/20*5 + i%5
		sums[at] += count[i]
		maxs[at] = max(maxs[at], count[i])
	}
	return []fault{
		{"cross entropy at certain predictions", []float64{0, 0},
			runGorgonia(func(x *graph.Node) (*graph.Node, error) {
				target := gorgonia.NewVector(x.Graph(), tensor.Float64, gorgonia.WithName("target"), gorgonia.WithShape(2),
					gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{0, 1}))))
				return gorgonia.BinaryXent(x, target)
			}, []int{2}, 0, 1),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				// Certain predictions have large logits, for which our op is exact.
				return b.BCEWithLogitsPerSample(input(t, b, []int{2, 1}, -1000, 1000), input(t, b, []int{2, 1}, 0, 1))
			}},
		{"sum over a middle axis of four", sums,
			runGorgonia(func(x *graph.Node) (*graph.Node, error) { return gorgonia.Sum(x, 2) }, shape4, count...),
			func(t *testing.T, b *graph.Builder) *graph.Node { return b.Sum(input(t, b, shape4, count...), 2) }},
		{"maximum over a middle axis of four", maxs,
			runGorgonia(func(x *graph.Node) (*graph.Node, error) { return gorgonia.Max(x, 2) }, shape4, count...),
			func(t *testing.T, b *graph.Builder) *graph.Node { return b.Max(input(t, b, shape4, count...), 2) }},
		{"softmax of rows of different magnitude", []float64{1, 0, 0, softmax(0, 1, 2)[0], softmax(0, 1, 2)[1], softmax(0, 1, 2)[2]},
			runGorgonia(func(x *graph.Node) (*graph.Node, error) { return gorgonia.SoftMax(x, 1) }, []int{2, 3}, 1000, 1, 2, 0, 1, 2),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				return b.Softmax(input(t, b, []int{2, 3}, 1000, 1, 2, 0, 1, 2), 1)
			}},
		{"softmax and its logarithm of one input", []float64{softmax(1, 2, 3)[0] + math.Log(softmax(1, 2, 3)[0]), softmax(1, 2, 3)[1] + math.Log(softmax(1, 2, 3)[1]), softmax(1, 2, 3)[2] + math.Log(softmax(1, 2, 3)[2])},
			runGorgonia(func(x *graph.Node) (*graph.Node, error) {
				return gorgonia.Add(gorgonia.Must(gorgonia.SoftMax(x, 1)), gorgonia.Must(gorgonia.LogSoftMax(x, 1)))
			}, []int{1, 3}, 1, 2, 3),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{1, 3}, 1, 2, 3)
				return b.Add(b.Softmax(x, 1), b.LogSoftmax(x, 1))
			}},
		{"gradient of the inverse square root", []float64{-0.5 * math.Pow(4, -1.5), -0.5 * math.Pow(9, -1.5)},
			runGorgonia(gradOf(gorgonia.InverseSqrt), []int{2}, 4, 9),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{2}, 4, 9)
				return b.Grad(b.Sum(b.Map(lower.Num(1).Div(lower.Sqrt(lower.Arg(0))), x)), x)[0]
			}},
		{"gradient of the logarithm to base 2", []float64{1 / (4 * math.Ln2), 1 / (9 * math.Ln2)},
			runGorgonia(gradOf(gorgonia.Log2), []int{2}, 4, 9),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{2}, 4, 9)
				return b.Grad(b.Sum(b.Scale(b.Log(x), 1/math.Ln2)), x)[0]
			}},
		{"logarithm of a sum of exponentials", []float64{3 + math.Log(1+math.Exp(-1)+math.Exp(-2))},
			runGorgonia(func(x *graph.Node) (n *graph.Node, err error) {
				defer func() {
					if r := recover(); r != nil {
						err = fmt.Errorf("panic: %v", r)
					}
				}()
				return gorgonia.LogSumExp(x, 1)
			}, []int{1, 3}, 1, 2, 3),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{1, 3}, 1, 2, 3)
				most := b.MaxKeep(x, 1)
				return b.Sum(b.Add(b.Log(b.SumKeep(b.Exp(b.Sub(x, most)), 1)), most), 1)
			}},
		{"gradient of average pooling", []float64{.25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25},
			runGorgonia(gradOf(func(x *graph.Node) (*graph.Node, error) {
				return gorgonia.AveragePool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
			}), []int{1, 1, 4, 4}, upTo(16)...),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{1, 1, 4, 4}, upTo(16)...)
				return b.Grad(b.Sum(graph.AvgPool2D{Size: graph.Pair{2, 2}}.Apply(b, x)), x)[0]
			}},
		{"average pooling of a padded image", []float64{0, 1, 2, 3},
			runGorgonia(func(x *graph.Node) (*graph.Node, error) {
				return gorgonia.AveragePool2D(x, tensor.Shape{2, 2}, []int{1, 1}, []int{2, 2})
			}, []int{1, 1, 2, 2}, upTo(4)...),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				return graph.AvgPool2D{Size: graph.Pair{2, 2}, Margins: graph.Margins{Top: 1, Bottom: 1, Left: 1, Right: 1}}.Apply(b, input(t, b, []int{1, 1, 2, 2}, upTo(4)...))
			}},
		{"gradient of global average pooling", []float64{0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25},
			nil,
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{1, 2, 2, 2}, upTo(8)...)
				return b.Grad(b.Sum(b.Mean(x, 2, 3)), x)[0]
			}},
		{"weights read through a reshape", []float64{1, 2, 3, 4},
			func(t *testing.T) []float64 {
				var w *graph.Node
				runGorgonia(func(x *graph.Node) (*graph.Node, error) {
					w = x
					flat := gorgonia.Must(gorgonia.Reshape(x, tensor.Shape{4}))
					return gorgonia.HadamardProd(flat, flat)
				}, []int{2, 2}, 1, 2, 3, 4)(t)
				return valueOf(t, w)
			},
			func(t *testing.T, b *graph.Builder) *graph.Node {
				w := b.Param("w", from(1, 2, 3, 4), 2, 2)
				b.Output("square", b.Square(b.Reshape(w, 4)))
				return w
			}},
		{"gradient of a second cost", []float64{30, 40},
			runGorgonia(func(x *graph.Node) (*graph.Node, error) {
				square := gorgonia.Must(gorgonia.Square(x))
				if _, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(square)), x); err != nil {
					return nil, err
				}
				five := gorgonia.NewConstant(5.0)
				gs, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Mul(square, five)))), x)
				if err != nil {
					return nil, err
				}
				return gs[0], nil
			}, []int{2}, 3, 4),
			func(t *testing.T, b *graph.Builder) *graph.Node {
				x := input(t, b, []int{2}, 3, 4)
				square := b.Square(x)
				b.Output("first", b.Grad(b.Sum(square), x)[0])
				return b.Grad(b.Sum(b.Scale(square, 5)), x)[0]
			}},
	}
}

func upTo(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i)
	}
	return v
}

func softmax(x ...float64) []float64 {
	sum := 0.0
	for i, v := range x {
		x[i] = math.Exp(v)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
	return x
}

// The gradient of a dropout uses the mask of that dropout. Two dropouts of one input
// draw two masks.
func TestDropoutIsRightWhereGorgoniaIsWrong(t *testing.T) {
	const n, rate = 1000, 0.25
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	g := gorgonia.NewGraph()
	x := gorgonia.NewTensor(g, tensor.Float64, 1, gorgonia.WithName("x"), gorgonia.WithShape(n), gorgonia.WithValue(tensor.New(tensor.WithShape(n), tensor.WithBacking(append([]float64(nil), ones...)))))
	first, second := gorgonia.Must(gorgonia.Dropout(x, rate)), gorgonia.Must(gorgonia.Dropout(x, rate))
	require.Same(t, first, second, "Gorgonia draws two masks: remove the fault")
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(first)), x)
	require.NoError(t, err)
	grad := grads[0]
	m := gorgonia.NewTapeMachine(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	require.False(t, near(valueOf(t, first), valueOf(t, grad)), "Gorgonia's gradient is right: remove the fault")

	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true, Seed: 1})
	ours := input(t, b, []int{n, 1}, ones...)
	one := graph.Dropout{Rate: rate}.Apply(b.Scope("one"), ours)
	two := graph.Dropout{Rate: rate}.Apply(b.Scope("two"), ours)
	slope := b.Grad(b.Sum(one), ours)[0]
	require.NoError(t, b.Err())
	floats := run(t, b, nil, one, two, slope)
	require.Equal(t, floats(one), floats(slope), "with an operand of ones, the result and the gradient are the mask divided by 1-rate")
	require.NotEqual(t, floats(one), floats(two))
}

// Gorgonia silently merges inputs with the same name; here it is an error.
func TestInputsWithTheSameNameAreErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))
	require.Same(t, x, gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2)))
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	b.Input("x", 2)
	b.Input("x", 2)
	require.ErrorContains(t, b.Err(), "taken")
}

// On a window of NaN, Gorgonia panics in a goroutine it starts, where the panic cannot
// be recovered. So the test runs it in a separate process.
func TestMaxPoolOfNaN(t *testing.T) {
	nan := math.NaN()
	if os.Getenv("STHENO_TEST_CRASH") != "" {
		runGorgonia(gradOf(func(x *graph.Node) (*graph.Node, error) {
			return gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
		}), []int{1, 1, 2, 2}, nan, nan, nan, nan)(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMaxPoolOfNaN$")
	cmd.Env = append(os.Environ(), "STHENO_TEST_CRASH=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "Gorgonia does not crash: remove the fault")
	require.Contains(t, string(out), "panic")

	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := input(t, b, []int{1, 1, 2, 2}, nan, nan, nan, nan)
	y := graph.MaxPool2D{Size: graph.Pair{2, 2}}.Apply(b, x)
	g := b.Grad(b.Sum(y), x)[0]
	require.NoError(t, b.Err())
	floats := run(t, b, nil, y, g)
	require.True(t, math.IsNaN(floats(y)[0]))
	require.Equal(t, []float64{1, 0, 0, 0}, floats(g), "the first maximum takes the gradient")
}

// Gorgonia has data races on its constants when two graphs are built concurrently. The
// builder holds a lock.
func TestGraphsAreBuiltConcurrently(t *testing.T) {
	done := make(chan error)
	for range 4 {
		go func() {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			w := b.Param("w", nil, 8)
			for range 20 {
				b.Grad(b.Sum(b.Square(b.AddConst(w, 1))), w)
			}
			done <- b.Err()
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
}
