// Nested lists of numbers in JSON.

package serve

import (
	"fmt"
	"strconv"
)

// deepest is how deep lists can be nested.
const deepest = 16

// numbers reads nested lists of numbers from JSON that is well formed. name is what errors
// call them.
func numbers(name string, raw []byte) (values []float32, shape []int, err error) {
	p := nest{name: name, raw: raw, rank: -1}
	if err := p.read(); err != nil {
		return nil, nil, err
	}
	return p.values, p.shape, nil
}

type nest struct {
	name   string
	raw    []byte
	at     int
	index  []int // of what is read
	values []float32
	shape  []int // -1 until the first list of that depth ends
	rank   int   // -1 before the first number
}

// where names what is read, such as x[3][0].
func (p *nest) where() string {
	text := p.name
	for _, i := range p.index {
		text += "[" + strconv.Itoa(i) + "]"
	}
	return text
}

func (p *nest) space() {
	for p.at < len(p.raw) && (p.raw[p.at] == ' ' || p.raw[p.at] == '\n' || p.raw[p.at] == '\t' || p.raw[p.at] == '\r') {
		p.at++
	}
}

// read reads a list or a number.
func (p *nest) read() error {
	p.space()
	if p.at < len(p.raw) && p.raw[p.at] == '[' {
		return p.list()
	}
	return p.number()
}

func (p *nest) list() error {
	depth := len(p.index)
	switch {
	case depth == deepest:
		return fmt.Errorf("%s is nested more than %d lists deep", p.name, deepest)
	case p.rank >= 0 && depth >= p.rank:
		return fmt.Errorf("%s is a list where those before it are numbers", p.where())
	case depth == len(p.shape):
		p.shape = append(p.shape, -1)
	}
	p.at++
	p.index = append(p.index, 0)
	n := 0
	for p.space(); p.raw[p.at] != ']'; p.space() {
		if p.raw[p.at] == ',' {
			p.at++
			continue
		}
		p.index[depth] = n
		if err := p.read(); err != nil {
			return err
		}
		n++
	}
	p.at++
	p.index = p.index[:depth]
	if want := p.shape[depth]; want >= 0 && n != want {
		return fmt.Errorf("%s has %d elements where those before it have %d", p.where(), n, want)
	}
	p.shape[depth] = n
	return nil
}

func (p *nest) number() error {
	start := p.at
	for p.at < len(p.raw) && p.raw[p.at] != ',' && p.raw[p.at] != ']' && p.raw[p.at] > ' ' {
		p.at++
	}
	text := p.raw[start:p.at]
	if len(text) == 0 || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return fmt.Errorf("%s is %.20s, not a number", p.where(), text)
	}
	if p.rank < 0 {
		p.rank = len(p.index)
	}
	if len(p.index) != p.rank || len(p.shape) != p.rank {
		return fmt.Errorf("%s is a number where those before it are lists", p.where())
	}
	v, err := strconv.ParseFloat(string(text), 32)
	if err != nil {
		return fmt.Errorf("%s is %.40s, which is no finite number of 32 bits", p.where(), text)
	}
	p.values = append(p.values, float32(v))
	return nil
}

// appendNested appends values as nested lists of a shape, or a number if it is empty. It
// returns the values that are left.
func appendNested(b []byte, values []float32, shape []int) ([]byte, []float32) {
	if len(shape) == 0 {
		return strconv.AppendFloat(b, float64(values[0]), 'g', -1, 32), values[1:]
	}
	b = append(b, '[')
	for i := range shape[0] {
		if i > 0 {
			b = append(b, ',')
		}
		b, values = appendNested(b, values, shape[1:])
	}
	return append(b, ']'), values
}
