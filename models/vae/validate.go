package vae

import (
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Conv != nil {
		if err := c.Conv.validate(c.Input); err != nil {
			return err
		}
	}
	if err := c.validateLikelihood(); err != nil {
		return err
	}
	switch {
	case c.Input < 1:
		return fmt.Errorf("vae: Input is %d, want at least 1", c.Input)
	case c.Latent < 1:
		return fmt.Errorf("vae: Latent is %d, want at least 1", c.Latent)
	case c.Classes < 0:
		return fmt.Errorf("vae: Classes is %d, want the number of classes, or 0 for none", c.Classes)
	case c.Condition < 0:
		return fmt.Errorf("vae: Condition is %d, want the number of values, or 0 for none", c.Condition)
	case len(c.LogVar) != 2 || !(c.LogVar[0] < c.LogVar[1]) || math.IsInf(c.LogVar[1]-c.LogVar[0], 0):
		return fmt.Errorf("vae: LogVar is %v, want two finite numbers, the lower one first, or nil for -30, 20", c.LogVar)
	}
	for _, weight := range []struct {
		name  string
		value float64
	}{{"Beta", *c.Beta}, {"Capacity", deref(c.Capacity)}, {"FreeBits", c.FreeBits}} {
		if !finiteFrom0(weight.value) {
			return fmt.Errorf("vae: %s is %g, want a finite number, at least 0", weight.name, weight.value)
		}
	}
	for _, layers := range []struct {
		name  string
		sizes []int
	}{{"Hidden", c.Hidden}, {"Decoder", c.Decoder}} {
		for i, units := range layers.sizes {
			if units < 1 {
				return fmt.Errorf("vae: %s[%d] is %d, want at least 1", layers.name, i, units)
			}
		}
	}
	if err := c.Activation.Check(); err != nil {
		return fmt.Errorf("vae: Activation: %w", err)
	}
	return nil
}

// maxLevels are those of 16 bits.
const maxLevels = 1 << 16

// validateLikelihood checks the settings of p(x|z).
func (c Config) validateLikelihood() error {
	switch {
	case !finiteFrom0(c.Scale):
		return fmt.Errorf("vae: Scale is %g, want a finite number above 0, or 0 for 1", c.Scale)
	case c.Levels < 2 || c.Levels > maxLevels:
		return fmt.Errorf("vae: Levels is %d, want from 2 to %d, or 0 for 256", c.Levels, maxLevels)
	case len(c.Blocks) == 0:
		if err := c.Likelihood.check(); err != nil {
			return fmt.Errorf("vae: Likelihood: %w", err)
		}
		return nil
	case c.Likelihood != "":
		return fmt.Errorf("vae: Likelihood is %q, but Blocks have theirs: leave Likelihood empty", c.Likelihood)
	case c.Conv != nil:
		return errors.New("vae: there are both Conv and Blocks: blocks are columns of a table, so leave Conv at nil")
	}
	columns := 0
	for i, k := range c.Blocks {
		if err := k.Likelihood.check(); err != nil {
			return fmt.Errorf("vae: Blocks[%d].Likelihood: %w", i, err)
		}
		if k.Size < 1 {
			return fmt.Errorf("vae: Blocks[%d].Size is %d, want at least 1, or 0 for 1", i, k.Size)
		}
		if k.Likelihood == GaussianShared {
			return fmt.Errorf("vae: Blocks[%d].Likelihood is %q, which is for all values of a sample: want %q or %q", i, k.Likelihood, Gaussian, GaussianLearned)
		}
		columns += k.Size
	}
	if c.Input != columns {
		return fmt.Errorf("vae: Input is %d, but Blocks have %d columns: leave Input at 0", c.Input, columns)
	}
	return nil
}

func finiteFrom0(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

// deref is *v, or 0 if v is nil.
func deref(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func (v Conv) validate(input int) error {
	if len(v.Shape) != 3 {
		return fmt.Errorf("vae: Conv.Shape is %v, want channels, rows and columns", v.Shape)
	}
	shape := graph.Shape(v.Shape)
	if err := shape.Check(); err != nil {
		return fmt.Errorf("vae: Conv.Shape: %w", err)
	}
	if input != shape.Size() {
		return fmt.Errorf("vae: Input is %d, but Conv.Shape %v has %d values: leave Input at 0", input, shape, shape.Size())
	}
	if len(v.Channels) == 0 {
		return errors.New("vae: Conv.Channels is empty: list the channels of at least one convolution, or set nil for 32, 64")
	}
	for i, channels := range v.Channels {
		if channels < 1 {
			return fmt.Errorf("vae: Conv.Channels[%d] is %d, want at least 1", i, channels)
		}
	}
	if v.Kernel < 1 {
		return fmt.Errorf("vae: Conv.Kernel is %d, want at least 1", v.Kernel)
	}
	return nil
}
