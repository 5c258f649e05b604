package data

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// letters are texts as characters.
func letters(texts ...string) (all [][]string) {
	for _, t := range texts {
		all = append(all, Characters(t))
	}
	return all
}

func TestTextsArePaddedToTheLongest(t *testing.T) {
	texts := letters("abc", "b", "")
	v := NewVocabulary(texts, 0)
	set := must(Text(texts, v, 0))(t)
	require.Equal(t, []Field{{Name: "x", Shape: []int{4}}, {Name: "lengths"}}, set.Fields())
	x, err := ArrayOf(set, "x")
	require.NoError(t, err)
	require.Equal(t, []float32{2, 3, 4, 0, 3, 0, 0, 0, 0, 0, 0, 0}, x.Values)
	lengths, err := ArrayOf(set, "lengths")
	require.NoError(t, err)
	require.Equal(t, []float32{4, 2, 1}, lengths.Values)
	x, err = ArrayOf(must(Text(texts, NewVocabulary(letters("a"), 0), 6))(t), "x")
	require.NoError(t, err)
	require.Equal(t, []float32{2, 1, 1, 0, 0, 0}, x.Values[:6], "what is not in the vocabulary is unknown")
}

func TestTextsThatDoNotFitAreErrors(t *testing.T) {
	texts := letters("ab", "abc")
	v := NewVocabulary(texts, 0)
	for want, got := range map[string]func() (Set, error){
		"text: no vocabulary": func() (Set, error) { return Text(texts, nil, 0) },
		"text: -1 steps":      func() (Set, error) { return Text(texts, v, -1) },
		"text: text 1 has 3 tokens and an end, but there are 3": func() (Set, error) { return Text(texts, v, 3) },
		"more than": func() (Set, error) { return Text(texts, v, 1<<40) },
	} {
		_, err := got()
		require.ErrorContains(t, err, want)
	}
}

func TestAVocabularyIsItsTokensInOrder(t *testing.T) {
	v := NewVocabulary([][]string{Words("the cat  the dog"), Words("a cat")}, 2)
	require.Equal(t, 4, v.Size())
	require.Equal(t, []int{2, 3, UnknownToken}, []int{v.Number("cat"), v.Number("the"), v.Number("dog")})
	require.Equal(t, []string{"the", Unknown, Unknown, "cat"}, v.Tokens([]int{3, 1, 99, 2, EndToken, 3}))

	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `["cat","the"]`, string(text))
	var back Vocabulary
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, v, &back)
	require.ErrorContains(t, json.Unmarshal([]byte(`["a","a"]`), &back), "a token is in the list twice")
	require.Equal(t, v, &back, "an error changes nothing")

	var none *Vocabulary
	require.Equal(t, 2, none.Size())
	require.Equal(t, UnknownToken, none.Number("a"))
	require.Equal(t, []string{Unknown}, none.Tokens([]int{5}))
}

func TestLinesAreReadPlainAndPacked(t *testing.T) {
	const text = "\xef\xbb\xbfemma\r\n olivia \n\nava"
	want := []string{"emma", "olivia", "ava"}
	lines, err := ReadLines(strings.NewReader(text), "names")
	require.NoError(t, err)
	require.Equal(t, want, lines)

	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), "names.gz")
	require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	lines, err = OpenLines(path)
	require.NoError(t, err)
	require.Equal(t, want, lines)

	_, err = ReadLines(bytes.NewReader(packed.Bytes()[:packed.Len()-9]), "half")
	require.EqualError(t, err, "half: the file is cut short")
	_, err = ReadLines(strings.NewReader("a\nb\xff\n"), "latin")
	require.ErrorContains(t, err, "latin: line 2 is not UTF-8")
	_, err = ReadLines(nil, "none")
	require.ErrorContains(t, err, "none")
}

func TestCharactersAreNotBytes(t *testing.T) {
	require.Equal(t, []string{"z", "o", "ë"}, Characters("zoë"))
	require.Empty(t, Characters(""))
}

func TestSMILESIsCutIntoAtomsBondsAndRings(t *testing.T) {
	tokens, err := SMILES("C[C@H](Cl)c1cc[nH]c%12Br")
	require.NoError(t, err)
	require.Equal(t, []string{"C", "[C@H]", "(", "Cl", ")", "c", "1", "c", "c", "[nH]", "c", "%12", "Br"}, tokens)
	for _, wrong := range []string{"C[", "C[]", "C%1", "C%", "X", "C C", "[C[C]]"} {
		_, err := SMILES(wrong)
		require.ErrorContains(t, err, "smiles", wrong)
	}
}

func TestWellFormedMoleculesPass(t *testing.T) {
	for _, m := range []string{
		"C", "CC1C2CCC(C2)C1CN(CCO)C(=O)c1ccc(Cl)cc1", "COc1ccc(-c2cc(=O)c3c(O)c(OC)c(OC)cc3o2)cc1O", "C1CC1",
		"F/C=C/F", "C/C1=C/CC1", "[Na+].[Cl-]", "C%10CC%10", "C(C)(C)C", "c1cc[nH]c1", "CS(=O)(=O)N", "C#N", "*C", "C=1CC1",
	} {
		require.NoError(t, CheckSMILES(m), m)
		require.NoError(t, CheckValences(m), m)
	}
}

func TestMalformedMoleculesAreErrors(t *testing.T) {
	for m, want := range map[string]string{
		"":        "there is no atom",
		"C(":      "1 parentheses are open",
		"C)":      "no branch to end",
		"C()C":    "it is empty",
		"(C)C":    "a branch must follow an atom",
		"C1CC":    "1 rings are open",
		"1CC1":    "a ring closure must follow an atom",
		"C11":     "bound twice, or one to itself",
		"C1C1":    "bound twice",
		"C=":      "the last atom is missing",
		"C.":      "the last atom is missing",
		"C==C":    "a bond must follow an atom",
		"=C":      "a bond must follow an atom",
		"C(=)C":   "no branch to end",
		"C-1CC=1": "ring 1 has two bonds, - and =",
		"C..C":    "a part must follow an atom",
		"C12CC12": "bound twice",
	} {
		require.ErrorContains(t, CheckSMILES(m), want, m)
	}
	for _, m := range []string{"C(C)(C)(C)(C)C", "O(C)(C)C", "CC#C=C", "FC=F", "c1cc(C)(C)ccc1", "CO=C", "ClC(Cl)=N#C"} {
		require.NoError(t, CheckSMILES(m), m)
		require.ErrorContains(t, CheckValences(m), "it can have", m)
	}
}
