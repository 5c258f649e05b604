package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// channels is an operand with one number per channel, or one number for all channels.
type channels struct {
	from  externalOperand
	pixel kernel.Image // an image with these channels
	one   []float32    // by channel
	row   []float32    // repeated for some adjacent pixels; nil if not requested
}

// widen requests the numbers of the given number of adjacent pixels.
func (c *channels) widen(pixels int) { c.row = make([]float32, pixels*c.pixel.Pixel()) }

// values returns one number per channel, or nil if c is nil.
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

// channels returns an operand that has one number per channel, or nil if it has not.
func (b *regionBuilder) channels(v lower.Value) *channels {
	l := b.layouts[v]
	if b.buffers[v] != nil || int(l.Root) >= b.body.Inputs() || !l.PerChannel() {
		return nil
	}
	c := &channels{from: b.external(v), pixel: b.image(v), one: make([]float32, l.Shape[1])}
	b.prologues = append(b.prologues, c)
	return c
}

// biasAndReLU looks for an elementwise step that alone reads v and adds a bias,
// applies a ReLU, or both. It returns the bias, whether there is a ReLU, and the
// step's result. The caller computes that result in place of v. If there is no such
// step, the result is v.
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
