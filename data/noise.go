// Noise: values that change each by itself.

package data

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Noise adds a normal number of mean 0 to each value of its fields, which may have any shape. Each field gets the same
// numbers.
type Noise struct {
	Fields    []string // none: "x"
	Deviation float64  // standard deviation, above 0
	// Min and Max bound the result if Max is above Min: [0, 1] for images under a loss that wants that range.
	Min, Max float32
}

func (a Noise) prepare(in *layout) (change, error) {
	at, err := numbers(in, a.Fields)
	if err != nil {
		return nil, err
	}
	if !(a.Deviation > 0) || math.IsInf(a.Deviation, 0) {
		return nil, fmt.Errorf("the Deviation is %g: want a number above 0", a.Deviation)
	}
	bounded := a.Max > a.Min
	if !bounded && (a.Min != 0 || a.Max != 0) {
		return nil, fmt.Errorf("the Min is %g and Max is %g: want Min below Max, or both 0 for no bounds", a.Min, a.Max)
	}
	var g splitMix
	r := rand.New(&g)
	return func(b *Batch, d draws) error {
		for i := range b.N {
			for _, f := range at {
				g = d.of(i)
				values := b.at(i)[f]
				for k, v := range values {
					values[k] = v + float32(a.Deviation*r.NormFloat64())
				}
				if bounded {
					for k, v := range values {
						values[k] = min(max(v, a.Min), a.Max)
					}
				}
			}
		}
		return nil
	}, nil
}

// SaltAndPepper sets some values of its fields, which may have any shape, to Salt or to Pepper, each as often as the
// other. Each field loses the same values.
type SaltAndPepper struct {
	Fields       []string // none: "x"
	Fraction     float64  // probability that a value is set, 0 to 1
	Pepper, Salt float32  // both 0: 0 and 1
}

func (a SaltAndPepper) prepare(in *layout) (change, error) {
	at, err := numbers(in, a.Fields)
	if err != nil {
		return nil, err
	}
	if err := probability("Fraction", a.Fraction); err != nil {
		return nil, err
	}
	if a.Pepper == 0 && a.Salt == 0 {
		a.Salt = 1
	}
	below := uint64(math.Round(a.Fraction * (1 << 31)))
	colours := [2]float32{a.Pepper, a.Salt}
	return func(b *Batch, d draws) error {
		for i := range b.N {
			for _, f := range at {
				g := d.of(i)
				values := b.at(i)[f]
				var u uint64
				for k := range values {
					// Half of the bits are for this value: 31 decide, one is the colour.
					if u >>= 32; k%2 == 0 {
						u = g.next()
					}
					if u>>1&(1<<31-1) < below {
						values[k] = colours[u&1]
					}
				}
			}
		}
		return nil
	}, nil
}

// numbers are the places of fields whose values may change: those of classes may not.
func numbers(in *layout, fields []string) ([]int, error) {
	at, err := chosen(in, fields)
	if err != nil {
		return nil, err
	}
	for _, k := range at {
		if in.fields[k].Classes > 0 {
			return nil, fmt.Errorf("field %s is of classes: %w", in.fields[k], errClasses)
		}
	}
	return at, nil
}

var errClasses = errors.New("leave it out, or make it one-hot by OneHot")
