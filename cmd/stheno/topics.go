package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

// exitCodes describes the exit codes; docs/command.md has the same table.
const exitCodes = `The exit codes:

  0    all went well; also if the reader of the output closed its pipe
  1    something failed: a file that is damaged or cannot be written, a training that
       ended with a NaN, a run that does not exist
  2    the command was called in a wrong way: an unknown command, flag or key, a value
       that is no number, a configuration that does not fit together
  3    a data set is not on this machine
  130  interrupted by Ctrl-C or SIGTERM; what was trained so far is in the run folder`

// topics are pages of help without a command.
func topics() []*cobra.Command {
	topic := func(name, short string, text func() string) *cobra.Command {
		c := &cobra.Command{Use: name, Short: short}
		c.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), text()) })
		return c
	}
	return []*cobra.Command{
		topic("exit-codes", "The exit codes of all commands", func() string { return exitCodes }),
		topic("keys", "The keys of the configuration", keysText),
		topic("models", "The types of models and their settings", modelsText),
	}
}

func keysText() string {
	var b strings.Builder
	b.WriteString("The keys of the configuration, which are flags, too:\n")
	for _, k := range recipe.Keys() {
		if k.Types != nil {
			continue
		}
		fmt.Fprintf(&b, "\n  %-30s %s", k.Name, k.Kind)
		if k.Doc != "" {
			fmt.Fprintf(&b, ": %s", k.Doc)
		}
		if k.Default != "" {
			fmt.Fprintf(&b, " (default %s)", k.Default)
		}
	}
	b.WriteString("\n\nThe settings of optimisers are those of package optim, those of models those of the\npackages below models: see \"stheno help models\".\n")
	for _, name := range recipe.OptimizerTypes() {
		fmt.Fprintf(&b, "\n  train.optimizer %-12s %s", name, strings.Join(settingsOf("train.optimizer.", name), ", "))
	}
	return b.String()
}

func modelsText() string {
	var b strings.Builder
	b.WriteString("The types of models, and the settings of each (key model).\n\nSizes that follow from the data, such as input, size and channels, may be left out.\n")
	for _, name := range recipe.ModelTypes() {
		fmt.Fprintf(&b, "\n  %s\n      %s\n", name, strings.Join(settingsOf("model.", name), ", "))
	}
	return b.String()
}

// settingsOf lists the keys of a type in a section.
func settingsOf(section, name string) []string {
	var out []string
	for _, k := range recipe.Keys() {
		for _, t := range k.Types {
			if short, ok := strings.CutPrefix(k.Name, section); ok && t == name {
				out = append(out, short)
			}
		}
	}
	return out
}
