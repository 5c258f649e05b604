package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/gosource"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) export() *cobra.Command {
	var out, part, pkg string
	var o recipe.OpenOptions
	c := &cobra.Command{
		Use:   "export RUN -o NET.onnx|NET.go",
		Short: "Write a model as ONNX, or as Go source",
		Long: `Write a model for programs that do not use Stheno, by the extension of the file:

  .onnx   a net for onnxruntime and others, with the scaling of the data inside and any
          number of samples at a time; --part chooses the encoder, the decoder or all
  .go     a Go file without dependencies, with the weights inside and the functions
          Encode, Decode, Reconstruct and Score

docs/export.md says which nets can be written and how near the results are.`,
		Example: `stheno export runs/vae -o encoder.onnx --part encoder
stheno export runs/vae -o digits/net.go`,
		Args: cobra.ExactArgs(1),
	}
	parts := []string{string(onnx.Whole), string(onnx.Encoder), string(onnx.Decoder)}
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: .onnx or .go")
	c.Flags().StringVar(&part, "part", parts[0], "what an ONNX file has: "+strings.Join(parts, ", "))
	c.Flags().StringVar(&pkg, "package", "", "package of a Go file (default the name of its folder)")
	backendFlags(c, &o)
	c.RunE = func(_ *cobra.Command, args []string) error {
		ext := strings.ToLower(filepath.Ext(out))
		if ext != ".onnx" && ext != ".go" {
			return usage{fmt.Errorf("-o %q: the extension is the format: want .onnx or .go", out)}
		}
		return with(args[0], o, func(run *recipe.Run) error {
			err := os.MkdirAll(filepath.Dir(out), 0o755)
			switch {
			case err != nil:
			case ext == ".go":
				if pkg == "" {
					pkg = packageOf(out)
				}
				err = gosource.Write(out, run.Model, gosource.Options{Package: pkg})
			default:
				err = onnx.Write(out, run.Model, onnx.Options{Part: onnx.Part(part)})
			}
			if err != nil {
				return err
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			return a.result(map[string]any{"file": out, "bytes": info.Size()}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d bytes\n", out, info.Size())
				return err
			})
		})
	}
	return c
}

// packageOf is the name of the folder of a Go file as the name of a package.
func packageOf(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return "net"
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(filepath.Base(filepath.Dir(full))))
	if name = strings.TrimLeft(name, "0123456789"); name == "" {
		return "net"
	}
	return name
}
