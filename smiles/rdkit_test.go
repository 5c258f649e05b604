package smiles_test

import (
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/smiles"
)

// molecules are real ones, all of the file or the first n.
func molecules(t *testing.T, n int) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(os.Getenv("STHENO_DATA"), "molecules", "moses-test.csv.gz"))
	if err != nil {
		t.Skip("no molecules/moses-test.csv.gz: name the folder that holds it in STHENO_DATA")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	lines := strings.Fields(string(text))[1:]
	if n > 0 {
		lines = lines[:n]
	}
	return lines
}

func TestRealMoleculesPass(t *testing.T) {
	all := molecules(t, 0)
	require.Len(t, all, 176074)
	for i := 0; i < len(all); i += 8 {
		require.NoError(t, smiles.Check(all[i]))
	}
}

// mutated are texts with a token left out, doubled, or in the place of another: most are wrong, in all ways.
func mutated(t *testing.T, from []string, n int) (out []string) {
	r := rand.New(rand.NewPCG(1, 1))
	for range n {
		tokens, err := smiles.Tokens(from[r.IntN(len(from))])
		require.NoError(t, err)
		for range 1 + r.IntN(2) {
			i := r.IntN(len(tokens))
			switch r.IntN(3) {
			case 0:
				tokens = slices.Delete(tokens, i, i+1)
			case 1:
				tokens = slices.Insert(tokens, i, tokens[r.IntN(len(tokens))])
			case 2:
				tokens[i] = tokens[r.IntN(len(tokens))]
			}
			if len(tokens) == 0 {
				break
			}
		}
		out = append(out, strings.Join(tokens, ""))
	}
	return out
}

const rdkit = `
import sys
from rdkit import Chem, RDLogger
RDLogger.DisableLog("rdApp.*")
for line in sys.stdin:
    line = line.rstrip("\n")
    print(int(line != "" and Chem.MolFromSmiles(line) is not None))
`

// RDKit also looks at what we do not, such as clashes of the directions of bonds.
func TestPythonsRDKitAgrees(t *testing.T) {
	python := os.Getenv("STHENO_PYTHON")
	if python == "" {
		t.Skip("set STHENO_PYTHON to a Python that has rdkit")
	}
	if exec.Command(python, "-c", "import rdkit").Run() != nil {
		t.Skipf("%s has no rdkit", python)
	}
	texts := molecules(t, 2000)
	texts = append(texts, mutated(t, texts, 20_000)...)
	c := exec.Command(python, "-c", rdkit)
	c.Stdin = strings.NewReader(strings.Join(texts, "\n") + "\n")
	out, err := c.Output()
	require.NoError(t, err)
	answers := strings.Fields(string(out))
	require.Len(t, answers, len(texts))
	valid, differ, stricter := 0, 0, 0
	for i, text := range texts {
		theirs, ours := answers[i] == "1", smiles.Check(text) == nil
		if theirs {
			valid++
		}
		if ours != theirs {
			if differ++; theirs {
				stricter++
			}
			if differ <= 20 {
				t.Logf("%s: ours %v, RDKit %v: %v", text, ours, theirs, smiles.Check(text))
			}
		}
	}
	t.Logf("%d texts, %d valid by RDKit, %d answers differ; of these we reject %d", len(texts), valid, differ, stricter)
	require.Less(t, float64(differ), .002*float64(len(texts)))
}
