package recipe

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/train/figure"
)

//go:embed report.gohtml
var reportPage string

// reportPicture is a picture in the report, as data.
type reportPicture struct {
	Title string
	Data  template.URL
}

// Report writes the report of a run: one page that needs no other file.
func (r *Run) Report() error {
	if r.Dir == "" {
		return errors.New("a model file alone has no report: name the folder of a run")
	}
	curves, err := r.curves()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	pictures, err := r.pictures()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	config, err := r.Recipe.YAML()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"number": func(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) },
		"join":   func(words []string) string { return strings.Join(words, " ") },
	}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	title := r.Recipe.Preset
	if title == "" {
		title = r.Info.Model + " on " + filepath.Base(r.Recipe.Data.Source)
	}
	var page bytes.Buffer
	err = t.Execute(&page, map[string]any{
		"Title": title, "Info": r.Info, "Curves": curves, "Pictures": pictures, "Config": string(config),
	})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return writeFile(r.Dir, ReportFile, page.Bytes())
}

// curves draws the numbers of the epochs, the validation beside the training. A number that
// never changes, and one that is the same as another, have no curve.
func (r *Run) curves() (out []reportPicture, err error) {
	columns, err := readLog(filepath.Join(r.Dir, LogFile))
	if err != nil || len(columns["epoch"]) == 0 {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "stheno-report")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	epochs, drawn := columns["epoch"], [][]float64(nil)
	for _, name := range sortedNames(columns) {
		bare := strings.TrimPrefix(name, "validation ")
		if slices.Contains([]string{"epoch", "step", "seconds", "samples/s"}, name) || bare != name && columns[bare] != nil {
			continue
		}
		y := columns[name]
		if !varies(y) || slices.ContainsFunc(drawn, func(other []float64) bool { return slices.Equal(other, y) }) {
			continue
		}
		drawn = append(drawn, y)
		lines := []figure.Line{{Name: "training", X: epochs, Y: y}}
		if bare != name {
			lines[0].Name = "validation"
		} else if v := columns["validation "+name]; v != nil {
			lines = append(lines, figure.Line{Name: "validation", X: epochs, Y: v})
		}
		path := filepath.Join(temporary, "curve.svg")
		if err := figure.Draw(path, figure.Axes{X: "epoch", Y: bare, Size: 480}, lines...); err != nil {
			continue // nothing in it is finite
		}
		p, err := asData(path, bare)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// varies reports whether values are not all the same.
func varies(values []float64) bool {
	return slices.ContainsFunc(values, func(v float64) bool { return v != values[0] })
}

// readLog reads the lines of epochs, by column. A number that is not there is not finite.
func readLog(path string) (map[string][]float64, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	columns := map[string][]float64{}
	for _, row := range rows[1:] {
		if len(row) == 0 || row[0] != "epoch" {
			continue
		}
		for i, name := range rows[0] {
			if i == 0 {
				continue
			}
			v := math.NaN()
			if i < len(row) {
				if parsed, err := strconv.ParseFloat(row[i], 64); err == nil {
					v = parsed
				}
			}
			columns[name] = append(columns[name], v)
		}
	}
	return columns, nil
}

// pictures reads the pictures of the run, the last of each kind.
func (r *Run) pictures() (out []reportPicture, err error) {
	files, err := filepath.Glob(filepath.Join(r.Dir, PicturesFolder, "*.png"))
	if err != nil {
		return nil, err
	}
	last := map[string]string{}
	for _, f := range files { // in the order of their names
		name := strings.TrimSuffix(filepath.Base(f), ".png")
		kind := strings.TrimRight(name, "0123456789")
		if kind = strings.TrimSuffix(kind, "-"); kind == "" {
			kind = name
		}
		last[kind] = f
	}
	for _, kind := range sortedNames(last) {
		p, err := asData(last[kind], titleOf(kind))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// titleOf is what the report calls a kind of picture.
func titleOf(kind string) string {
	switch kind {
	case "recon":
		return "samples of the validation, and below them their reconstructions"
	case "samples":
		return "generated samples"
	case "plane":
		return "codes"
	}
	return kind
}

// asData reads a picture as the address of an image in a page.
func asData(path, title string) (reportPicture, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return reportPicture{}, err
	}
	kind := "image/png"
	if filepath.Ext(path) == ".svg" {
		kind = "image/svg+xml"
	}
	return reportPicture{title, template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(text))}, nil
}
