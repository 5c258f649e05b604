package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// call runs the command.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// ok runs the command, which must not fail.
func ok(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := call(t, args...)
	require.Zero(t, code, "stheno %v: %s", args, stderr)
	return stdout
}

// workplace is a folder with the files that the examples name, which becomes the current
// one: MNIST of few images, a table, pictures with and without noise, and a configuration.
func workplace(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("STHENO_DATA", filepath.Join(dir, "data"))
	r := rand.New(rand.NewPCG(1, 1))
	idx := func(name string, data []byte, dims ...uint32) {
		file := []byte{0, 0, 8, byte(len(dims))}
		for _, n := range dims {
			file = binary.BigEndian.AppendUint32(file, n)
		}
		put(t, filepath.Join("data", "mnist", name), append(file, data...))
	}
	for name, n := range map[string]int{"train": 60, "t10k": 30} {
		images := make([]byte, n*28*28)
		for i := range images {
			images[i] = byte(r.IntN(256))
		}
		labels := make([]byte, n)
		for i := range labels {
			labels[i] = byte(i % 10)
		}
		idx(name+"-images-idx3-ubyte", images, uint32(n), 28, 28)
		idx(name+"-labels-idx1-ubyte", labels, uint32(n))
	}
	var table, holes strings.Builder
	table.WriteString("length,width,colour,kind\n")
	holes.WriteString("length,width,colour\n")
	for i := range 40 {
		length := r.NormFloat64()
		fmt.Fprintf(&holes, "%s,%.2f,%s\n", []string{fmt.Sprintf("%.2f", length), "?"}[i%5/4], 2*length, []string{"red", "blue", ""}[i%3])
		fmt.Fprintf(&table, "%.2f,%.2f,%s,%s\n", r.NormFloat64(), r.NormFloat64(), []string{"red", "blue"}[i%2], []string{"a", "b"}[i/2%2])
	}
	put(t, "table.csv", []byte(table.String()))
	put(t, "holes.csv", []byte(holes.String()))
	put(t, "new.csv", []byte("length,width,colour\n0.1,0.2,red\n9,-9,blue\n"))
	load := "time,value\n"
	for i := range 240 {
		load += fmt.Sprintf("%s,%.3f\n", time.Unix(int64(3600*i), 0).UTC().Format(time.DateTime), math.Sin(float64(i)/4)+r.NormFloat64()/20)
	}
	put(t, "load.csv", []byte(load))
	ratings := "user,item,rating,time\n"
	for i := range 120 {
		ratings += fmt.Sprintf("u%d,i%d,%d,%d\n", i%12, r.IntN(30), 1+r.IntN(5), i)
	}
	put(t, "ratings.csv", []byte(ratings))
	for i := range 12 {
		clean, noisy := image.NewGray(image.Rect(0, 0, 8, 8)), image.NewGray(image.Rect(0, 0, 8, 8))
		for k := range 64 {
			v := 20 * (k%8 + i%5)
			clean.SetGray(k%8, k/8, color.Gray{Y: uint8(v)})
			noisy.SetGray(k%8, k/8, color.Gray{Y: uint8(min(255, max(0, v+r.IntN(100)-50)))})
		}
		for folder, img := range map[string]image.Image{"pictures": clean, "noisy": noisy} {
			var file bytes.Buffer
			require.NoError(t, png.Encode(&file, img))
			put(t, filepath.Join(folder, fmt.Sprintf("p%02d.png", i)), file.Bytes())
		}
	}
	restorationFiles(t)
	put(t, "names.txt", []byte("ada\nalan\ngrace\nedsger\nbarbara\ndonald\nleslie\nfrances\njohn\nkathleen\nken\nmargaret\n"))
	put(t, "chorales.json", []byte(`{"train": [[[60, 64], [60, 64], [62, 65], [60, 64]], [[55], [57], [59]], [[60], [62]]], "valid": [[[67, 72], []]], "test": [[[64], [65, 69]]]}`))
	put(t, "vae.yaml", []byte("data: {source: mnist, limit: 50}\nmodel: {type: vae, hidden: [16], latent: 2}\ntrain: {epochs: 1, batch: 20}\n"))
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// The examples of the help run in the order of the commands: later ones use the runs of
// earlier ones. The data that they name are small here.
func TestTheExamplesOfTheHelpRun(t *testing.T) {
	workplace(t)
	ok(t, "train", "--data", "mnist", "--model", "vae", "--classes", "10", "--hidden", "16", "--epochs", "1", "-o", "runs/cvae")
	ran := map[string]bool{}
	for _, c := range append([]*cobra.Command{(&app{}).root()}, (&app{}).commands()...) {
		require.NotEmpty(t, c.Example, c.Name())
		for _, line := range strings.Split(c.Example, "\n") {
			args := strings.Fields(line)
			require.Equal(t, "stheno", args[0], line)
			if c.HasParent() || ran[line] || c.Name() == "stheno" || c.Name() == "serve" { // serve ends by a signal: see TestServeAnswersUntilASignal
				continue
			}
			ran[line] = true
			t.Run(line, func(t *testing.T) {
				for i, arg := range args {
					if arg == "-o" && args[1] == "train" { // the same folder may be in two examples
						require.NoError(t, os.RemoveAll(args[i+1]))
					}
				}
				ok(t, args[1:]...)
			})
		}
	}
}

func TestWithJSONNothingElseIsOnStandardOutput(t *testing.T) {
	workplace(t)
	for _, line := range []string{
		"train vae.yaml -o runs/vae -json", "resume runs/vae -json", "eval runs/vae --json", "encode runs/vae -o z.csv --json",
		"reconstruct runs/vae -o r.npz --json", "generate runs/vae -n 3 -o g.npy --json", "report runs/vae --json",
		"probe runs/vae --steps 5 --json", "generate runs/vae -n 3 --check -o g.png --json", "cluster runs/vae -k 3 --json", "plot runs/vae --vs pca -o plane.png --json", "kfold vae.yaml -k 2 -o runs/folds --json",
		"search vae.yaml --try latent=1..3 --trials 2 -o runs/search --json",
		"explain vae.yaml --batches 4 --json", "presets --json", "doctor --json",
		"train --data pictures --model conv --encoder 4,4 --epochs 1 -o runs/denoiser --json",
		"denoise noisy -o cleaned --run runs/denoiser --json", "denoise music -o cleaned-music --check --damage.kind masking --damage.level 0.1 --window 256 --epochs 1 --json",
		"inpaint pictures -o filled --hide.kind centre --epochs 1 --json", "impute holes.csv -o filled.csv --check --json",
	} {
		t.Run(line, func(t *testing.T) {
			out := ok(t, strings.Fields(line)...)
			require.True(t, json.Valid([]byte(out)), out)
		})
	}
}

func TestExitCodesSayWhatWentWrong(t *testing.T) {
	workplace(t)
	ok(t, "train", "vae.yaml", "-o", "runs/vae", "-q")
	put(t, "wrong.yaml", []byte("data: mnist\nmodel: {type: vae, latnet: 3}\n"))
	put(t, "bad.csv", []byte("length,width,colour,kind\n1,2,red\n"))
	ok(t, "train", "--data", "table.csv", "--label", "kind", "--model", "dense", "--hidden", "4,2", "--epochs", "1", "-o", "runs/table")
	put(t, "other.csv", []byte("length,colour\n1,red\n"))
	put(t, "text.csv", []byte("length,width,colour,kind\n1,wide,red,a\n"))
	t.Setenv("STHENO_DATA", t.TempDir())
	for _, c := range []struct {
		line string
		code int
		want []string
	}{
		{"trian vae.yaml", exitUsage, []string{`command "trian" is unknown: did you mean "train"?`}},
		{"train a b", exitUsage, []string{"stheno train [PRESET|CONFIG.yaml]"}},
		{"train", exitUsage, []string{"data.source is missing"}},
		{"train --data mnist", exitUsage, []string{"model.type is missing"}},
		{"train --data mnist --model vae --epohcs 3", exitUsage, []string{`"--epohcs" is unknown: did you mean "--epochs"?`}},
		{"train --data mnist --model vae --epochs many", exitUsage, []string{`--train.epochs: "many" is not a whole number`}},
		{"train --data mnist --model vea", exitUsage, []string{`did you mean "vae"?`}},
		{"train --data mnist --model vae --set latent", exitUsage, []string{"is not key=value"}},
		{"train --data mnist --model vae --set model.latnet=3", exitUsage, []string{`did you mean "model.latent"?`}},
		{"train wrong.yaml", exitUsage, []string{`wrong.yaml:2: key of model "latnet" is unknown: did you mean "latent"?`}},
		{"train nothing.yaml", exitUsage, []string{"nothing.yaml"}},
		{"train vae-pytroch", exitUsage, []string{`did you mean "vae-pytorch"?`}},
		{"train vae-pytorch --epochs 3", exitUsage, []string{"brings its own data"}},
		{"train multvae-ml100k -o runs/items", exitMissing, []string{"is not on this machine", "--dataDir"}},
		{"train --data qmnist --model vae", exitMissing, []string{"qmnist"}},
		{"train vae.yaml -o runs/vae", exitFailed, []string{"runs/vae has a run: go on with it by resume"}},
		{"train --data bad.csv --model dense", exitFailed, []string{"bad.csv"}},
		{"resume runs/vea", exitFailed, []string{"did you mean runs/vae?"}},
		{"resume table.csv", exitFailed, []string{"table.csv is a file"}},
		{"resume runs/vae --epochs -3", exitUsage, []string{"train.epochs: -3 is negative"}},
		{"resume runs/vae --latnet 3", exitUsage, []string{`did you mean "--latent"?`}},
		{"resume", exitUsage, []string{"stheno resume RUN"}},
		{"eval runs/none", exitFailed, []string{"there is no run runs/none"}},
		{"eval table.csv", exitFailed, []string{"table.csv"}},
		{"eval runs/vae --backend cdua", exitFailed, []string{`did you mean "cuda"?`}},
		{"eval runs/table --data other.csv", exitFailed, []string{"other.csv", "width"}},
		{"eval runs/table --data text.csv", exitFailed, []string{"text.csv", "wide", "width"}},
		{"eval runs/table --data pictures", exitFailed, []string{"pictures"}},
		{"eval runs/vae/model.stheno", exitFailed, []string{"name a file, a folder or a data set"}},
		{"encode runs/vae", exitUsage, []string{"name one with -o"}},
		{"encode runs/vae -o codes.xls", exitUsage, []string{"want one of npz, npy, csv, png"}},
		{"reconstruct runs/table --data text.csv -o r.csv", exitFailed, []string{"wide"}},
		{"generate runs/vae -o x.png --sampler gm", exitFailed, []string{`did you mean "gmm"?`}},
		{"generate runs/vae -o x.png --class 3", exitFailed, []string{"not conditional"}},
		{"generate runs/vae -o x.png -n -3", exitFailed, []string{"negative"}},
		{"generate runs/table -o x.csv --sampler prior", exitFailed, []string{"has no prior: use the sampler gmm"}},
		{"generate runs/table -o x.csv --walk 1,99", exitFailed, []string{"has the samples 0 to"}},
		{"generate runs/table -o x.csv --walk 1", exitFailed, []string{"want the numbers of two"}},
		{"denoise noisy", exitUsage, []string{"name one with -o"}},
		{"denoise noisy -o noisy --run runs/vae", exitFailed, []string{"choose another"}},
		{"denoise none -o out --run runs/vae", exitFailed, []string{"none"}},
		{"denoise noisy -o out --run runs/table", exitFailed, []string{"not pictures"}},
		{"search vae.yaml", exitUsage, []string{"say what with --try"}},
		{"search vae.yaml --try rate", exitUsage, []string{"want KEY=LOW..HIGH"}},
		{"search vae.yaml --try rate=1..0.1", exitUsage, []string{"is no range of numbers"}},
		{"search vae.yaml --try rat=0.1..1", exitUsage, []string{`did you mean "rate"?`}},
		{"search --data table.csv --model dense --validation 0 --try rate=0.1..1", exitFailed, []string{"data.validation above 0"}},
		{"search vae-pytorch --try rate=0.1..1", exitFailed, []string{"write a configuration"}},
		{"plot runs/table -o plane.jpg", exitUsage, []string{"want the name of a png file"}},
		{"plot runs/table -o plane.png --vs pac", exitUsage, []string{`did you mean "pca"?`}},
		{"probe runs/vae", exitMissing, []string{"is not on this machine"}},
		{"cluster runs/table -k 1", exitFailed, []string{"at least 2"}},
		{"cluster runs/table -k 100", exitFailed, []string{"100"}},
		{"kfold --data table.csv --model dense --hidden 4,2 -k 1 -o runs/k", exitFailed, []string{"1 folds: want at least 2"}},
		{"kfold vae-pytorch -o runs/k", exitFailed, []string{"write a configuration"}},
		{"impute holes.csv", exitUsage, []string{"name one with -o"}},
		{"impute holes.csv -o f.csv --method miwea", exitUsage, []string{`did you mean "miwae"?`}},
		{"impute holes.csv -o f.csv --draws -1", exitUsage, []string{"--draws -1"}},
		{"impute bad.csv -o f.csv", exitFailed, []string{"bad.csv", "line 2"}},
		{"impute none.csv -o f.csv", exitFailed, []string{"none.csv"}},
		{"explain vae.yaml --batches 0", exitFailed, []string{"a batch of 0 samples"}},
		{"report runs/vae/model.stheno", exitFailed, []string{"name the folder of a run"}},
	} {
		t.Run(c.line, func(t *testing.T) {
			code, out, errs := call(t, strings.Fields(c.line)...)
			require.Equal(t, c.code, code, errs)
			require.Empty(t, out)
			for _, want := range c.want {
				require.Contains(t, errs, want)
			}
		})
	}
}

func TestATrainingThatIsInterruptedIsResumed(t *testing.T) {
	workplace(t)
	ctx, cancel := context.WithCancel(t.Context())
	var errs cancelOn
	errs.text, errs.cancel = "epoch 1/", cancel
	code := run(ctx, []string{"train", "vae.yaml", "--epochs", "3", "-o", "runs/vae"}, &bytes.Buffer{}, &errs)
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, errs.String(), "stheno resume runs/vae")
	require.Contains(t, ok(t, "resume", "runs/vae"), "complete after 3 epochs")
	code, _, text := call(t, "resume", "runs/vae")
	require.Zero(t, code)
	require.Contains(t, text, "is complete: to train longer, set --epochs above 3")
	require.Contains(t, ok(t, "resume", "runs/vae", "--epochs", "4"), "complete after 4 epochs")
}

