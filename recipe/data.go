package recipe

import (
	"fmt"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/restore"
)

// Data says which samples a model is trained on.
type Data struct {
	// Source is the name of a data set, such as "mnist", or the path of a file or folder.
	Source string `json:"source" doc:"a data set by name (mnist, fashion-mnist, digits, ...), a file (csv, arff, npz, npy, mat, wav, json of music; texts: see data.tokens) or a folder (of pictures, wav files or IDX files)"`
	// Format is what the file or folder is; "" means by its name and content.
	Format string `json:"format" doc:"csv, arff, npz, npy, mat, wav, pictures, idx or music; empty means by the name and the content"`
	// Test is a file or folder of the same form to test on.
	Test string `json:"test" doc:"a file or folder of the same form to test on; empty means a part of the source"`
	// X is the array of the samples in an npz or mat file.
	X     string   `json:"x" doc:"array of the samples in an npz or mat file; empty means x, X or the only one"`
	Label string   `json:"label" doc:"column (csv, arff) or array (npz, mat) of the classes"`
	Drop  []string `json:"drop" doc:"columns to leave out (csv, arff)"`

	// Tokens makes samples of the lines of a text file, or of a column of a csv file.
	Tokens string `json:"tokens" doc:"how the lines of a text become tokens: characters, words or smiles; empty means that the samples are no texts"`
	Column string `json:"column" doc:"column of the texts in a csv file; empty means the only one"`
	Rare   int    `json:"rare" doc:"tokens that occur less often than this are one unknown token; 0 means that all are known"`

	NoHeader     bool   `json:"noHeader" doc:"the first line of the csv file is a row"`
	Comma        string `json:"comma" doc:"what separates values in a csv file; empty means comma, semicolon or tab, whichever fits"`
	DecimalComma bool   `json:"decimalComma" doc:"numbers in the csv file are written as 3,14"`
	Fill         string `json:"fill" doc:"what stands for a missing number: mean, median or zero" default:"mean"`

	Size []int  `json:"size" doc:"rows and columns of pictures, such as 64,64; empty means those of the first picture"`
	Grey *bool  `json:"grey" doc:"read pictures as grey ones; empty means if the first picture is grey"`
	Fit  string `json:"fit" doc:"how a picture of another shape is made to fit: stretch or crop" default:"stretch"`

	Shape      []int `json:"shape" doc:"another shape of the samples, of as many values"`
	KeepClass  []int `json:"keepClass" doc:"numbers of the classes to keep; empty means all"`
	Limit      int   `json:"limit" doc:"samples at most, to train on and to test on; 0 means all"`
	Window     int   `json:"window" doc:"steps of the windows that are cut from a table as a time series, or from a sound; 0 means that rows are samples, and 1024 of a sound"`
	Stride     int   `json:"stride" doc:"steps from a window to the next" default:"1"`
	StepsFirst bool  `json:"stepsFirst" doc:"windows are steps by channels, as models of sequences read them"`

	// Cut cuts pictures into squares. Damage and Hide are what a model learns to restore:
	// they add the fields target and mask.
	Cut        Cut            `json:"cut"`
	Damage     restore.Damage `json:"damage"`
	Hide       restore.Hole   `json:"hide"`
	SampleRate int            `json:"sampleRate" doc:"steps in a second of wav files; 0 means that of the first"`

	// Scale is how values are scaled; "" means "standard" for tables, else "none".
	Scale    string `json:"scale" doc:"none, standard, min-max, robust, log, sample standard or sample min-max; empty means standard for tables, else none"`
	ScalePer string `json:"scalePer" doc:"what is scaled together: value, channel or all"`

	// Validation is the part of the training samples that is held out to watch the
	// training; nil means a tenth.
	Validation *float64 `json:"validation" doc:"part of the training samples that is held out to watch the training" default:"0.1"`
	// TestPart is the part of the samples that is held out to test on, if there are no
	// others; nil means a tenth.
	TestPart *float64 `json:"testPart" doc:"part of the samples that is held out to test on, if there are no others" default:"0.1"`
	// Split is how parts are chosen.
	Split string `json:"split" doc:"how parts are chosen: random, classes (the same part of each) or order (the last); empty means order for windows, else random"`

	known *Sequence // how texts or music were read before
}

// formats are the values of the key data.format.
func formats() []string {
	return []string{"csv", "arff", "npz", "npy", "mat", "wav", "pictures", "idx", musicFormat}
}

// named are the data sets that are opened by name.
func named() []string {
	return []string{
		"auto", "mnist", "fashion-mnist", "digits", "swiss-roll", "s-curve", "qmnist",
		"emnist-balanced", "emnist-byclass", "emnist-bymerge", "emnist-digits", "emnist-letters", "emnist-mnist",
	}
}

// noScale is the value of the key data.scale for values that stay as they are.
const noScale = "none"

// check checks what can be checked without the samples.
func (d Data) check() error {
	if d.Format != "" {
		if err := oneOf("data.format", d.Format, formats()...); err != nil {
			return err
		}
	}
	if err := d.checkTexts(); err != nil {
		return err
	}
	if d.Split != "" {
		if err := oneOf("data.split", d.Split, "random", "classes", "order"); err != nil {
			return err
		}
	}
	if d.Fill != "" {
		if err := oneOf("data.fill", d.Fill, string(data.FillMean), string(data.FillMedian), "zero"); err != nil {
			return err
		}
	}
	if d.Fit != "" {
		if err := oneOf("data.fit", d.Fit, string(data.FitStretch), string(data.FitCrop)); err != nil {
			return err
		}
	}
	if d.Scale != "" {
		if err := oneOf("data.scale", d.Scale, noScale, string(data.Standard), string(data.MinMax), string(data.Robust), string(data.Log), string(data.SampleStandard), string(data.SampleMinMax)); err != nil {
			return err
		}
	}
	if d.ScalePer != "" {
		if err := oneOf("data.scalePer", d.ScalePer, string(data.PerValue), string(data.PerChannel), string(data.PerAll)); err != nil {
			return err
		}
	}
	switch n := len(d.Size); {
	case n > 2:
		return fmt.Errorf("data.size: %v: want rows and columns", d.Size)
	case n > 0 && (d.Size[0] < 1 || d.Size[n-1] < 1):
		return fmt.Errorf("data.size: %v: want sizes of at least 1", d.Size)
	}
	if utf8.RuneCountInString(d.Comma) > 1 {
		return fmt.Errorf("data.comma: %q: want one character", d.Comma)
	}
	if d.Limit < 0 || d.Window < 0 || d.Stride < 0 {
		return fmt.Errorf("data.limit %d, data.window %d, data.stride %d: none can be negative", d.Limit, d.Window, d.Stride)
	}
	if err := d.checkRestoration(); err != nil {
		return err
	}
	for _, part := range []struct {
		key string
		v   *float64
	}{{"validation", d.Validation}, {"testPart", d.TestPart}} {
		if part.v != nil && !(*part.v >= 0 && *part.v < 1) {
			return fmt.Errorf("data.%s: %g is not a part from 0 to below 1", part.key, *part.v)
		}
	}
	return nil
}

// scale is how the samples are scaled.
func (d Data) scale() (map[string]data.ScaleOptions, error) {
	if d.Scale == "" || d.Scale == noScale {
		return nil, nil
	}
	return map[string]data.ScaleOptions{graph.InputX: {Kind: data.ScaleKind(d.Scale), Per: data.ScalePer(d.ScalePer)}}, nil
}

// part is a part of the samples with its default.
func part(v *float64) float64 {
	if v == nil {
		return 0.1
	}
	return *v
}
