package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) report() *cobra.Command {
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Write the report of a run anew",
		Long: `Write report.html of a run anew: one page without other files, with the figures, the
curves of the training, the pictures and the configuration.`,
		Example: `stheno report runs/vae`,
		Args:    cobra.ExactArgs(1),
	}
	o := recipe.OpenOptions{}
	backendFlags(c, &o)
	c.RunE = func(_ *cobra.Command, args []string) error {
		return with(args[0], o, func(run *recipe.Run) error {
			if err := run.Report(); err != nil {
				return err
			}
			path := filepath.Join(args[0], recipe.ReportFile)
			return a.result(map[string]string{"report": path}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, path)
				return err
			})
		})
	}
	return c
}
