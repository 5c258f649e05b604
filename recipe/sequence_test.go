package recipe_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/recipe"
)

// trainedOn trains a configuration in the folder of its data.
func trainedOn(t *testing.T, dir, config string) *recipe.Run {
	t.Helper()
	r, err := recipe.Parse([]byte(config), "tiny.yaml")
	require.NoError(t, err)
	run, err := r.Train(t.Context(), filepath.Join(dir, "run"), recipe.Options{})
	require.NoError(t, err)
	require.NoError(t, run.Close())
	opened, err := recipe.Open(filepath.Join(dir, "run"), recipe.OpenOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const tinySequence = "model: {type: seq.VAE, cell: gru, hidden: [12], code: 3, teacherForcing: true}\ntrain: {steps: 3, batch: 4}\nthreads: 1\n"

func TestLinesOfTextAreTrainedOnEvaluatedAndGenerated(t *testing.T) {
	dir := t.TempDir()
	names := writeFile(t, filepath.Join(dir, "names.txt"), "ada\nalan\ngrace\nada\nedsger\nbarbara\ndonald\nleslie\nfrances\n")
	run := trainedOn(t, dir, "data: {source: "+names+", tokens: characters}\n"+tinySequence)
	require.Contains(t, run.Info.Data, "8 texts of 13 kinds of tokens, without 1 that repeat others")
	m := run.Model.Model().(seq.VAE)
	require.Equal(t, []int{8, 15}, []int{m.Steps, m.Vocabulary}, "the longest, and its end; the tokens, the end, and the unknown")
	require.True(t, m.Lengths)
	means, err := run.Evaluate(t.Context(), "")
	require.NoError(t, err)
	for _, name := range []string{"recon", "kl", "reconstructed whole", "samples unique", "samples new"} {
		require.Contains(t, means, name)
	}
	require.NotContains(t, means, "samples valid")
	cold := recipe.Generation{N: 4, Seed: 1, Temperature: new(0.5)}
	q, err := run.GenerateSequences(t.Context(), cold)
	require.NoError(t, err)
	require.Len(t, q.Texts, 4)
	again, err := run.GenerateSequences(t.Context(), cold)
	require.NoError(t, err)
	require.Equal(t, q, again)
	walk, err := run.GenerateSequences(t.Context(), recipe.Generation{Walk: []int{0, 1}, N: 3, From: recipe.TrainPart})
	require.NoError(t, err)
	require.Len(t, walk.Texts, 3)
	files, err := q.Write(filepath.Join(dir, "out.txt"))
	require.NoError(t, err)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, strings.Join(q.Texts, "\n")+"\n", string(text))

	other := writeFile(t, filepath.Join(dir, "other.txt"), "ken\nzoë\n")
	_, err = run.Evaluate(t.Context(), other)
	require.NoError(t, err, "letters that are new are unknown tokens")
	long := writeFile(t, filepath.Join(dir, "long.txt"), "maximilian\n")
	_, err = run.Evaluate(t.Context(), long)
	require.ErrorContains(t, err, "text 0 has 10 tokens and an end, but there are 8 steps")
	for want, g := range map[string]recipe.Generation{"temperature -1": {Temperature: new(-1.0)}, "none of them can be negative": {N: -1}, "not conditional": {Class: new(1)}} {
		_, err := run.GenerateSequences(t.Context(), g)
		require.ErrorContains(t, err, want)
	}
	_, err = q.Write(filepath.Join(dir, "out.mid"))
	require.ErrorContains(t, err, "want one of txt, csv")
}

func TestMoleculesAreMeasuredByTheirGrammar(t *testing.T) {
	dir := t.TempDir()
	table := writeFile(t, filepath.Join(dir, "molecules.csv"), "id,SMILES\n1,CCO\n2,CCN\n3,CC(=O)O\n4,c1ccccc1\n5,CCl\n6,C\n7,CCC\n")
	run := trainedOn(t, dir, "data: {source: "+table+", tokens: smiles, column: SMILES}\n"+tinySequence)
	means, err := run.Evaluate(t.Context(), recipe.TrainPart)
	require.NoError(t, err)
	for _, name := range []string{"samples valid", "samples unique", "samples new"} {
		require.GreaterOrEqual(t, means[name], 0.)
		require.LessOrEqual(t, means[name], 1.)
	}
	require.Contains(t, means, "samples valid")
}

func TestMusicKeepsItsPartsAndIsWritten(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, filepath.Join(dir, "music.json"), `{"train": [[[60, 64], [62]], [[55], [57], [59]], [[60], [62]]], "valid": [[[67, 72], []]], "test": [[[64], [65, 69]]]}`)
	run := trainedOn(t, dir, "data: "+file+"\n"+tinySequence)
	require.Equal(t, map[string]int{"train": 3, "validation": 1, "test": 1}, run.Info.Samples)
	means, err := run.Evaluate(t.Context(), "")
	require.NoError(t, err)
	require.InDelta(t, (means["recon"]+means["kl"])/2, means["recon + kl, a step"], 1e-4)
	q, err := run.GenerateSequences(t.Context(), recipe.Generation{N: 2, Steps: 5, Temperature: new(0.7)})
	require.NoError(t, err)
	require.Len(t, q.Pieces, 2)
	require.Len(t, q.Pieces[0], 5)
	for format, n := range map[string]int{"mid": 2, "wav": 2, "csv": 2, "png": 1} {
		files, err := q.Write(filepath.Join(dir, "out."+format))
		require.NoError(t, err)
		require.Len(t, files, n)
	}
	f, err := os.Open(filepath.Join(dir, "out-1.csv"))
	require.NoError(t, err)
	defer f.Close()
	piece, err := data.ReadPiece(f, "out-1.csv")
	require.NoError(t, err)
	require.Len(t, piece, 5, "what is written is what is read")

	folder := filepath.Join(dir, "pieces")
	require.NoError(t, os.Mkdir(folder, 0o755))
	for _, name := range []string{"a", "b", "c"} {
		writeFile(t, filepath.Join(folder, name+".csv"), "60,64\n62,0\n")
	}
	run = trainedOn(t, t.TempDir(), "data: {source: "+folder+", format: music}\n"+tinySequence)
	require.Equal(t, map[string]int{"train": 1, "validation": 1, "test": 1}, run.Info.Samples)
}

