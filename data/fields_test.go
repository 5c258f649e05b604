package data

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSelectGivesThoseFieldsInThatOrder(t *testing.T) {
	set := must(Select(pattern(t, 5), "label", "x"))(t)
	require.Equal(t, []Field{{Name: "label", Classes: 3}, {Name: "x", Shape: []int{2}}}, set.Fields())
	require.Equal(t, [][]float32{{1}, {4, -4}}, read(t, set, 4))
	require.Equal(t, [][]float32{{1}}, read(t, only(t, set, "label"), 4))
}

func TestRenameAndReshapeKeepTheValues(t *testing.T) {
	set := must(Reshape(must(Rename(pattern(t, 5), "x", "point"))(t), "point", 1, 2, 1))(t)
	require.Equal(t, []Field{{Name: "point", Shape: []int{1, 2, 1}}, {Name: "label", Classes: 3}}, set.Fields())
	require.Equal(t, [][]float32{{4, -4}, {1}}, read(t, set, 4))
	set = must(Reshape(must(Reshape(set, "label", 1))(t), "label"))(t)
	require.Empty(t, set.Fields()[1].Shape)
	require.Equal(t, 3, set.Fields()[1].Classes)
}

func TestWithPutsSamplesOfTheSameIndexTogether(t *testing.T) {
	double := must(InMemory(Array{Name: "double", Values: []float32{0, 2, 4}}))(t)
	half := must(InMemory(Array{Name: "half", Values: []float32{0, .5, 1}}))(t)
	set := must(With(pattern(t, 3), double, half))(t)
	require.Equal(t, "x, label, double, half", names(set.Fields()))
	require.Equal(t, [][]float32{{2, -2}, {2}, {4}, {1}}, read(t, set, 2))
}

func TestOneHotIsOneAtTheClass(t *testing.T) {
	set := must(OneHot(pattern(t, 5), "label"))(t)
	require.Equal(t, []Field{{Name: "x", Shape: []int{2}}, {Name: "label", Shape: []int{3}}}, set.Fields())
	for i := range 5 {
		hot := make([]float32, 3)
		hot[i%3] = 1
		require.Equal(t, [][]float32{{float32(i), -float32(i)}, hot}, read(t, set, i))
	}
	words := must(InMemory(Array{Name: "word", Shape: []int{2}, Classes: 3, Values: []float32{2, 0, 1, 1}}))(t)
	hot := must(OneHot(words, "word"))(t)
	require.Equal(t, []int{2, 3}, hot.Fields()[0].Shape)
	require.Equal(t, [][]float32{{0, 0, 1, 1, 0, 0}}, read(t, hot, 0))
}

// wrong is a set whose label is not a class.
type wrong struct{ Set }

func (wrong) Read(_ int, to [][]float32) error {
	to[1][0] = 3
	return nil
}

func TestOneHotOfWhatIsNoClassIsAnError(t *testing.T) {
	set := must(OneHot(wrong{pattern(t, 5)}, "label"))(t)
	require.EqualError(t, set.Read(4, NewSample(set)),
		`field "label": sample 4: 3 is not a class: the 3 classes are the whole numbers from 0 to 2`)
}

func TestOfClassesGivesTheSamplesOfThoseClassesOnly(t *testing.T) {
	set := must(OfClasses(pattern(t, 9), "label", 2, 0))(t)
	require.Equal(t, 6, set.Len())
	for k, i := range []int{0, 2, 3, 5, 6, 8} {
		require.Equal(t, [][]float32{{float32(i), -float32(i)}, {float32(i % 3)}}, read(t, set, k))
	}
	require.Equal(t, 3, set.Fields()[1].Classes, "the classes keep their numbers")
	require.Zero(t, must(OfClasses(Limit(pattern(t, 9), 2), "label", 2))(t).Len())
	for _, c := range []int{-1, 3} {
		_, err := OfClasses(pattern(t, 9), "label", c)
		require.ErrorContains(t, err, fmt.Sprintf("there is no class %d", c))
	}
}

// noisy is a noisy x beside the clean target.
func noisy(t testing.TB, set Set, seed uint64) Set {
	made := []Field{{Name: "x", Shape: []int{2}}, {Name: "target", Shape: []int{2}}}
	return must(Map(set, made, seed, func(i int, r *rand.Rand, from, to [][]float32) error {
		copy(to[1], from[0])
		for k, v := range from[0] {
			to[0][k] = v + r.Float32()
		}
		return nil
	}))(t)
}

func TestMapReplacesAndAddsFields(t *testing.T) {
	set := noisy(t, pattern(t, 50), 1)
	require.Equal(t, []Field{{Name: "x", Shape: []int{2}}, {Name: "label", Classes: 3}, {Name: "target", Shape: []int{2}}}, set.Fields())
	for i := range 50 {
		s := read(t, set, i)
		require.Equal(t, [][]float32{{float32(i % 3)}, {float32(i), -float32(i)}}, s[1:])
		for k := range 2 {
			noise := s[0][k] - s[2][k]
			require.True(t, noise >= 0 && noise < 1.001, "%g", noise)
		}
	}
}

func TestMapsRandomNumbersDependOnSeedAndIndexOnly(t *testing.T) {
	a, b := noisy(t, pattern(t, 9), 1), noisy(t, pattern(t, 50), 1)
	seen := map[float32]bool{}
	for _, i := range []int{3, 0, 8, 3} {
		require.Equal(t, read(t, a, i), read(t, b, i))
		seen[read(t, a, i)[0][0]-float32(i)] = true
	}
	require.Len(t, seen, 3, "two samples have the same noise")
	require.NotEqual(t, read(t, a, 3), read(t, noisy(t, pattern(t, 9), 2), 3))
	zero := must(Map(pattern(t, 9), []Field{{Name: "u"}}, 0, func(_ int, r *rand.Rand, _, to [][]float32) error {
		to[0][0] = float32(r.IntN(1 << 20))
		return nil
	}))(t)
	require.Equal(t, []float32{891838}, read(t, zero, 5)[2], "the same on every platform")
}

