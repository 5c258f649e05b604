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

func TestTextsAreAColumnOfATable(t *testing.T) {
	texts, err := ReadTextColumn(strings.NewReader("id, SMILES\n1,CCO\n2,\"C[N+](C)C\"\n3,\n"), "m.csv", "SMILES")
	require.NoError(t, err)
	require.Equal(t, []string{"CCO", "C[N+](C)C"}, texts)
	texts, err = ReadTextColumn(strings.NewReader("name\nada\n\nalan\n"), "m.csv", "")
	require.NoError(t, err)
	require.Equal(t, []string{"ada", "alan"}, texts)
	for text, want := range map[string]string{
		"":             "m.csv: there is no row with the names of the columns",
		"a,b\n1,2\n":   `m.csv: which column has the texts? there is no "" among`,
		"a,b\n1,2,3\n": "m.csv",
	} {
		_, err := ReadTextColumn(strings.NewReader(text), "m.csv", map[bool]string{true: "a"}[strings.Contains(text, "3")])
		require.ErrorContains(t, err, want)
	}
}
