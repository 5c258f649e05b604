package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/presets"
)

func (a *app) presets() *cobra.Command {
	return &cobra.Command{
		Use:   "presets",
		Short: "List the presets: models of the literature with their data and recipes",
		Long: `List the presets: models of the literature with their data, their recipe, and the
figure that was published for each, or that another program reaches with it.
The minutes are those of one seed on two cores.`,
		Example: `stheno presets`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			type row struct {
				Name    string  `json:"name"`
				Title   string  `json:"title"`
				Paper   string  `json:"paper"`
				Data    string  `json:"data"`
				Recipe  string  `json:"recipe"`
				Minutes float64 `json:"minutes"`
				Figure  string  `json:"figure"`
				Value   float64 `json:"published,omitempty"`
			}
			var rows []row
			for _, p := range presets.All() {
				rows = append(rows, row{p.Name, p.Title, p.Paper, p.Data, p.Recipe, p.Minutes, p.Figures[0].Metric, p.Figures[0].Expected})
			}
			return a.result(rows, func(to io.Writer) error {
				w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "preset\tminutes\twhat\tfigure\tpublished")
				for _, r := range rows {
					published := "-"
					if r.Value != 0 {
						published = fmt.Sprintf("%g", r.Value)
					}
					fmt.Fprintf(w, "%s\t%g\t%s\t%s\t%s\n", r.Name, r.Minutes, r.Title, r.Figure, published)
				}
				return w.Flush()
			})
		},
	}
}
