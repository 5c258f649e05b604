package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/train/search"
)

func (a *app) search() *cobra.Command {
	var axes []string
	o := recipe.SearchOptions{}
	c := &cobra.Command{
		Use:   "search [CONFIG.yaml] --try KEY=LOW..HIGH --try KEY=ONE|OTHER",
		Short: "Search for the settings with the best validation",
		Long: `Search for the settings with the best validation, by a tree of Parzen estimators.
--try says what to search, once for each key: a range of numbers, or choices. A range over
a factor of a hundred or more is searched by its logarithm. The folder has a table of the
trials and a picture. If it is interrupted, the same command with the same -o goes on.` + flagsHelp,
		Example: `stheno search --data table.csv --label kind --model dense --epochs 2 --try rate=0.0001..0.1 --try hidden=4,2|8,2 --trials 4 -o runs/search`,
		Args:    cobra.MaximumNArgs(1),
	}
	settings := configFlags(c)
	c.Flags().StringArrayVar(&axes, "try", nil, "a key to search; may be repeated")
	c.Flags().IntVar(&o.Trials, "trials", 0, "number of trials (default 30)")
	c.Flags().StringVar(&o.Metric, "metric", "", "number of the validation to compare (default loss)")
	c.Flags().BoolVar(&o.Maximize, "maximize", false, "higher is better")
	c.Flags().BoolVar(&o.Prune, "prune", false, "end trials early that are worse than others were")
	c.Flags().StringVarP(&o.Dir, "out", "o", "", "folder of the search (default a new one in "+runsFolder+")")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(axes) == 0 {
			return usage{errors.New("there is nothing to search: say what with --try, such as --try rate=0.0001..0.1")}
		}
		var space search.Space
		for _, text := range axes {
			p, err := recipe.Axis(text)
			if err != nil {
				return usage{fmt.Errorf("--try %w", err)}
			}
			space = append(space, p)
		}
		r, name, err := load(args, *settings)
		if err != nil {
			return err
		}
		if o.Dir == "" {
			o.Dir = newRun(name + "-search")
		}
		o.Log = a.progress()
		found, err := r.Search(c.Context(), space, o)
		if err != nil {
			return err
		}
		return a.result(found, func(w io.Writer) error { return found.Table(w, 10) })
	}
	return c
}
