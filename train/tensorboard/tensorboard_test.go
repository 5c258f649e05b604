package tensorboard_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/tensorboard"
)

// model is a small variational autoencoder of digits.
var model = vae.Config{Hidden: []int{16}, Latent: 2}

// options are those of a training of three epochs with three steps each.
func options(dir string) train.Options {
	return train.Options{
		Backend: cpu.Config{}, Epochs: 3, Batch: 32, Seed: 5, Validation: data.NewDigits(3, 40),
		Checkpoints: &train.Checkpoints{Dir: filepath.Join(dir, "checkpoints"), EverySteps: 2, Resume: true},
		Callbacks:   []train.Callback{&train.CollapseWatch{}, &tensorboard.Writer{Dir: filepath.Join(dir, "events"), EverySteps: 1}},
	}
}

// killed copies a folder after a step, as a killed process would leave it.
type killed struct {
	train.Base
	t        *testing.T
	from, to string
	step     int
}

func (k killed) Step(r *train.Run) error {
	for r.Steps == k.step { // until no file vanishes meanwhile
		err := os.CopyFS(k.to, os.DirFS(k.from))
		if err == nil {
			break
		}
		require.ErrorIs(k.t, err, fs.ErrNotExist)
		require.NoError(k.t, os.RemoveAll(k.to))
	}
	return nil
}

// fields are the contents of a message by field number.
func fields(t *testing.T, m []byte) map[protowire.Number][][]byte {
	out := map[protowire.Number][][]byte{}
	for len(m) > 0 {
		number, kind, n := protowire.ConsumeTag(m)
		require.Positive(t, n)
		m = m[n:]
		size := protowire.ConsumeFieldValue(number, kind, m)
		require.Positive(t, size)
		value := m[:size]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(m)
		}
		out[number] = append(out[number], value)
		m = m[size:]
	}
	return out
}

// events reads the whole records of a file, and checks them.
func events(t *testing.T, content []byte) (out []map[protowire.Number][][]byte) {
	check := func(data []byte, sum []byte) {
		c := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
		require.Equal(t, (c>>15|c<<17)+0xa282ead8, binary.LittleEndian.Uint32(sum))
	}
	for len(content) >= 12 {
		check(content[:8], content[8:12])
		n := int(binary.LittleEndian.Uint64(content))
		if len(content) < n+16 {
			break
		}
		check(content[12:12+n], content[12+n:16+n])
		out = append(out, fields(t, content[12:12+n]))
		content = content[16+n:]
	}
	return out
}

func TestAnEventFileHasTheNumbersAndPictures(t *testing.T) {
	dir := t.TempDir()
	r, err := train.Fit(t.Context(), model, data.NewDigits(2, 96), options(dir))
	require.NoError(t, err)
	require.Empty(t, r.Warnings)
	files, err := filepath.Glob(filepath.Join(dir, "events", "events.out.tfevents.*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Regexp(t, `events\.out\.tfevents\.\d{10}\..+`, files[0])
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	all := events(t, content)
	require.Len(t, all, 2+9+3)
	require.Equal(t, "brain.Event:2", string(all[0][3][0]))
	require.Contains(t, all[1], protowire.Number(7))
	step, _ := protowire.ConsumeVarint(all[13][2][0])
	require.Equal(t, uint64(9), step)
	last := map[string]map[protowire.Number][][]byte{}
	for _, v := range fields(t, all[13][5][0])[1] {
		value := fields(t, v)
		last[string(value[1][0])] = value
	}
	loss, _ := protowire.ConsumeFixed32(last["loss/validation"][2][0])
	require.Equal(t, float32(r.Epochs[2].Validation["loss"]), math.Float32frombits(loss))
	for _, tag := range []string{"active units", "recon", "samples", "codes", "code", "weights/encoder/mu/w", "elbo/train", "mse/validation"} {
		require.Contains(t, last, tag)
	}
	half := events(t, content[:len(content)-1])
	require.Len(t, half, len(all)-1, "a killed process leaves whole records")
}

func TestADryRunWritesNoEvents(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	o.DryRun = 2
	_, err := train.Fit(t.Context(), model, data.NewDigits(2, 96), o)
	require.NoError(t, err)
	require.NoDirExists(t, filepath.Join(dir, "events"))
}

func TestTensorBoardReadsTheEventsOfATrainingThatWasKilled(t *testing.T) {
	python := os.Getenv("STHENO_PYTHON")
	if python == "" {
		t.Skip("set STHENO_PYTHON to a Python that has the package tensorboard")
	}
	if err := exec.Command(python, "-c", "import tensorboard").Run(); err != nil {
		t.Skipf("the Python in STHENO_PYTHON has no TensorBoard: %v", err)
	}
	dir, left := t.TempDir(), t.TempDir()
	o := options(dir)
	// The checkpoint after step 8 waits for that of the second epoch, after step 6: were that
	// still in flight, its epoch would be reported again.
	o.Callbacks = append(o.Callbacks, killed{t: t, from: dir, to: left, step: 9})
	r, err := train.Fit(t.Context(), model, data.NewDigits(2, 96), o)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(left, "events", "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	f, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("\x30\x00\x00\x00\x00\x00\x00\x00half a record")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = train.Fit(t.Context(), model, data.NewDigits(2, 96), options(left))
	require.NoError(t, err)
	whole, again := read(t, python, filepath.Join(dir, "events")), read(t, python, filepath.Join(left, "events"))
	require.Equal(t, whole, again)
	require.Len(t, whole.Scalars["loss/step"], 9)
	require.Len(t, whole.Scalars["loss/validation"], 3)
	for i, e := range r.Epochs {
		require.Equal(t, []float64{float64(e.Epoch * 3), float64(float32(e.Validation["loss"]))}, whole.Scalars["loss/validation"][i])
	}
	for _, tag := range []string{"recon", "samples", "codes"} {
		require.Len(t, whole.Images[tag], 3)
	}
	require.Equal(t, []float64{3, 862 - 2*86, 174}, whole.Images["recon"][0])
	require.Len(t, whole.Histograms["code"], 3)
	require.Equal(t, []float64{9, 80}, whole.Histograms["code"][2], "40 codes of two numbers")
	require.Equal(t, []float64{9, 784 * 16}, whole.Histograms["weights/encoder/fc1/w"][2])
}

// contents are what a reader finds: rows of step and value; of step, width and height;
// of step and number of values.
type contents struct{ Scalars, Images, Histograms map[string][][]float64 }

func read(t *testing.T, python, dir string) (c contents) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "read.py"), dir).Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &c))
	return c
}

// A run that TensorBoard shows with: tensorboard --logdir runs
func ExampleWriter() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	_, err = train.Fit(context.Background(), model, data.NewDigits(1, 256), train.Options{
		Backend:    cpu.Config{},
		Validation: data.NewDigits(2, 64),
		Callbacks:  []train.Callback{&tensorboard.Writer{Dir: filepath.Join(dir, "one")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "one", "events.out.tfevents.*"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("event files:", len(files))
	// Output: event files: 1
}