func TestADerivedSetMayBeReadByManyGoroutines(t *testing.T) {
	set := must(OneHot(noisy(t, pattern(t, 30), 1), "label"))(t)
	want := make([][][]float32, set.Len())
	for i := range want {
		want[i] = read(t, set, i)
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			to := NewSample(set)
			for i := range want {
				if err := set.Read(i, to); err != nil || fmt.Sprint(to) != fmt.Sprint(want[i]) {
					t.Errorf("sample %d is %v, want %v: %v", i, to, want[i], err)
				}
			}
		})
	}
	readers.Wait()
}

func TestBatchesOfDerivedSetsAreTheSameAfterSeekAndAllocateNothing(t *testing.T) {
	set := noisy(t, pattern(t, 400), 1)
	set = must(With(set, must(Rename(must(OneHot(only(t, set, "label"), "label"))(t), "label", "condition"))(t)))(t)
	set = must(OfClasses(set, "label", 0, 1))(t)
	b, err := NewBatches(set, BatchOptions{Size: 2, Shuffle: true, Seed: 1})
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, "x, label, target, condition", names(b.Fields()))
	_, err = b.Next(t.Context())
	require.NoError(t, err)
	at := b.Position()
	var first [3][][]float32
	for range 2 {
		require.NoError(t, b.Seek(at))
		for i := range first {
			batch, err := b.Next(t.Context())
			require.NoError(t, err)
			var now [][]float32
			for _, f := range batch.Fields() {
				values := batch.Field(f.Name)
				require.Len(t, values, 2*f.Size())
				now = append(now, append([]float32(nil), values...))
			}
			if first[i] == nil {
				first[i] = now
			}
			require.Equal(t, first[i], now)
		}
	}
	require.Less(t, testing.AllocsPerRun(60, func() {
		if _, err := b.Next(context.Background()); err != nil {
			t.Error(err)
		}
	}), 1.)
	batch, err := b.Next(t.Context())
	require.NoError(t, err)
	require.Nil(t, batch.Field("mask"))
}

func TestAnErrorOfTheFunctionOrTheSetComesThrough(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for name, set := range map[string]Set{
		"function": must(Map(pattern(t, 3), []Field{{Name: "y"}}, 1, func(i int, _ *rand.Rand, _, _ [][]float32) error { return broken }))(t),
		"set":      noisy(t, failing{pattern(t, 3), 1, broken}, 1),
		"renamed":  must(Rename(failing{pattern(t, 3), 1, broken}, "x", "y"))(t),
		"with":     must(With(only(t, pattern(t, 3), "x"), only(t, failing{pattern(t, 3), 1, broken}, "label")))(t),
	} {
		require.ErrorIs(t, set.Read(1, NewSample(set)), broken, name)
	}
	_, err := OfClasses(failing{pattern(t, 3), 1, broken}, "label", 0)
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "sample 1")
}

func TestSetsOverSetsRefuseWhatDoesNotFitAndNameTheField(t *testing.T) {
	set := pattern(t, 3)
	nothing := func(int, *rand.Rand, [][]float32, [][]float32) error { return nil }
	is := func(_ Set, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{is(Select(set)), "select: name at least one field"},
		{is(Select(set, "mask")), `select: no field "mask": the fields are x, label`},
		{is(Select(set, "x", "x")), `select: there are two fields "x"`},
		{is(Select(nil, "x")), "select: no set: give one"},
		{is(Rename(set, "mask", "y")), `rename: no field "mask"`},
		{is(Rename(set, "x", "label")), `rename: there are two fields "label"`},
		{is(Rename(set, "x", "")), "rename: field [2] has no name"},
		{is(Reshape(set, "x", 3)), `reshape: field "x" of shape [2] cannot be [3]: the numbers of values differ`},
		{is(Reshape(set, "x")), `field "x" of shape [2] cannot be []`},
		{is(Reshape(set, "x", -1, -2)), `field "x" of shape [2] cannot be [-1 -2]`},
		{is(With(set, pattern(t, 3))), `with: both sets have a field "x": rename one`},
		{is(With(set, must(InMemory(Array{Name: "y", Values: []float32{1}}))(t))), "with: 1 samples of y, but 3 of x, label"},
		{is(With(set, nil)), "with: no set"},
		{is(With(nil, set)), "with: no set"},
		{is(Map(set, nil, 1, nothing)), "map: say which fields the function makes"},
		{is(Map(set, []Field{{Name: "y"}}, 1, nil)), "map: no function"},
		{is(Map(set, []Field{{Name: "y"}, {Name: "y"}}, 1, nothing)), `map: there are two fields "y"`},
		{is(Map(set, []Field{{Name: "y", Shape: []int{0}}}, 1, nothing)), `map: field "y": shape [0] has a size below 1`},
		{is(OneHot(set, "x")), `one-hot: field "x" is not one of classes`},
		{is(OneHot(set, "mask")), `one-hot: no field "mask"`},
		{is(OfClasses(set, "x", 1)), "of classes: field x [2] is not one class a sample"},
		{is(OfClasses(set, "label", 3)), "of classes: there is no class 3 of label [] of 3 classes"},
		{is(OfClasses(set, "label")), "of classes: name at least one class"},
		{is(OfClasses(NewDigits(1, 1<<40), "label", 1)), "cannot be read"},
	} {
		require.ErrorContains(t, c.err, c.want)
	}
}
