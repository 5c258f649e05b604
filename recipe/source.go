package recipe

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// MissingData is the error of a recipe whose data set is not on this machine.
type MissingData struct {
	What string
	Err  error // where it was looked for; may be nil
}

func (m *MissingData) Error() string {
	text := m.What + " is not on this machine: name the folder that has it with --dataDir or $STHENO_DATA"
	if m.Err != nil {
		text += ": " + m.Err.Error()
	}
	return text
}

// Unwrap returns the error that says where it was looked for.
func (m *MissingData) Unwrap() error { return m.Err }

// source is a data set, file or folder that was opened.
type source struct {
	train, test data.Set // test is nil if there is only one part
	validation  data.Set // nil, but for data that bring their own
	where       string   // in one line
	table       bool     // its samples are rows
	schema      *data.Schema
	sequence    *Sequence // of texts and music
	classes     []string
	paths       []string // of the samples, if each is a file
	sound       bool     // its samples are windows
	rate        int      // of sounds
}

// mostPixels is how many values of pictures are kept in memory: a gibibyte.
const mostPixels = 1 << 28

// open opens a data set by name, a file or a folder. schema, if not nil, is that of a
// table that was read before.
func (d Data) open(ctx context.Context, name string, schema *data.Schema, o environment) (*source, error) {
	info, err := os.Stat(name)
	format := d.Format
	switch {
	case d.Tokens != "" && err == nil && !info.IsDir():
		return d.openTexts(name)
	case d.Tokens != "" && err == nil:
		return nil, fmt.Errorf("%s is a folder: texts (data.tokens) are the lines of a file, or a column of a csv file", name)
	case d.Tokens != "" && format == "":
		format = "text"
	case err == nil && format == "" && info.IsDir():
		format = "folder"
	case format == "" && extension(name) == "json":
		format = musicFormat
	case format == "" && slices.Contains(formats(), extension(name)):
		format = extension(name)
	case format == "" && (extension(name) == "tsv" || extension(name) == "txt"):
		format = "csv"
	}
	if format == "" {
		if err == nil {
			return nil, fmt.Errorf("%s: its name does not say what it is: set data.format to one of %s", name, joinNames(formats()))
		}
		return d.openNamed(ctx, name, o)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file or folder", name)
	} else if err != nil {
		return nil, err
	}
	if format == musicFormat {
		return d.openMusic(name, info.IsDir())
	}
	if d.Format != "" && format != "wav" && info.IsDir() != (format == "pictures" || format == "idx") {
		return nil, fmt.Errorf("%s: data.format is %s, but it is %s", name, format, map[bool]string{true: "a folder", false: "a file"}[info.IsDir()])
	}
	switch format {
	case "csv", "arff":
		return d.openTable(name, format, schema)
	case "npz", "npy", "mat":
		return d.openArrays(name, format)
	case "wav":
		return d.openSounds(name)
	case "pictures":
		if d.Cut.Size > 0 {
			return d.openCut(name, o.seed)
		}
		return d.openPictures(name)
	case "idx":
		return d.openIDX(ctx, name, o)
	}
	if d.Cut.Size > 0 {
		return d.openCut(name, o.seed)
	}
	s, pictures := d.openPictures(name)
	if pictures == nil {
		return s, nil
	}
	if _, err := soundFiles(name); err == nil {
		return d.openSounds(name)
	}
	if s, err := d.openIDX(ctx, name, o); err == nil {
		return s, nil
	}
	return nil, pictures
}

// extension is a file's extension in lower case, without the dot.
func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
}

// environment is what opening data needs to know besides the recipe.
type environment struct {
	dir  string
	seed uint64
	log  io.Writer
}

func (o environment) options() data.Options {
	if o.log == nil {
		o.log = io.Discard
	}
	return data.Options{Dir: o.dir, Seed: o.seed, Log: o.log}
}

