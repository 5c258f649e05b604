package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

// sequenceFlags adds the flags of texts and music. The function that it returns fills them in.
func sequenceFlags(c *cobra.Command, g *recipe.Generation) (fill func()) {
	var temperature float64
	c.Flags().Float64Var(&temperature, "temperature", 1, "of texts and music: below 1, what is likely becomes more so; 0 takes the most likely (default 1, or 0 for a walk)")
	c.Flags().Lookup("temperature").DefValue = "0" // the usage has said it
	c.Flags().IntVar(&g.Steps, "steps", 0, "length of music (default 64, or that of the model if it is less)")
	return func() {
		if c.Flags().Changed("temperature") {
			g.Temperature = &temperature
		}
	}
}

// generateSequences generates texts or music if the run is of those: ok is false if it is not.
func (a *app) generateSequences(ctx context.Context, run *recipe.Run, g recipe.Generation, out string) (ok bool, err error) {
	s, err := run.Sequence()
	if s == nil || err != nil {
		return err != nil, err
	}
	q, err := run.GenerateSequences(ctx, g)
	if err != nil {
		return true, err
	}
	if out == "" && q.Texts != nil {
		return true, a.result(q, func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Join(q.Texts, "\n")+"\n")
			return err
		})
	}
	files, err := q.Write(out)
	if err != nil {
		return true, err
	}
	n := max(len(q.Texts), len(q.Pieces))
	return true, a.result(map[string]any{"files": files, "samples": n, "seed": g.Seed}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d samples, seed %d\n", strings.Join(files, ", "), n, g.Seed)
		return err
	})
}