func TestAPresetLeavesARunThatIsUsedLikeOthers(t *testing.T) {
	workplace(t)
	require.Contains(t, ok(t, "train", "vae-pytorch", "--limit", "40", "--steps", "2", "-o", "runs/preset"), "test loss, nats an image")
	code, out, text := call(t, "resume", "runs/preset")
	require.Zero(t, code)
	require.Contains(t, out, "complete")
	require.Contains(t, text, "the training of runs/preset is complete")
	require.NotContains(t, text, "--epochs")
	require.Contains(t, ok(t, "eval", "runs/preset"), "test loss, nats an image")
	require.Contains(t, ok(t, "eval", "runs/preset", "--data", "mnist"), "elbo")
	ok(t, "generate", "runs/preset", "-n", "4", "-o", "preset.png")
	f, err := os.Open("preset.png")
	require.NoError(t, err)
	defer f.Close()
	img, err := png.DecodeConfig(f)
	require.NoError(t, err)
	require.Greater(t, img.Height, 2*28-1, "samples of 784 values are drawn as pictures of 28 by 28")
	explained := ok(t, "explain", "vae-pytorch", "--batches", "4")
	require.Contains(t, explained, "train: vae 784-400-20")
	require.Contains(t, explained, "2 times the units")
	require.NotContains(t, explained, "times the steps")
}