func (d Data) openNamed(ctx context.Context, name string, o environment) (*source, error) {
	if !slices.Contains(named(), name) {
		if strings.ContainsAny(name, `/\`) {
			return nil, fmt.Errorf("%s: there is no such file or folder", name)
		}
		return nil, Unknown("there is no file or folder of this name, and the data set", name, named())
	}
	set, err := data.Open(ctx, name, o.options())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingData{"the data set " + name, err}
	} else if err != nil {
		return nil, err
	}
	if set.Name != name && name != "auto" {
		return nil, &MissingData{What: "the data set " + name}
	}
	return &source{train: set.Train, test: set.Test, where: set.Source}, nil
}

func (d Data) openIDX(ctx context.Context, dir string, o environment) (*source, error) {
	set, err := data.Open(ctx, dir, o.options())
	if err != nil {
		return nil, err
	}
	return &source{train: set.Train, test: set.Test, where: set.Source}, nil
}

func (d Data) openTable(name, format string, schema *data.Schema) (*source, error) {
	fill, value := data.Fill(d.Fill), float32(0)
	if d.Fill == "zero" {
		fill = data.FillConstant
	}
	var f *data.Frame
	var err error
	if format == "arff" {
		o := data.ARFFOptions{Label: d.Label, Drop: d.Drop, Fill: fill, FillValue: value, Other: true}
		if schema != nil {
			o = data.ARFFOptions{Schema: schema, Unlabelled: true}
		}
		f, err = data.OpenARFF(name, o)
	} else {
		comma, _ := utf8.DecodeRuneInString(d.Comma)
		if d.Comma == "" {
			comma = 0
		}
		o := data.CSVOptions{Comma: comma, NoHeader: d.NoHeader, DecimalComma: d.DecimalComma, Label: d.Label, Drop: d.Drop, Fill: fill, FillValue: value, Other: true}
		if schema != nil {
			o = data.CSVOptions{Comma: comma, Schema: schema, Unlabelled: true}
		}
		f, err = data.OpenCSV(name, o)
	}
	if err != nil {
		return nil, err
	}
	return &source{
		train: f, table: true, schema: &f.Schema, classes: f.Schema.Classes(),
		where: fmt.Sprintf("%s, %d rows of %d columns", name, f.Len(), f.Schema.Width()),
	}, nil
}

func (d Data) openArrays(name, format string) (*source, error) {
	var all []data.Array
	var array func(string) (data.Array, error)
	var table func(x, label string) (data.Set, error)
	switch format {
	case "npy":
		x, err := data.OpenNPY(name)
		if err != nil {
			return nil, err
		}
		if d.X != "" || d.Label != "" {
			return nil, fmt.Errorf("%s: an npy file has one array: leave out data.x and data.label", name)
		}
		all = []data.Array{x}
		array = func(string) (data.Array, error) { return x, nil }
		table = func(string, string) (data.Set, error) { return data.Table(x, data.Array{}) }
	case "npz":
		f, err := data.OpenNPZ(name)
		if err != nil {
			return nil, err
		}
		all, array, table = f.Arrays, f.Array, f.Table
	case "mat":
		f, err := data.OpenMAT(name)
		if err != nil {
			return nil, err
		}
		all, array, table = f.Arrays, f.Array, f.Table
	}
	x := d.X
	if x == "" {
		x = samplesAmong(all)
	}
	if x == "" {
		var names []string
		for _, a := range all {
			names = append(names, a.Name)
		}
		return nil, fmt.Errorf("%s: which array has the samples? set data.x to one of %s", name, joinNames(names))
	}
	a, err := array(x)
	if err != nil {
		return nil, err
	}
	where := fmt.Sprintf("%s, %d samples %v", name, a.Len(), a.Shape)
	if len(a.Shape) == 1 {
		set, err := table(x, d.Label)
		if err != nil {
			return nil, err
		}
		return &source{train: set, table: true, where: where}, nil
	}
	a.Name = graph.InputX
	set, err := data.InMemory(a)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if d.Label != "" {
		label, err := array(d.Label)
		if err != nil {
			return nil, err
		}
		labels, err := data.Table(data.Array{Shape: []int{1}, Values: label.Values}, label)
		if err == nil {
			labels, err = data.Select(labels, graph.InputLabel)
		}
		if err == nil {
			set, err = data.With(set, labels)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: the labels %s: %w", name, d.Label, err)
		}
	}
	return &source{train: set, where: where}, nil
}

// samplesAmong finds the array of the samples: x, X, or the only one with more than a
// number a sample.
func samplesAmong(all []data.Array) string {
	var wide []string
	for _, a := range all {
		if a.Name == "x" || a.Name == "X" {
			return a.Name
		}
		if graph.Shape(a.Shape).Size() > 1 {
			wide = append(wide, a.Name)
		}
	}
	if len(wide) == 1 {
		return wide[0]
	}
	return ""
}

// headerOf reads the size and the colours of a picture file.
func headerOf(path string) (image.Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// isGrey reports whether a picture has no colour, by its header.
func isGrey(path string) (bool, error) {
	c, err := headerOf(path)
	return c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model, err
}

func (d Data) openPictures(dir string) (*source, error) {
	o := data.ImageFolderOptions{Fit: data.Fit(d.Fit), Flat: true}
	if len(d.Size) > 0 {
		o.Height, o.Width = d.Size[0], d.Size[len(d.Size)-1]
	}
	f, err := data.OpenImageFolder(dir, o)
	if err != nil {
		return nil, err
	}
	if o.Grey, err = d.grey(f); err != nil {
		return nil, err
	}
	if o.Grey {
		if f, err = data.OpenImageFolder(dir, o); err != nil {
			return nil, err
		}
	}
	beside := false
	for i := range f.Len() {
		beside = beside || filepath.Dir(f.Path(i)) == filepath.Clean(dir)
	}
	if !beside { // the folders are classes
		o.Flat = false
		if f, err = data.OpenImageFolder(dir, o); err != nil {
			return nil, err
		}
	}
	s := &source{train: f, classes: f.Classes}
	for i := range f.Len() {
		s.paths = append(s.paths, f.Path(i))
	}
	x, err := data.FieldOf(f, graph.InputX)
	if err != nil {
		return nil, err
	}
	s.where = fmt.Sprintf("%s, %d pictures %v", dir, f.Len(), x.Shape)
	if graph.Shape(x.Shape).Size()*f.Len() > mostPixels {
		return s, nil
	}
	var arrays []data.Array
	for _, field := range f.Fields() {
		a, err := data.ArrayOf(f, field.Name)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, a)
	}
	if s.train, err = data.InMemory(arrays...); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}