func TestWrongTextsAndMusicAreErrors(t *testing.T) {
	dir := t.TempDir()
	names := writeFile(t, filepath.Join(dir, "names.txt"), "ada\nalan\ngrace\n")
	table := writeFile(t, filepath.Join(dir, "two.csv"), "a,b\n1,2\n")
	music := writeFile(t, filepath.Join(dir, "music.json"), `{"left": [[[60]]], "right": [[[60]]]}`)
	low := writeFile(t, filepath.Join(dir, "low.json"), `[[[60]], [[3]]]`)
	empty := writeFile(t, filepath.Join(dir, "empty.txt"), "\n")
	for _, c := range []struct{ config, want string }{
		{"data: {source: " + names + ", tokens: letters}\n" + tinySequence, `data.tokens: "letters" is unknown (known: characters, smiles, words)`},
		{"data: {source: " + names + ", column: a}\n" + tinySequence, "set data.tokens, too"},
		{"data: {source: " + names + ", tokens: characters, column: a}\n" + tinySequence, "data.column names a column of a csv file, and this is none"},
		{"data: {source: " + names + ", tokens: characters, window: 3}\n" + tinySequence, "leave out data.scale, data.window"},
		{"data: {source: " + names + ", tokens: smiles}\n" + tinySequence, `text 1: smiles "ada": byte 0`},
		{"data: {source: " + empty + ", tokens: words}\n" + tinySequence, "there are no texts"},
		{"data: {source: " + table + ", tokens: words}\n" + tinySequence, "which column has the texts?"},
		{"data: {source: " + names + ", tokens: characters}\nmodel: {type: dense, hidden: [3]}\n", "the model dense takes no texts and no music: use seq or seq.VAE"},
		{"data: {source: " + dir + ", tokens: characters}\n" + tinySequence, "is a folder"},
		{"data: " + music + "\n" + tinySequence, "the parts are left, right: want train, valid and test"},
		{"data: " + low + "\n" + tinySequence, `part "": piece 1, step 0: pitch 3`},
	} {
		r, err := recipe.Parse([]byte(c.config), "wrong.yaml")
		if err == nil {
			_, err = r.Train(t.Context(), filepath.Join(dir, "run"), recipe.Options{})
		}
		require.ErrorContains(t, err, c.want)
	}
}
