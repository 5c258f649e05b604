package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestCompressedSamplesAreTheSameAfterDecompress(t *testing.T) {
	workplace(t)
	ok(t, strings.Fields("train --data mnist --model vae --likelihood beta-binomial --hidden 8 --latent 2 --epochs 1 -o runs/levels -q")...)
	var stats struct {
		Samples, Bytes int
	}
	require.NoError(t, json.Unmarshal([]byte(ok(t, "compress", "runs/levels", "-o", "digits.stz", "--json", "-q")), &stats))
	require.Equal(t, 30, stats.Samples)
	ok(t, "decompress", "runs/levels", "digits.stz", "-o", "digits.npz", "-q")
	f, err := data.OpenNPZ("digits.npz")
	require.NoError(t, err)
	x, err := f.Array("x")
	require.NoError(t, err)
	set, err := data.Open(t.Context(), "mnist", data.Options{Offline: true})
	require.NoError(t, err)
	want, err := data.ArrayOf(set.Test, "x")
	require.NoError(t, err)
	require.Equal(t, want.Values, x.Values)

	ok(t, strings.Fields("train vae.yaml -o runs/vae -q")...)
	code, _, errs := call(t, "decompress", "runs/vae", "digits.stz", "-o", "x.npz")
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "digits.stz: ")
	text, err := os.ReadFile("digits.stz")
	require.NoError(t, err)
	put(t, "cut.stz", text[:len(text)/2])
	code, _, errs = call(t, "decompress", "runs/levels", "cut.stz", "-o", "x.npz")
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "cut.stz: ")
}

func TestMistakesInUsesAreErrors(t *testing.T) {
	workplace(t)
	ok(t, strings.Fields("train vae.yaml -o runs/vae -q")...)
	ok(t, strings.Fields("train --data pictures --model conv -o runs/small --epochs 1 -q")...)
	put(t, "one.csv", []byte("a,kind\n1,x\n2,x\n3,x\n4,x\n5,x\n6,x\n"))
	put(t, "back.csv", []byte("time,value\n2020-01-02,1\n2020-01-01,2\n"))
	put(t, "words.csv", []byte("time,value\n2020-01-01,1\n2020-01-02,high\n"))
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"compress runs/vae", exitUsage, "name one with -o"},
		{"compress runs/vae -o x.stz --step 1", exitUsage, "--step is for --lossy"},
		{"decompress runs/vae none.stz -o x.npz", exitFailed, "none.stz"},
		{"decompress runs/vae table.csv -o x.npz", exitFailed, "table.csv: "},
		{"export runs/vae -o net.tflite", exitUsage, "want .onnx or .go"},
		{"export runs/vae -o net.onnx --part all", exitFailed, "all"},
		{"detect table.csv --method pac", exitUsage, `did you mean "pca"?`},
		{"detect table.csv --train some", exitUsage, "--train"},
		{"detect table.csv --method pca --train normal", exitUsage, "needs labels"},
		{"detect table.csv --label kin", exitFailed, "kin"},
		{"detect table.csv --fit holes.csv --method pca", exitFailed, `column "kind" is not in the schema`},
		{"detect holes.csv --fit holes.csv --label sort --method pca", exitUsage, `neither holes.csv nor holes.csv has a column "sort"`},
		{"detect table.csv --fit table.csv --train normal --method pca", exitUsage, "needs labels"},
		{"detect table.csv --run runs/vae --label kind", exitUsage, "--label says how to learn"},
		{"detect table.csv --run runs/vae", exitFailed, "table.csv"},
		{"detect pictures --run runs/vae", exitFailed, "[784]"},
		{"detect pictures --run runs/small --normal 3", exitFailed, "no classes to compare with"},
		{"detect one.csv --label kind --method pca", exitFailed, "one.csv"},
		{"detect table.xls --method pca", exitFailed, "a csv, npz or mat file"},
		{"detect pictures --normal good", exitFailed, "class folder"},
		{"detect data --normal good", exitFailed, "data"},
		{"recommend ratings.csv", exitUsage, "name one with --user"},
		{"recommend ratings.csv --user u1 --method vea", exitUsage, `did you mean "vae"?`},
		{"recommend ratings.csv --user u1 -n 0", exitUsage, "at least 1"},
		{"recommend ratings.csv --user nobody --method popular", exitFailed, `no user "nobody"`},
		{"recommend ratings.csv --user u1 --rating 9", exitFailed, "is left"},
		{"recommend table.csv --user u1", exitFailed, "line 2"},
		{"recommend none.csv --user u1", exitFailed, "none.csv"},
		{"detect none.csv", exitFailed, "none.csv"},
		{"detect load.csv --value valu", exitFailed, "valu"},
		{"detect load.csv --value value --time time --window 500", exitFailed, "500"},
		{"detect load.csv --value value --kind cnov", exitUsage, `did you mean "conv"?`},
		{"detect back.csv --value value --time time", exitFailed, "back.csv"},
		{"detect words.csv --value value --time time", exitFailed, "high"},
	} {
		t.Run(c.line, func(t *testing.T) {
			code, out, errs := call(t, strings.Fields(c.line)...)
			require.Equal(t, c.code, code, errs)
			require.Empty(t, out)
			require.Contains(t, errs, c.want)
		})
	}
}

