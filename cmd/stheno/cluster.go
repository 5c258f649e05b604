package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/vm"
)

func (a *app) cluster() *cobra.Command {
	var out, drawing string
	o := recipe.Clustering{}
	c := &cobra.Command{
		Use:   "cluster RUN",
		Short: "Find clusters of samples by their codes",
		Long: `Find clusters of samples by their codes.

--method kmeans, the default, takes seconds and leaves the codes as encode writes them.
--method dec (deep embedded clustering) goes on from there: it trains a copy of the
encoder in rounds, so that codes move to the centre that they are near to, until fewer
than .1 % of the samples change their cluster. It takes minutes, and sharpens clusters
that are there; where k-means is wrong, it makes the same mistake with more confidence.
Without labels nothing says which of both happened, so it is not the default.

If the samples have labels, the result has the accuracy for the best assignment of
clusters to classes, the normalised mutual information and the adjusted Rand index,
beside those of k-means on the codes and on the values of the samples themselves.
-o writes the cluster of each sample and the probability of it; --picture draws the most
and the least certain samples of each cluster, if they are pictures.` + dataHelp,
		Example: `stheno cluster runs/vae -k 10
stheno cluster runs/vae -k 10 --method dec --rounds 2 --picture clusters.png
stheno cluster runs/table --data table.csv -k 2 -o clusters.csv`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().IntVarP(&o.Clusters, "clusters", "k", 10, "number of clusters")
	c.Flags().StringVar(&o.Method, "method", "kmeans", "how clusters are found: "+strings.Join(recipe.ClusterMethods(), ", "))
	c.Flags().IntVar(&o.Rounds, "rounds", 0, "rounds of dec at most (default 100)")
	c.Flags().Float64Var(&o.Keep, "keep", 0, "weight of the reconstruction in dec, which keeps codes true to their samples")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "seed of the starts")
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: "+strings.Join(recipe.Outputs(), ", "))
	c.Flags().StringVar(&drawing, "picture", "", "picture of the clusters to write: png")
	c.RunE = func(c *cobra.Command, args []string) error {
		if out != "" {
			if err := recipe.CheckOutput(out); err != nil {
				return usage{err}
			}
		}
		if drawing != "" && filepath.Ext(drawing) != ".png" {
			return usage{fmt.Errorf("--picture %s: want the name of a png file", drawing)}
		}
		o.From, o.Progress = u.data, a.progress()
		return with(args[0], u.o, func(run *recipe.Run) error {
			found, in, err := run.Cluster(c.Context(), o)
			if err != nil {
				return err
			}
			if out != "" {
				rows := make([]float32, 0, 2*len(found.Cluster))
				for i, n := range found.Cluster {
					rows = append(rows, float32(n), float32(found.Confidence[i]))
				}
				if err := recipe.Write(out, vm.Array{Name: "cluster", Shape: []int{len(found.Cluster), 2}, Data: rows}, []string{"cluster", "confidence"}); err != nil {
					return err
				}
			}
			if drawing != "" {
				img, err := run.DrawClusters(found)
				if err != nil {
					return err
				}
				if err := recipe.WritePNG(drawing, img); err != nil {
					return err
				}
			}
			return a.result(found, func(w io.Writer) error { return printClusters(w, found, in) })
		})
	}
	return c
}

func printClusters(to io.Writer, found *recipe.Clustered, in *recipe.Input) error {
	fmt.Fprintf(to, "%d clusters of %d samples by %s, %s\n", len(found.Sizes), len(found.Cluster), found.Method, in.Where)
	fmt.Fprintf(to, "sizes %v\n", found.Sizes)
	if found.Rounds > 0 {
		fmt.Fprintf(to, "%d rounds\n", found.Rounds)
	}
	if found.Agreement == nil {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "method\taccuracy\tNMI\tARI")
	for _, r := range found.Agreement {
		fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\n", r.Method, r.Accuracy, r.NMI, r.ARI)
	}
	return w.Flush()
}
