package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/vm"
)

func (a *app) compress() *cobra.Command {
	var out string
	var lossy bool
	var step float64
	c := &cobra.Command{
		Use:   "compress RUN -o FILE",
		Short: "Code samples to a small file by a model of them",
		Long: `Code samples to a file by a model, which decompress needs to read it.

Without loss, the model is a variational autoencoder with a likelihood of levels
(bernoulli, beta-binomial, categorical or logistic). The file takes the bits that the
model's bound says, and is decoded bit by bit on any processor. With --lossy, any
autoencoder's codes are rounded to multiples of --step and coded by their frequencies.` + dataHelp,
		Example: `stheno train --data mnist --model vae --likelihood beta-binomial --hidden 8 --latent 2 --epochs 1 -o runs/levels
stheno compress runs/levels -o digits.stz
stheno decompress runs/levels digits.stz -o digits.npz
stheno compress runs/levels -o small.stz --lossy --step 0.5`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write")
	c.Flags().BoolVar(&lossy, "lossy", false, "code the rounded codes, not the samples")
	c.Flags().Float64Var(&step, "step", 0, "distance of the values that a code is rounded to (default a quarter of their standard deviation)")
	c.RunE = func(c *cobra.Command, args []string) error {
		if out == "" {
			return usage{fmt.Errorf("no file to write to: name one with -o")}
		}
		if step != 0 && !lossy {
			return usage{fmt.Errorf("--step is for --lossy: a file without loss has none")}
		}
		return with(args[0], u.o, func(run *recipe.Run) error {
			in, err := run.Set(c.Context(), u.data)
			if err != nil {
				return err
			}
			encode := func(w io.Writer) (compress.Stats, error) {
				return compress.EncodeLossy(w, run.Model, in.Set, compress.CodeOptions{Step: step})
			}
			if !lossy {
				m, err := lossless(run)
				if err != nil {
					return err
				}
				encode = func(w io.Writer) (compress.Stats, error) {
					return compress.Encode(w, m, in.Set, compress.Options{Threads: u.o.Threads, Progress: a.counted()})
				}
			}
			var stats compress.Stats
			err = atomicfile.Write(out, func(w io.Writer) (err error) {
				stats, err = encode(w)
				return err
			})
			if err != nil {
				return err
			}
			return a.result(map[string]any{
				"file": out, "samples": stats.Samples, "values": stats.Values, "bytes": stats.Bytes, "bits_per_value": stats.BitsPerValue(),
			}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d samples of %s in %d bytes, %.4f bits a value\n", out, stats.Samples, in.Where, stats.Bytes, stats.BitsPerValue())
				return err
			})
		})
	}
	return c
}

func (a *app) decompress() *cobra.Command {
	var out string
	var o recipe.OpenOptions
	c := &cobra.Command{
		Use:     "decompress RUN FILE -o OUT",
		Short:   "Read a file that compress wrote",
		Long:    "Decode a file that compress wrote with the same model, and write the samples: npz, npy, csv\nor png, by the extension.",
		Example: `stheno decompress runs/levels small.stz -o small.png`,
		Args:    cobra.ExactArgs(2),
	}
	c.Flags().StringVarP(&out, "out", "o", "", "file to write")
	backendFlags(c, &o)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := recipe.CheckOutput(out); err != nil {
			return usage{err}
		}
		return with(args[0], o, func(run *recipe.Run) error {
			samples, err := a.decoded(run, args[1], o.Threads)
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			values := vm.Array{Name: "x", Shape: append([]int{samples.Len()}, samples.Shape...), Data: samples.Values}
			if err := recipe.Write(out, values, nil); err != nil {
				return err
			}
			return a.wrote(out, values, args[1])
		})
	}
	return c
}

// decoded reads a file with or without loss.
func (a *app) decoded(run *recipe.Run, path string, threads int) (data.Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return data.Array{}, err
	}
	defer f.Close()
	info, err := compress.Inspect(f)
	if err != nil {
		return data.Array{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return data.Array{}, err
	}
	o := compress.Options{Threads: threads, Progress: a.counted()}
	var samples data.Array
	if info.Lossless {
		m, err := lossless(run)
		if err != nil {
			return data.Array{}, err
		}
		samples, _, err = compress.Decode(f, m, o)
		return samples, err
	}
	samples, _, err = compress.DecodeLossy(f, run.Model, o)
	return samples, err
}

// lossless is the coding by the model of a run.
func lossless(run *recipe.Run) (*compress.Model, error) {
	if s := run.Model.Scalers()["x"]; s != nil {
		return nil, fmt.Errorf("the model was trained on scaled samples (%v), which cannot be coded without loss: train with data.scale none, or use --lossy", s)
	}
	return compress.New(run.Model.Model(), run.Model.Params())
}

// counted shows how many samples are done.
func (a *app) counted() func(done, all int) {
	if a.quiet {
		return nil
	}
	return func(done, all int) { a.say("%d of %d samples", done, all) }
}
