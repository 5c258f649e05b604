package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/vm"
)

func (a *app) cluster() *cobra.Command {
	var k int
	var seed uint64
	var out string
	c := &cobra.Command{
		Use:   "cluster RUN",
		Short: "Find clusters of samples by k-means on their codes",
		Long: `Find clusters of samples by k-means on their codes. If the samples have labels, the
result has the accuracy for the best assignment of clusters to classes, the normalised
mutual information and the adjusted Rand index. -o writes the cluster of each sample.` + dataHelp,
		Example: `stheno cluster runs/vae -k 10
stheno cluster runs/table --data table.csv -k 2 -o clusters.csv`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().IntVarP(&k, "clusters", "k", 10, "number of clusters")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of the starts")
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: "+strings.Join(recipe.Outputs(), ", "))
	c.RunE = func(c *cobra.Command, args []string) error {
		if out != "" {
			if err := recipe.CheckOutput(out); err != nil {
				return usage{err}
			}
		}
		return with(args[0], u.o, func(run *recipe.Run) error {
			found, in, err := run.Cluster(c.Context(), u.data, k, seed)
			if err != nil {
				return err
			}
			if out != "" {
				numbers := make([]float32, len(found.Cluster))
				for i, n := range found.Cluster {
					numbers[i] = float32(n)
				}
				if err := recipe.Write(out, vm.Array{Name: "cluster", Shape: []int{len(numbers)}, Data: numbers}, []string{"cluster"}); err != nil {
					return err
				}
			}
			return a.result(found, func(w io.Writer) error {
				fmt.Fprintf(w, "%d clusters of %d samples, %s\n", k, len(found.Cluster), in.Where)
				if found.Labelled {
					fmt.Fprintf(w, "accuracy %.4f, NMI %.4f, ARI %.4f\n", found.Accuracy, found.NMI, found.ARI)
				}
				_, err := fmt.Fprintf(w, "inertia %.6g\n", found.Inertia)
				return err
			})
		})
	}
	return c
}
