package data_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/stheno-ml/stheno/data"
)

func ExampleText() {
	lines, err := data.ReadLines(strings.NewReader("ada\nalan\n"), "names")
	if err != nil {
		log.Fatal(err)
	}
	var names [][]string
	for _, line := range lines {
		names = append(names, data.Characters(line))
	}
	v := data.NewVocabulary(names, 0)
	set, err := data.Text(names, v, 0)
	if err != nil {
		log.Fatal(err)
	}
	x, err := data.ArrayOf(set, "x")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.Size(), x.Shape, x.Values)
	fmt.Println(v.Tokens([]int{4, 2, 5, data.EndToken, 2}))
	// Output:
	// 6 [5] [2 3 2 0 0 2 4 2 5 0]
	// [l a n]
}

func ExampleReadPianoRolls() {
	const chords = `{"train": [[[60, 64, 67], [60, 65, 69]], [[62]]]}`
	sets, err := data.ReadPianoRolls(strings.NewReader(chords), "music")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sets["train"].Len(), sets["train"].Fields()[0])
	// Output: 2 x [2 88]
}
