package main

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/train/picture"
)

// imageFlags are the flags of detect for a folder of pictures.
type imageFlags struct {
	heatmaps string
	size     int
}

func (f *imageFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.heatmaps, "heatmaps", "", "folder to write to: each of the strangest pictures beside its errors")
	c.Flags().IntVar(&f.size, "size", 28, "height and width that the pictures of a folder are scaled to")
}

// isFolder reports whether the samples are a folder of pictures.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// detectImages learns from the pictures of the normal classes, or from all, and scores all.
func (a *app) detectImages(ctx context.Context, path string, f detection) error {
	folder, err := data.OpenImageFolder(path, data.ImageFolderOptions{Height: f.images.size, Width: f.images.size, Grey: true, Flat: f.normal == nil})
	if err != nil {
		return err
	}
	var normal []int
	for _, name := range f.normal {
		at := slices.Index(folder.Classes, name)
		if at < 0 {
			return usage{fmt.Errorf("%s: %w", path, recipe.Nearest("--normal", name, folder.Classes))}
		}
		normal = append(normal, at)
	}
	known := data.Set(folder)
	var anomaly []bool
	if normal != nil {
		if known, err = data.OfClasses(folder, "label", normal...); err != nil {
			return err
		}
		labels, err := data.ArrayOf(folder, "label")
		if err != nil {
			return err
		}
		for _, l := range labels.Values {
			anomaly = append(anomaly, !slices.Contains(normal, int(l)))
		}
	}
	on, err := f.o.BackendOf()
	if err != nil {
		return err
	}
	model, err := detect.Images{Training: detect.Training{Epochs: f.series.epochs}}.Fit(ctx, known, detect.Options{Seed: f.seed, Backend: on})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer model.Close()
	scores, err := model.Score(folder)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done, calibration, err := f.judge(scores)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done.Method = "images"
	order := strangest(scores, f.top)
	done.strange(scores, order, calibration)
	for k, i := range order {
		done.Strangest[k].Why = []string{folder.Path(i)}
	}
	if f.images.heatmaps != "" {
		if err := heatmaps(f.images.heatmaps, folder, model, order); err != nil {
			return err
		}
	}
	return a.detected(done, path, scores, anomaly, nil, f)
}

// heatmaps writes a picture for each of some samples: the sample, and the error of each of
// its pixels, white where it is as large as in any of them.
func heatmaps(dir string, folder *data.ImageFolder, model *detect.ImageModel, samples []int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	set, err := data.Pick(folder, samples)
	if err != nil {
		return err
	}
	x, err := data.ArrayOf(set, "x")
	if err != nil {
		return err
	}
	heat, err := model.HeatMaps(set)
	if err != nil {
		return err
	}
	greatest := max(slices.Max(heat), 1e-12)
	for i := range heat {
		heat[i] /= greatest
	}
	n := len(heat) / max(1, len(samples))
	for k, i := range samples {
		both := append(slices.Clone(x.Values[k*n:(k+1)*n]), heat[k*n:(k+1)*n]...)
		img, err := picture.Grid(x.Shape, both)
		if err != nil {
			return err
		}
		base := filepath.Base(folder.Path(i))
		name := fmt.Sprintf("%03d-%s.png", k+1, strings.TrimSuffix(base, filepath.Ext(base)))
		if err := atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error { return png.Encode(w, img) }); err != nil {
			return err
		}
	}
	return nil
}
