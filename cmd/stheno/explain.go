package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) explain() *cobra.Command {
	var batches []int
	var places bool
	c := &cobra.Command{
		Use:   "explain [PRESET|CONFIG.yaml|RUN]",
		Short: "Show what a model computes, and what a sample costs to train and to encode",
		Long: `Show what a model computes: its layers, and the plans of a training step and of
encoding a batch, with the shapes, operations, bytes and time of each step. Then what
one sample costs to train and to encode, in time, operations and memory, for several
sizes of the batch, and how that grows with the layers, the units and the steps of a
sequence. Times are measured here, on the backend; operations are counted.` + flagsHelp,
		Example: `stheno explain --data mnist --model vae
stheno explain --data mnist --model dense --hidden 64,16 --batches 1,32 --places
stheno explain vae.yaml --json
stheno explain runs/vae`,
		Args: cobra.MaximumNArgs(1),
	}
	settings := configFlags(c)
	c.Flags().IntSliceVar(&batches, "batches", nil, "sizes of the batch to measure (default 1, a fourth of the batch, the batch)")
	c.Flags().BoolVar(&places, "places", false, "show where the value of each node of the graph is")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 1 && recipe.IsRun(args[0]) {
			args[0] = recipe.ConfigOf(args[0])
		}
		r, _, err := load(args, *settings)
		if err != nil {
			return err
		}
		all, err := r.Explain(c.Context(), batches)
		if err != nil {
			return err
		}
		return a.result(all, func(w io.Writer) error {
			for _, e := range all {
				if err := printExplanation(w, e, places); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return c
}

func printExplanation(to io.Writer, e recipe.Explanation, places bool) error {
	title := strings.TrimSpace(e.Model + " " + e.Summary)
	if e.Stage != "" {
		title = e.Stage + ": " + title
	}
	fmt.Fprintf(to, "%s on %s: %d weights, %d states\n\n", title, e.Backend, e.Weights, e.States)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "layer\tkind\tresult\tweights")
	for _, l := range e.Layers {
		fmt.Fprintf(w, "%s\t%s\t%v\t%d\n", l.Name, l.Kind, l.Shape, l.Weights)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i, p := range e.Training {
		name := "training step"
		if len(e.Training) > 1 {
			name = fmt.Sprintf("training step, part %d", i+1)
		}
		if err := printPlan(to, name, p, places); err != nil {
			return err
		}
	}
	for _, p := range e.Encoding {
		if err := printPlan(to, "encoding", p, places); err != nil {
			return err
		}
	}
	fmt.Fprintf(to, "\nwhat a sample costs\n")
	w = tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "batch\ttrain µs\ttrain kFLOP\tbatch MB\tencode µs\tencode kFLOP\tbatch MB\t")
	for _, c := range e.Costs {
		fmt.Fprintf(w, "%d\t%.2f\t%.1f\t%.2f\t%.2f\t%.1f\t%.2f\t\n", c.Batch,
			c.TrainSeconds*1e6, c.TrainFlops/1e3, float64(c.TrainMemory)/1e6, c.EncodeSeconds*1e6, c.EncodeFlops/1e3, float64(c.EncodeMemory)/1e6)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return printGrowth(to, e.Growth)
}

// printGrowth prints what a sample costs in larger models, with the factors by which the operations, which are counted,
// and the time, which is measured, grow.
func printGrowth(to io.Writer, all []recipe.Growth) error {
	if len(all) > 0 {
		fmt.Fprintf(to, "\nhow that grows, in a batch of %d\n", all[0].Batch)
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "model\tweights\ttrain kFLOP\ttimes\ttrain µs\ttimes\tbatch MB\tencode kFLOP\tencode µs\tbatch MB\t")
		for _, g := range all {
			fmt.Fprintf(w, "%s\t%d\t%.1f\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f\t%.2f\t%.2f\t\n", g.Name(), g.Weights,
				g.TrainFlops/1e3, g.TrainFlops/all[0].TrainFlops, g.TrainSeconds*1e6, g.TrainSeconds/all[0].TrainSeconds, float64(g.TrainMemory)/1e6,
				g.EncodeFlops/1e3, g.EncodeSeconds*1e6, float64(g.EncodeMemory)/1e6)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(to)
	return err
}

func printPlan(to io.Writer, name string, p recipe.Plan, places bool) error {
	fmt.Fprintf(to, "\n%s, batch %d, %d steps, %.2f MB of intermediate values\n", name, p.Batch, len(p.Steps), float64(p.Memory)/1e6)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "step\tµs\tkFLOP\tkB\twhat")
	for i, s := range p.Steps {
		took := time.Duration(s.Seconds * float64(time.Second))
		fmt.Fprintf(w, "%d\t%.1f\t%.1f\t%.1f\t%s\n", i, float64(took.Nanoseconds())/1e3, float64(s.Flops)/1e3, float64(s.Bytes)/1e3, oneLine(s.Step))
	}
	if err := w.Flush(); err != nil || !places {
		return err
	}
	w = tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nlayer\top\tshape\tstep\tplace")
	for _, v := range p.Values {
		place := v.Place
		if v.Host != "" {
			place += ", on the host: " + v.Host
		}
		fmt.Fprintf(w, "%s\t%s\t%v\t%d\t%s\n", v.Layer, oneLine(v.Op), v.Shape, v.Step, place)
	}
	return w.Flush()
}

// oneLine is a text without line breaks, of at most 100 characters.
func oneLine(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > 100 {
		return string(r[:97]) + "..."
	}
	return string(r)
}
