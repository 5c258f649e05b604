package recipe_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/recipe"
)

func TestMistakesInAConfigurationAreNamedWithTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"no data":             {"model: vae", []string{"data.source is missing"}},
		"no model":            {"data: digits", []string{"model.type is missing", "dense, "}},
		"unknown section":     {"dta: digits", []string{`c.yaml:1: key "dta" is unknown: did you mean "data"?`}},
		"unknown key":         {"data: digits\ntrain:\n  epohcs: 3", []string{`c.yaml:3: key of train "epohcs" is unknown: did you mean "epochs"?`}},
		"unknown setting":     {"data: digits\nmodel: {type: vae, latnet: 3}", []string{`c.yaml:2: key of model "latnet" is unknown: did you mean "latent"?`}},
		"unknown model":       {"model: vea", []string{`c.yaml:1: model.type: type of model "vea" is unknown: did you mean "vae"?`}},
		"model without type":  {"model: {latent: 3}", []string{"c.yaml:1: model.type: no type of model: want one of"}},
		"unknown optimiser":   {"train: {optimizer: adamm}", []string{`did you mean "adam"?`}},
		"text for a number":   {"train:\n  epochs: many", []string{`c.yaml:2: train.epochs: "many" is not a whole number`}},
		"fraction of epochs":  {"train: {epochs: 1.5}", []string{`train.epochs: "1.5" is not a whole number`}},
		"list for a number":   {"train: {epochs: [1]}", []string{"train.epochs: want a whole number, not a list"}},
		"too large":           {"train: {epochs: 99999999999999999999}", []string{"is not a whole number"}},
		"not finite":          {"train: {clip: .inf}", []string{"train.clip", "is not a finite number"}},
		"negative epochs":     {"data: digits\nmodel: vae\ntrain: {epochs: -1}", []string{"train.epochs: -1 is negative"}},
		"text in a list":      {"model: {type: vae, hidden: [3, x]}", []string{`model.hidden, value 2: "x" is not a whole number`}},
		"too many values":     {"model: {type: conv, size: [3, 4, 5]}", []string{"model.size: 3 values, want at most 2"}},
		"section as a number": {"train: 3", []string{"c.yaml:1: train: want keys and values"}},
		"list as a whole":     {"- 1", []string{"c.yaml:1: want keys and values"}},
		"key twice":           {"seed: 1\nseed: 2", []string{"c.yaml:2: seed is there twice"}},
		"no yaml":             {"data: {", []string{"c.yaml: ", "line 1"}},
		"two documents":       {"seed: 1\n---\nseed: 2", []string{"more than one document"}},
		"bad time":            {"train: {maxTime: soon}", []string{`train.maxTime: "soon" is not a time such as 90s`}},
		"bad truth":           {"data: {grey: grey}", []string{`data.grey: "grey" is not true or false`}},
		"bad backend":         {"backend: cdua", []string{`backend: "cdua" is unknown: did you mean "cuda"?`}},
		"bad isa":             {"isa: sse", []string{`does not have "sse"`}},
		"threads":             {"threads: -1", []string{"threads: -1"}},
		"bad scale":           {"data: {source: digits, scale: standrad}\nmodel: vae", []string{`data.scale: "standrad" is unknown: did you mean "standard"?`}},
		"bad split":           {"data: {source: digits, split: odd}\nmodel: vae", []string{"data.split"}},
		"bad part":            {"data: {source: digits, validation: 1.5}\nmodel: vae", []string{"data.validation: 1.5 is not a part"}},
		"bad schedule":        {"data: digits\nmodel: vae\ntrain: {schedule: {rate: {kind: cosin}}}", []string{`train.schedule.rate: kind of schedule "cosin" is unknown: did you mean "cosine"?`}},
		"bad rate":            {"data: digits\nmodel: vae\ntrain: {optimizer: {type: adam, rate: -1}}", []string{"train.optimizer", "rate"}},
		"unknown preset":      {"preset: vea-pytorch", []string{`the preset "vea-pytorch" is unknown: did you mean "vae-pytorch"?`}},
		"preset and data":     {"preset: vae-pytorch\ndata: digits", []string{"brings its own data"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recipe.Parse([]byte(c.text), "c.yaml")
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestSettingsReplaceValuesOfTheConfiguration(t *testing.T) {
	with := func(key, value string) (*recipe.Recipe, error) {
		return recipe.Parse([]byte("data: digits\nmodel: dense\ntrain: {optimizer: sgd}"), "c.yaml", recipe.Setting{Key: key, Value: value, Origin: "--" + key})
	}
	for _, c := range [][3]string{
		{"epochs", "7", "epochs: 7"}, {"train.epochs", "7", "epochs: 7"}, {"rate", "0.5", "rate: 0.5"}, {"hidden", "30,4", "hidden: [30, 4]"},
		{"noise.level", "0.5", "level: 0.5"}, {"data.limit", "9", "limit: 9"}, {"data", "mnist", "source: mnist"}, {"model", "conv", "type: conv"},
		{"schedule.beta.warmUp", "0.5", "warmUp: 0.5"}, {"schedule.temperature.from", "0.5", "temperature:"}, {"tied", "true", "tied: true"},
		{"augment.warp.rotate", "5", "rotate: 5"}, {"seed", "8", "seed: 8"}, {"optimizer", "adam", "type: adam"}, {"model.hidden", "[5]", "hidden: [5]"},
	} {
		r, err := with(c[0], c[1])
		require.NoError(t, err, c[0])
		text, err := r.YAML()
		require.NoError(t, err)
		require.Contains(t, string(text), c[2])
	}
	for _, c := range [][3]string{
		{"epohcs", "7", `--epohcs: key "epohcs" is unknown: did you mean "epochs"?`},
		{"epochs", "x", `--epochs: train.epochs: "x" is not a whole number`},
		{"latent", "3", `--latent: key of model "latent" is unknown`},
		{"hidden", "[3", "--hidden: "},
		{"optimizer.rat", "3", `did you mean "optimizer.rate"?`},
	} {
		_, err := with(c[0], c[1])
		require.ErrorContains(t, err, c[2])
	}
}

// write writes a file to a folder.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestMistakesInTheDataAreNamedBeforeTraining(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("STHENO_DATA", dir)
	csv := write(t, dir, "t.csv", "a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n")
	write(t, dir, "odd.csv", "a,b\n1,2\n3\n")
	write(t, dir, "none.csv", "")
	write(t, dir, "noise.dat", "hello")
	write(t, dir, "broken/a.png", "this is no picture")
	write(t, dir, "empty/readme", "")
	write(t, dir, "damaged.npz", "PK")
	small := filepath.Join(dir, "pictures", "a.png")
	require.NoError(t, os.MkdirAll(filepath.Dir(small), 0o755))
	f, err := os.Create(small)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8))))
	require.NoError(t, f.Close())
	for name, c := range map[string]struct{ data, model, want string }{
		"no such set":      {"{source: mnsit}", "vae", `did you mean "mnist"?`},
		"no such file":     {"{source: " + dir + "/x.csv}", "dense", "there is no such file or folder"},
		"no such folder":   {"{source: " + dir + "/x}", "dense", "there is no such file or folder"},
		"ragged table":     {"{source: " + dir + "/odd.csv}", "dense", "odd.csv"},
		"empty table":      {"{source: " + dir + "/none.csv}", "dense", "none.csv"},
		"unknown file":     {"{source: " + dir + "/noise.dat}", "dense", "set data.format"},
		"file as folder":   {"{source: " + csv + ", format: pictures}", "dense", "it is a file"},
		"no picture":       {"{source: " + dir + "/broken}", "conv", "a.png"},
		"no pictures":      {"{source: " + dir + "/empty}", "conv", "empty"},
		"damaged npz":      {"{source: " + dir + "/damaged.npz}", "dense", "damaged.npz"},
		"unknown label":    {"{source: " + csv + ", label: knid}", "dense", "knid"},
		"unknown drop":     {"{source: " + csv + ", drop: [c]}", "dense", `"c"`},
		"one picture":      {"{source: " + dir + "/pictures}", "conv", "1 samples cannot be parted"},
		"wide window":      {"{source: " + csv + ", drop: [kind], window: 9}", "{type: conv}", "data.window"},
		"no class":         {"{source: " + csv + ", label: kind, keepClass: [7]}", "dense", "data.keepClass"},
		"wrong shape":      {"{source: " + csv + ", shape: [7]}", "dense", "data.shape"},
		"wrong size":       {"{source: digits}", "{type: dense, input: 90}", "takes 90 values"},
		"setting in range": {"{source: digits}", "{type: dense, dropout: 2}", "ropout"},
		"no labels":        {"{source: " + csv + ", drop: [kind]}", "{type: vae, classes: 3}", `reads "label"`},
		"stratify without": {"{source: " + csv + ", split: classes}", "dense", "label"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := recipe.Parse(fmt.Appendf(nil, "data: %s\nmodel: %s", c.data, c.model), "c.yaml")
			require.NoError(t, err)
			run := filepath.Join(t.TempDir(), "run")
			_, err = r.Train(t.Context(), run, recipe.Options{})
			require.ErrorContains(t, err, c.want)
			t.Log(err)
			require.NoDirExists(t, run, "a run that could not start leaves no folder")
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(tiny)
	f.Add("data: mnist\nmodel: vae\n")
	f.Add("a: &a {b: *a}\n")
	f.Add("train: {schedule: {beta: {after: [1, 2]}}, augment: {warp: {rotate: 3}}}")
	f.Add("model: {type: vae, conv: {shape: [1, 2, 3]}, blocks: [{size: 2}]}")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recipe.Parse([]byte(text), "c.yaml")
		if err != nil {
			return
		}
		written, err := r.YAML()
		require.NoError(t, err)
		_, err = recipe.Parse(written, "again.yaml")
		require.NoError(t, err, string(written))
	})
}
