package lower

import "fmt"

// Cell names a recurrent cell.
type Cell uint8

// The cells. x wx, h wh and bias consist of blocks of H columns, which the formulas
// count from 0.
const (
	// CellLSTM is the long short-term memory of Hochreiter and Schmidhuber (1997)
	// with the forget gate of Gers et al. (2000), without peepholes. With z the sum
	// of x wx, h wh and bias,
	//
	//	i, f, o = sigmoid(z0), sigmoid(z1), sigmoid(z3)   g = tanh(z2)
	//	c' = f c + i g                                    h' = o tanh(c')
	//
	// It saves c and then i, f, g, o.
	CellLSTM Cell = iota
	// CellGRU is the gated recurrent unit of Cho et al. (2014) with the reset gate
	// after the product, as in cuDNN and PyTorch. Its bias has a fourth block, which
	// belongs to the state's projection:
	//
	//	r, u = sigmoid(x wx + h wh + bias), blocks 0 and 1
	//	q = (h wh)2 + bias3   n = tanh((x wx)2 + bias2 + r q)
	//	h' = n + u (h - n)
	//
	// It saves r, u, q, n.
	CellGRU

	// CellRNN is the plain recurrence of Elman (1990), h' = tanh(x wx + h wh + bias).
	// It saves h'.
	CellRNN

	Cells = iota // their number
)

// cells describes each cell. To add a cell, add a constant and a row here.
var cells = [...]CellStep{
	CellLSTM: lstmStep(),
	CellGRU:  gruStep(),
	CellRNN:  rnnStep(),
}

// CellStep is what a cell computes in one step, for one unit of one sample. Its
// values are numbered in this order, and its expressions read them by Arg: the gates'
// projections (first the input's, then the state's, if SplitProjections; else their
// sums), the biases, the states before the step, and the results of Steps.
type CellStep struct {
	Name             string
	Gates            int  // columns of wx and wh, in units of H
	SplitProjections bool // the cell reads the input's and the state's projections separately
	Biases           int  // elements of the bias, in units of H
	Steps            []Expr
	// NextStates are the values that are the states after the step: first h. Saved
	// are the values that the gradient also reads. Each result of Steps is in one of
	// the two.
	NextStates, Saved []int
}

func lstmStep() CellStep {
	c := CellStep{Name: "lstm", Gates: 4, Biases: 4}
	z := func(g int) Expr { return Arg(c.Gate(g)).Add(Arg(c.Bias(g))) }
	c.NextStates = make([]int, 2) // sets the number of states, on which Step depends
	i, f, g, o := c.Step(0), c.Step(1), c.Step(2), c.Step(3)
	after, h := c.Step(4), c.Step(5)
	c.Steps = []Expr{
		Sigmoid(z(0)), Sigmoid(z(1)), Tanh(z(2)), Sigmoid(z(3)),
		Arg(f).Mul(Arg(c.State(1))).Add(Arg(i).Mul(Arg(g))),
		Arg(o).Mul(Tanh(Arg(after))),
	}
	c.NextStates, c.Saved = []int{h, after}, []int{i, f, g, o}
	return c
}

func gruStep() CellStep {
	c := CellStep{Name: "gru", Gates: 3, SplitProjections: true, Biases: 4, NextStates: make([]int, 1)}
	x := func(g int) Expr { return Arg(c.Gate(g)).Add(Arg(c.Bias(g))) }
	r, u, q, n := c.Step(0), c.Step(1), c.Step(2), c.Step(3)
	c.Steps = []Expr{
		Sigmoid(x(0).Add(Arg(c.GateOfState(0)))),
		Sigmoid(x(1).Add(Arg(c.GateOfState(1)))),
		Arg(c.GateOfState(2)).Add(Arg(c.Bias(3))),
		Tanh(x(2).Add(Arg(r).Mul(Arg(q)))),
		Arg(n).Add(Arg(u).Mul(Arg(c.State(0)).Sub(Arg(n)))),
	}
	c.NextStates, c.Saved = []int{c.Step(4)}, []int{r, u, q, n}
	return c
}

func rnnStep() CellStep {
	c := CellStep{Name: "rnn", Gates: 1, Biases: 1, NextStates: make([]int, 1)}
	h := c.Step(0)
	c.Steps = []Expr{Tanh(Arg(c.Gate(0)).Add(Arg(c.Bias(0)))), Arg(h)}
	c.NextStates, c.Saved = []int{c.Step(1)}, []int{h}
	return c
}

// Step returns what the cell computes in one step.
func (c Cell) Step() CellStep { return cells[c] }

// String returns the cell's name in listings.
func (c Cell) String() string {
	if int(c) >= len(cells) {
		return fmt.Sprintf("cell %d", uint8(c))
	}
	return cells[c].Name
}

// Gate is the value of gate g's projection: the input's if SplitProjections, else the
// sum.
func (c CellStep) Gate(g int) int { return g }

// GateOfState is the value of the state's projection for gate g.
func (c CellStep) GateOfState(g int) int {
	if c.SplitProjections {
		return c.Gates + g
	}
	return g
}

// Bias is the value of the b-th block of the bias.
func (c CellStep) Bias(b int) int { return c.GateOfState(c.Gates-1) + 1 + b }

// State is the value of the s-th state before the step.
func (c CellStep) State(s int) int { return c.Bias(c.Biases) + s }

// Step is the value of the result of Steps[k].
func (c CellStep) Step(k int) int { return c.State(len(c.NextStates)) + k }

// Values is the number of values of the step.
func (c CellStep) Values() int { return c.Step(len(c.Steps)) }

// CellGrad is the gradient of a CellStep. Its expressions read the values of the
// CellStep, then the gradients of the states after the step, and then the results of
// its own Steps.
type CellGrad struct {
	Steps []Expr
	// Of has, for each value of the CellStep before its steps' results, the number of
	// the value that is its gradient; -1 if nothing depends on it.
	Of []int
}

// NextStateGrad is the value of the gradient of the s-th state after the step.
func (c CellStep) NextStateGrad(s int) int { return c.Values() + s }

// GradStep is the value of the k-th of CellGrad's Steps.
func (c CellStep) GradStep(k int) int { return c.NextStateGrad(len(c.NextStates)) + k }

// Grad derives the gradient by the chain rule, from the last step back to the first.
func (c CellStep) Grad() CellGrad {
	var g CellGrad
	numbers := map[string]int{} // by expression: its value
	number := func(e Expr) int {
		text := e.String()
		v, ok := numbers[text]
		if !ok {
			v = c.GradStep(len(g.Steps))
			g.Steps = append(g.Steps, e)
			numbers[text], numbers[Arg(v).String()] = v, v
		}
		return v
	}
	of := make([]Expr, c.Values()) // by value: its gradient so far
	for s, v := range c.NextStates {
		of[v] = Arg(c.NextStateGrad(s))
	}
	for k := len(c.Steps) - 1; k >= 0; k-- {
		v, e := c.Step(k), c.Steps[k]
		if !of[v].Valid() {
			continue
		}
		dv := Arg(number(of[v]))
		for i := range v {
			if !e.Reads(i) {
				continue
			}
			d := productOf(e.Diff(i).Replace(e, Arg(v)), dv)
			if of[i].Valid() {
				d = sumOf(of[i], d)
			}
			of[i] = d
		}
	}
	for _, e := range of[:c.Step(0)] {
		if !e.Valid() {
			g.Of = append(g.Of, -1)
			continue
		}
		g.Of = append(g.Of, number(e))
	}
	return g
}
