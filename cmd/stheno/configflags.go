package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/recipe"
)

// keyFlag is a flag that sets a key of the configuration.
type keyFlag struct {
	key  recipe.Key
	name string // as it was given
	to   *[]recipe.Setting
	text string
}

func (f *keyFlag) String() string { return f.text }

func (f *keyFlag) Type() string {
	switch f.key.Kind {
	case "true or false":
		return "bool"
	case "whole number":
		return "n"
	}
	return strings.ReplaceAll(f.key.Kind, " ", "-")
}

func (f *keyFlag) Set(text string) error {
	f.text = text
	*f.to = append(*f.to, recipe.Setting{Key: f.key.Name, Value: text, Origin: "--" + f.name})
	return nil
}

// configFlags adds a flag for every key of the configuration, and --set for all others.
func configFlags(c *cobra.Command) *[]recipe.Setting {
	settings, long := &[]recipe.Setting{}, map[string]string{}
	for _, k := range recipe.Keys() {
		doc := k.Doc
		if k.Default != "" {
			doc += " (default " + k.Default + ")"
		}
		f := c.Flags().VarPF(&keyFlag{key: k, name: k.Name, to: settings}, k.Name, "", doc)
		f.Hidden = k.Doc == "" || strings.Count(k.Name, ".") > 1
		if k.Kind == "true or false" {
			f.NoOptDefVal = "true"
		}
		for _, short := range k.Short() {
			long[short] = k.Name
		}
	}
	for _, section := range []string{"data", "model"} {
		key := map[string]string{"data": "source", "model": "type"}[section]
		c.Flags().VarPF(&keyFlag{key: recipe.Key{Name: section, Kind: "text"}, name: section, to: settings}, section, "", fmt.Sprintf("short for --%s.%s", section, key))
	}
	c.Flags().VarPF(&setFlag{settings}, "set", "", "any key, as key=value; may be repeated")
	c.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if full, ok := long[name]; ok {
			return pflag.NormalizedName(full)
		}
		return pflag.NormalizedName(name)
	})
	return settings
}

// setFlag is a flag for any key.
type setFlag struct{ to *[]recipe.Setting }

func (f *setFlag) String() string { return "" }
func (f *setFlag) Type() string   { return "key=value" }

func (f *setFlag) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q is not key=value", text)
	}
	*f.to = append(*f.to, recipe.Setting{Key: key, Value: value, Origin: "--set " + key})
	return nil
}

// flagsHelp explains the flags of the configuration, at the end of a command's help.
const flagsHelp = `

Every key of the configuration is a flag of the same name: --train.epochs 5 is
"train: {epochs: 5}". The sections train, train.optimizer, data and model may be
left out (and are tried in this order): --epochs 5, --rate 0.002, --latent 10.
"stheno help keys" lists all keys, "stheno help models" the settings of each model.`
