package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/presets"
	"github.com/stheno-ml/stheno/recipe"
)

// The exit codes. The topic exit-codes describes them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitMissing     = 3
	exitInterrupted = 130
)

// app is what all commands share.
type app struct {
	args   []string // as they were given
	stdout io.Writer
	stderr io.Writer
	json   bool
	quiet  bool
}

// run is the command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{args: args, stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(doubleDashes(root, args))
	return a.exitCode(root.ExecuteContext(ctx))
}

// commands are the commands, each in a file of its own.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.train(), a.resume(), a.eval(), a.encode(), a.reconstruct(), a.generate(), a.denoise(), a.inpaint(),
		a.kfold(), a.search(), a.probe(), a.cluster(), a.plot(),
		a.impute(), a.compress(), a.decompress(), a.export(), a.detect(), a.recommend(), a.serve(),
		a.presets(), a.explain(), a.report(), a.doctor(),
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stheno",
		Short: "Train autoencoders and use them",
		Long: `Train autoencoders and use them.

A training leaves a run folder. It has the configuration, the model (one file), a log,
checkpoints, pictures and report.html. All other commands use the folder.`,
		Example: `stheno train --data mnist --model vae --epochs 10 -o runs/vae
stheno reconstruct runs/vae -o recon.png
stheno generate runs/vae -n 64 -o samples.png`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          func(c *cobra.Command, args []string) error { return unknownCommand(c, args) },
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print the result as JSON on standard output, and nothing else there")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "show no progress")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage{flagError(c, err)} })
	root.AddCommand(a.commands()...)
	root.AddCommand(topics()...)
	for _, c := range root.Commands() {
		checkArgs(c)
	}
	return root
}

// unknownCommand says which command is most like one that is unknown.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, c := range root.Commands() {
		known = append(known, c.Name())
	}
	return usage{fmt.Errorf("%w; see stheno --help", recipe.Nearest("command", args[0], known))}
}

// checkArgs makes a wrong number of arguments an error of usage that names what is wanted.
func checkArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage{fmt.Errorf("%w: want \"%s\"; see %s --help", err, c.UseLine(), c.CommandPath())}
		}
		return nil
	}
}

// flagError says which flag is most like one that is unknown.
func flagError(c *cobra.Command, err error) error {
	text, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	}
	name, _, _ := strings.Cut(text, "=")
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		known = append(known, f.Name)
		if k, ok := f.Value.(*keyFlag); ok {
			known = append(known, k.key.Short()...)
		}
	})
	return fmt.Errorf("%w; see %s --help", recipe.Nearest("flag", "--"+name, dashed(known)), c.CommandPath())
}

func dashed(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "--" + n
	}
	return out
}

// doubleDashes writes -name as --name where a flag has that name: both are understood.
func doubleDashes(root *cobra.Command, args []string) []string {
	out := append([]string(nil), args...)
	c, _, err := root.Find(args)
	if err != nil {
		c = root
	}
	c.InitDefaultHelpFlag()
	for i, arg := range out {
		if arg == "--" {
			break
		}
		name, _, _ := strings.Cut(arg, "=")
		if len(name) > 2 && name[0] == '-' && name[1] != '-' && lookup(c, name[1:]) != nil {
			out[i] = "-" + arg
		}
	}
	return out
}

func lookup(c *cobra.Command, name string) *pflag.Flag {
	if f := c.Flags().Lookup(name); f != nil {
		return f
	}
	return c.InheritedFlags().Lookup(name)
}

// usage is an error in how the command was called.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// exitCode prints an error and returns the exit code.
func (a *app) exitCode(err error) int {
	var wrong usage
	var data *recipe.MissingData
	var preset *presets.Missing
	switch {
	case err == nil || errors.Is(err, syscall.EPIPE):
		return exitOK // a reader that closes the pipe has seen enough
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "stheno: interrupted:", err)
		return exitInterrupted
	}
	fmt.Fprintln(a.stderr, "stheno:", err)
	switch {
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &data) || errors.As(err, &preset):
		return exitMissing
	}
	return exitFailed
}

// say writes a message for the user.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// progress is where progress goes.
func (a *app) progress() io.Writer {
	if a.quiet {
		return nil
	}
	return a.stderr
}

// result prints the result: as JSON if that was asked for, else by the function.
func (a *app) result(v any, print func(w io.Writer) error) error {
	if !a.json {
		return print(a.stdout)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", text)
	return err
}

// command is the command line, for the run folder.
func (a *app) command() []string { return append([]string{"stheno"}, a.args...) }
