package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) resume() *cobra.Command {
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a training that was interrupted, or train longer",
		Long: `Go on with a training that was interrupted. It ends with the same weights as if it
had not been. If the training is complete, the command says so and changes nothing;
to train longer, set --epochs to a higher number.` + flagsHelp,
		Example: `stheno resume runs/vae
stheno resume runs/vae --epochs 6`,
		Args: cobra.ExactArgs(1),
	}
	settings := configFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		before, err := recipe.ReadInfo(args[0])
		if err != nil {
			return err
		}
		if _, err := recipe.Load(recipe.ConfigOf(args[0]), *settings...); err != nil {
			return usage{err}
		}
		run, err := recipe.Resume(c.Context(), args[0], recipe.Options{Progress: a.progress(), Command: a.command()}, *settings...)
		if err == nil && before.Status == recipe.Complete && run.Info.Epochs == before.Epochs {
			longer := fmt.Sprintf(": to train longer, set --epochs above %d", run.Info.Epochs)
			if run.Recipe.Preset != "" {
				longer = ""
			}
			a.say("the training of %s is complete%s", args[0], longer)
		}
		return a.trained(run, args[0], err)
	}
	return c
}