func TestDetectShowsWhereAPictureIsStrange(t *testing.T) {
	workplace(t)
	for i := range 12 {
		text, err := os.ReadFile(fmt.Sprintf("pictures/p%02d.png", i))
		require.NoError(t, err)
		put(t, fmt.Sprintf("classes/good/p%02d.png", i), text)
	}
	text, err := os.ReadFile("noisy/p00.png")
	require.NoError(t, err)
	put(t, "classes/bad/n.png", text)
	var done struct {
		Rows      int
		Strangest []struct{ Why []string }
		Quality   struct{ ROCAUC float64 }
	}
	out := ok(t, strings.Fields("detect classes --normal good --size 8 --epochs 60 --top 2 --heatmaps heat --json -q")...)
	require.NoError(t, json.Unmarshal([]byte(out), &done))
	require.Equal(t, 13, done.Rows)
	require.Equal(t, 1.0, done.Quality.ROCAUC)
	require.Contains(t, done.Strangest[0].Why[0], "n.png")
	require.FileExists(t, "heat/001-n.png")
	files, err := os.ReadDir("heat")
	require.NoError(t, err)
	require.Len(t, files, 2)
}

func TestRecommendNamesItemsThatTheUserDoesNotHave(t *testing.T) {
	workplace(t)
	for _, method := range recommenders {
		var done struct{ Best []string }
		require.NoError(t, json.Unmarshal([]byte(ok(t, "recommend", "ratings.csv", "--user", "u3", "-n", "4", "--epochs", "3", "--method", method, "--json", "-q")), &done))
		require.Len(t, done.Best, 4, method)
		text, err := os.ReadFile("ratings.csv")
		require.NoError(t, err)
		for _, item := range done.Best {
			require.NotContains(t, string(text), "u3,"+item+",", method)
			require.Contains(t, string(text), ","+item+",", method)
		}
	}
}

func TestColumnsThatAreDroppedAreNotRead(t *testing.T) {
	workplace(t)
	rows := "kind,name,a,b\n"
	for i := range 1100 { // more names than a column of categories may have
		rows += fmt.Sprintf("%s,n%d,%d,%d\n", []string{"good", "odd"}[i/1000], i, i%7, i%5)
	}
	put(t, "named.csv", []byte(rows))
	ok(t, strings.Fields("detect named.csv --fit named.csv --drop name --label kind --normal good --train normal --method pca -q")...)
}

func TestARunFindsAnomaliesOfClassesThatItHasNotSeen(t *testing.T) {
	workplace(t)
	rows := func(n int, class string, far float64) (text string) {
		for i := range n {
			a := math.Sin(float64(7*i + len(class)))
			text += fmt.Sprintf("%s,%.3f,%.3f,%.3f\n", class, a, 2*a, far-a)
		}
		return text
	}
	put(t, "known.csv", []byte("kind,a,b,c\n"+rows(60, "good", 0)+rows(20, "odd", 3)))
	put(t, "new.csv", []byte("kind,a,b,c\n"+rows(20, "good", 0)+rows(10, "strange", 5)))
	ok(t, strings.Fields("train --data known.csv --label kind --keepClass 0 --model dense --hidden 1 --activation tanh --epochs 60 -o runs/good -q")...)
	for _, line := range []string{
		"detect new.csv --run runs/good --normal good --top 2 --json -q",
		"detect new.csv --fit known.csv --label kind --normal good --train normal --method pca --one-scale --top 2 --json -q",
	} {
		var got detected
		require.NoError(t, json.Unmarshal([]byte(ok(t, strings.Fields(line)...)), &got))
		require.Equal(t, 30, got.Rows, line)
		require.Greater(t, got.Quality.ROCAUC, .9, line)
		for _, s := range got.Strangest {
			require.Greater(t, s.Row, 20, line)
		}
	}
}
