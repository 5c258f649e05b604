package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/machine"
)

// The files of a run folder.
const (
	ConfigFile        = "config.yaml"   // the configuration, complete
	InfoFile          = "run.json"      // see Info
	LogFile           = "log.csv"       // a line for each epoch; see train.CSVLog
	ModelFile         = "model.stheno"  // the trained model; stheno.Load reads it
	SchemaFile        = "schema.json"   // of a table: how other files are read in the same way
	SequenceFile      = "sequence.json" // of texts and music: the tokens, and the steps that the model has
	SamplesFile       = "samples.npz"   // some samples of the test part; see Run.Samples
	ReportFile        = "report.html"   // one page with the curves and the pictures
	CheckpointsFolder = "checkpoints"   // from which Resume goes on
	PicturesFolder    = "pictures"      // reconstructions, samples, codes
)

// The values of Info.Status.
const (
	Running     = "running"     // also of a run that was killed
	Complete    = "complete"    // all was trained
	Interrupted = "interrupted" // by a signal or a limit of time; Resume goes on
	Failed      = "failed"      // Info.Error says why; Resume tries again
)

// Info is what a run folder says about its run.
type Info struct {
	Status     string             `json:"status"`
	Error      string             `json:"error,omitempty"`
	Command    []string           `json:"command,omitempty"`
	Started    time.Time          `json:"started"`
	Ended      time.Time          `json:"ended,omitzero"`
	Version    string             `json:"version"`            // of this module
	Revision   string             `json:"revision,omitempty"` // of the source, if the build knows it
	Go         string             `json:"go"`
	Modules    map[string]string  `json:"modules,omitempty"` // versions of what computes
	Machine    string             `json:"machine"`
	Backend    string             `json:"backend"`
	Arithmetic string             `json:"arithmetic,omitempty"` // what fixes the last bits of the result
	Seed       uint64             `json:"seed"`
	Data       string             `json:"data,omitempty"`
	Samples    map[string]int     `json:"samples,omitempty"` // by part
	Classes    []string           `json:"classes,omitempty"`
	Model      string             `json:"model,omitempty"` // its type
	Summary    string             `json:"summary,omitempty"`
	Parameters int                `json:"parameters,omitempty"`
	Epochs     int                `json:"epochs"`
	Steps      int                `json:"steps,omitempty"`
	Stopped    string             `json:"stopped,omitempty"`    // why training ended before the planned steps
	Validation map[string]float64 `json:"validation,omitempty"` // means after the last epoch
	Test       map[string]float64 `json:"test,omitempty"`       // means over the test samples
	Figures    []Reached          `json:"figures,omitempty"`    // of a preset
	Notes      []string           `json:"notes,omitempty"`
}

// Reached is a figure that a preset has reached.
type Reached struct {
	Metric    string  `json:"metric"`
	Value     float64 `json:"value"`
	Untrained float64 `json:"untrained"`
	Expected  float64 `json:"expected,omitempty"` // published, or by another program
	Source    string  `json:"source,omitempty"`
	Target    float64 `json:"target,omitempty"`
	Met       bool    `json:"met"`
}

// newInfo describes a run that begins now.
func newInfo(r *Recipe, command []string) Info {
	m := machine.Describe()
	i := Info{Status: Running, Command: command, Started: time.Now().UTC().Round(time.Second), Go: m.Go, Machine: m.String(), Seed: r.Seed, Version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return i
	}
	const module = "github.com/stheno-ml/stheno"
	for _, d := range append([]*debug.Module{&info.Main}, info.Deps...) {
		switch {
		case d.Path == module:
			i.Version = d.Version
		case strings.HasPrefix(d.Path, "gorgonia.org/"):
			if i.Modules == nil {
				i.Modules = map[string]string{}
			}
			i.Modules[d.Path] = d.Version
		}
	}
	modified := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			i.Revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " and changes"
		}
	}
	if i.Revision != "" {
		i.Revision += modified
	}
	return i
}

// IsRun reports whether a folder has a run.
func IsRun(dir string) bool {
	for _, name := range []string{ConfigFile, InfoFile, CheckpointsFolder, ModelFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// newFolder creates the folder of a run.
func newFolder(dir string) error {
	if dir == "" {
		return errors.New("the run has no folder: name one")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the folder of the run: %w", err)
	}
	return nil
}

// writeFile writes a file of a run.
func writeFile(dir, name string, text []byte) error {
	return atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func writeJSON(dir, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	return writeFile(dir, name, append(text, '\n'))
}

// ConfigOf is the path of a run's configuration.
func ConfigOf(dir string) string { return filepath.Join(dir, ConfigFile) }

// ReadInfo reads the file that says what a run is.
func ReadInfo(dir string) (Info, error) {
	var i Info
	path := filepath.Join(dir, InfoFile)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return i, notARun(dir)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return i, notARun(dir)
	} else if err != nil {
		return i, err
	}
	if err := json.Unmarshal(text, &i); err != nil {
		return i, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return i, nil
}

// notARun says what is in the place of a run.
func notARun(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no run %s%s", dir, runsBeside(dir))
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is a file, want the folder of a run", dir)
	}
	return fmt.Errorf("%s is not the folder of a run: it has no %s", dir, InfoFile)
}

// runsBeside lists the runs in the folder in which one was looked for.
func runsBeside(dir string) string {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*", InfoFile))
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	if len(names) == 0 {
		return ""
	}
	text := fmt.Sprintf(" (runs in %s: %s)", filepath.Dir(dir), joinNames(names))
	if n := nearest(filepath.Base(dir), names); n != "" {
		return fmt.Sprintf(": did you mean %s?%s", filepath.Join(filepath.Dir(dir), n), text)
	}
	return text
}