// cancelOn calls a function when a text is written.
type cancelOn struct {
	bytes.Buffer
	text   string
	cancel func()
}

func (c *cancelOn) Write(b []byte) (int, error) {
	if strings.Contains(string(b), c.text) {
		c.cancel()
	}
	return c.Buffer.Write(b)
}

func TestTheHelpOfEveryCommandSaysWhatItDoes(t *testing.T) {
	for _, c := range (&app{}).commands() {
		out := ok(t, c.Name(), "--help")
		require.Contains(t, out, "Examples:")
		require.NotEmpty(t, c.Short)
		require.NotEmpty(t, c.Long)
	}
	for topic, want := range map[string]string{"exit-codes": "130", "keys": "train.maxTime", "models": "dense.TopKSAE"} {
		require.Contains(t, ok(t, "help", topic), want)
	}
	require.Contains(t, ok(t, "completion", "bash"), "stheno")
}

func TestImputeFillsWhatIsMissingAndCopiesTheRest(t *testing.T) {
	workplace(t)
	out := ok(t, "impute", "holes.csv", "-o", "filled.csv", "--draws", "2", "-q")
	require.Contains(t, out, "filled-1.csv, filled-2.csv")
	before := readCSV(t, "holes.csv")
	for _, file := range []string{"filled-1.csv", "filled-2.csv"} {
		after := readCSV(t, file)
		require.Len(t, after, len(before))
		for i, row := range before {
			for j, cell := range row {
				if cell == "" || cell == "?" {
					require.NotContains(t, []string{"", "?"}, after[i][j], "%s, row %d", file, i)
				} else {
					require.Equal(t, cell, after[i][j])
				}
			}
		}
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return rows
}
