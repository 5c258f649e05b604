package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// channels is an operand that has one number for each channel, or one for all.
type channels struct {
	from  externalOperand
	pixel kernel.Image // that has these channels
	one   []float32    // by channel
	row   []float32    // for each of some pixels side by side; nil for none
}

// widen asks for the numbers of so many pixels side by side.
func (c *channels) widen(pixels int) { c.row = make([]float32, pixels*c.pixel.Pixel()) }

// values returns the number for each channel; of no operand, nil.
func (c *channels) values() []float32 {
	if c == nil {
		return nil
	}
	return c.one
}

func (c *channels) prepare(in []lower.Array[float32]) {
	a := c.from.array(in)
	for i := range c.one {
		c.one[i] = a.Data[a.Off+i*a.Strides[1]]
	}
	for i := 0; i < len(c.row); i += c.pixel.Pixel() {
		c.pixel.AtPixel(c.row[i:], c.one)
	}
}

// channels returns an operand that has one number for each channel, or nil if
// it is something else.
func (b *regionBuilder) channels(v lower.Value) *channels {
	l := b.layouts[v]
	if b.buffers[v] != nil || int(l.Root) >= b.body.Inputs() || l.Strides[0] != 0 || l.Strides[2] != 0 || l.Strides[3] != 0 {
		return nil
	}
	c := &channels{from: b.external(v), pixel: b.image(v), one: make([]float32, l.Shape[1])}
	b.prologues = append(b.prologues, c)
	return c
}

// biasAndReLU returns the bias and whether there is a ReLU, if an elementwise
// step that adds nothing else is the only one to read the value; what that makes
// is then computed in its stead.
func (b *regionBuilder) biasAndReLU(v lower.Value) (bias *channels, relu bool, out lower.Value) {
	step, m, ok := b.soleReader(v)
	if !ok {
		return nil, false, v
	}
	s := b.body.Steps()[step]
	e := m.Expr
	if relu = isReLU(e); relu {
		e = e.Operands()[0]
	}
	args := []lower.Expr{e}
	if e.Fn() == lower.FnAdd {
		args = e.Operands()
	}
	for _, a := range args {
		if a.Fn() != lower.FnArg {
			return nil, false, v
		}
		if operand := s.In[a.Index()]; operand != v {
			if bias != nil {
				return nil, false, v
			}
			if bias = b.channels(operand); bias == nil {
				return nil, false, v
			}
		}
	}
	if len(args) == 2 && bias == nil || len(args) == 1 && !relu {
		return nil, false, v
	}
	b.done[step] = true
	return bias, relu, s.Out[0]
}
