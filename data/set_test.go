package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// pattern returns a set of n samples of two values each, sample i being [i, -i] with label i%3.
func pattern(t testing.TB, n int) Set {
	var x []float32
	labels := make([]int, n)
	for i := range n {
		x = append(x, float32(i), -float32(i))
		labels[i] = i % 3
	}
	set, err := InMemory(Array{Name: "x", Shape: []int{2}, Values: x}, Labels(labels))
	require.NoError(t, err)
	return set
}

// read reads a sample of a set, and returns its fields.
func read(t testing.TB, set Set, i int) [][]float32 {
	t.Helper()
	to := NewSample(set)
	require.NoError(t, set.Read(i, to))
	return to
}

func TestInMemoryGivesItsSamplesByField(t *testing.T) {
	set, err := InMemory(
		Array{Name: "x", Shape: []int{1, 2}, Values: []float32{1, 2, 3, 4, 5, 6}},
		Labels([]int{0, 4, 2}),
		Array{Name: "weight", Values: []float32{.5, .25, -1}},
	)
	require.NoError(t, err)
	require.Equal(t, 3, set.Len())
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 2}}, {Name: "label", Classes: 5}, {Name: "weight"}}, set.Fields())
	require.Equal(t, [][]float32{{3, 4}, {4}, {.25}}, read(t, set, 1))
	require.Equal(t, [][]float32{{5, 6}, {2}, {-1}}, read(t, set, 2))

	f, err := FieldOf(set, "label")
	require.NoError(t, err)
	require.Equal(t, 5, f.Classes)
	_, err = FieldOf(set, "mask")
	require.EqualError(t, err, `no field "mask": the fields are x, label, weight`)
}

func TestInMemoryRefusesWhatDoesNotFitAndNamesTheField(t *testing.T) {
	x := func(values int, shape ...int) Array {
		return Array{Name: "x", Shape: shape, Values: make([]float32, values)}
	}
	for _, c := range []struct {
		name   string
		arrays []Array
		want   string
	}{
		{"nothing", nil, "no array"},
		{"half a sample", []Array{x(5, 2)}, `field "x": 5 values are not a whole number of samples of shape [2]`},
		{"no size", []Array{x(4, 2, 0)}, `field "x": shape [2 0] has a size below 1`},
		{"negative size", []Array{x(4, -2, -2)}, `field "x": shape [-2 -2] has a size below 1`},
		{"sizes that overflow", []Array{x(0, 1<<20, 1<<20)}, `field "x": shape [1048576 1048576] has more than 1073741824 values`},
		{"fields too large together", []Array{x(0, 1<<30), {Name: "y"}}, "a sample has more than 1073741824 values"},
		{"too few labels", []Array{x(4, 2), Labels([]int{1})}, `field "label" has 1 samples, but "x" has 2`},
		{"a negative label", []Array{x(4, 2), Labels([]int{1, -1})}, `field "label": sample 1: -1 is not a class: the 2 classes are the whole numbers from 0 to 1`},
		{"a label too high", []Array{{Name: "kind", Shape: []int{2}, Classes: 3, Values: []float32{0, 2, 3, 1}}}, `field "kind": sample 1: 3 is not a class`},
		{"a label between two", []Array{{Name: "kind", Classes: 3, Values: []float32{0, 1.5}}}, `field "kind": sample 1: 1.5 is not a class`},
		{"a label that is no number", []Array{{Name: "kind", Classes: 3, Values: []float32{float32(math.NaN())}}}, `field "kind": sample 0: NaN is not a class`},
		{"too many classes", []Array{{Name: "kind", Classes: 1 << 25}}, `field "kind": 33554432 classes`},
		{"no name", []Array{{Shape: []int{2}, Values: make([]float32, 4)}}, "field [2] has no name"},
		{"one name twice", []Array{x(4, 2), x(4, 2)}, `there are two fields "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := InMemory(c.arrays...)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestEverySetChecksIndexAndRoom(t *testing.T) {
	images, err := NewImages(
		&IDX{Name: "i", Dims: []int{3, 1, 2}, Data: make([]byte, 6)},
		&IDX{Name: "l", Dims: []int{3}, Data: make([]byte, 3)}, 10)
	require.NoError(t, err)
	sub, err := Subset(pattern(t, 9), 2, 5)
	require.NoError(t, err)
	labels := only(t, pattern(t, 3), "label")
	for name, set := range map[string]Set{
		"in memory":  pattern(t, 3),
		"images":     images,
		"digits":     NewDigits(1, 3),
		"kept":       keep(newDigits(1, 0, 3)),
		"subset":     sub,
		"limit":      Limit(pattern(t, 9), 3),
		"selected":   labels,
		"renamed":    must(Rename(labels, "label", "y"))(t),
		"reshaped":   must(Reshape(labels, "label", 1, 1))(t),
		"joined":     must(With(pattern(t, 3), must(Rename(labels, "label", "y"))(t)))(t),
		"one-hot":    must(OneHot(pattern(t, 3), "label"))(t),
		"of classes": must(OfClasses(pattern(t, 9), "label", 1))(t),
	} {
		t.Run(name, func(t *testing.T) {
			fields := set.Fields()
			_, err := newLayout(fields)
			require.NoError(t, err)
			to := NewSample(set)
			require.Equal(t, 3, set.Len())
			for i := range 3 {
				require.NoError(t, set.Read(i, to))
				for k, f := range fields {
					require.True(t, f.Classes == 0 || to[k][0] < float32(f.Classes))
				}
			}
			for _, i := range []int{-1, 3, math.MaxInt} {
				require.ErrorContains(t, set.Read(i, to), "in a set of 3")
			}
			require.ErrorContains(t, set.Read(0, to[1:]), "slices for the")
			require.ErrorContains(t, set.Read(0, append(to, nil)), "slices for the")
			for k := range to {
				was := to[k]
				to[k] = was[1:]
				require.ErrorContains(t, set.Read(0, to), "values for field "+fields[k].Name)
				to[k] = append(was, 0)
				require.ErrorContains(t, set.Read(0, to), "values for field "+fields[k].Name)
				to[k] = was
			}

			fields[0].Name = "spoilt"
			if len(fields[0].Shape) > 0 {
				fields[0].Shape[0] = 77
			}
			require.NotEqual(t, fields[0], set.Fields()[0], "Fields returns the set's own slice")
		})
	}
}

func TestNewSampleHasASliceForEachField(t *testing.T) {
	require.Equal(t, [][]float32{{0, 0}, {0}}, NewSample(pattern(t, 1)))
	require.Nil(t, NewSample(nil))
}

func TestSubsetAndLimitGiveTheirPart(t *testing.T) {
	all := pattern(t, 10)
	values := func(set Set) (first []float32) {
		for i := range set.Len() {
			first = append(first, read(t, set, i)[0][0])
		}
		return first
	}
	part, err := Subset(all, 3, 6)
	require.NoError(t, err)
	require.Equal(t, []float32{3, 4, 5}, values(part))
	part, err = Subset(part, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{4}, values(part))
	part, err = Subset(all, 10, 10)
	require.NoError(t, err)
	require.Empty(t, values(part))

	require.Equal(t, []float32{0, 1}, values(Limit(all, 2)))
	require.Len(t, values(Limit(all, 100)), 10)
	require.Empty(t, values(Limit(all, -1)))

	for _, c := range [][2]int{{-1, 3}, {4, 3}, {0, 11}, {11, 11}} {
		_, err := Subset(all, c[0], c[1])
		require.ErrorContains(t, err, "are not within a set of 10")
	}
}

func TestNewImagesScalesToOne(t *testing.T) {
	images := &IDX{Name: "i", Dims: []int{2, 1, 3}, Data: []byte{0, 51, 255, 1, 2, 3}}
	set, err := NewImages(images, &IDX{Name: "l", Dims: []int{2}, Data: []byte{9, 0}}, 10)
	require.NoError(t, err)
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 1, 3}}, {Name: "label", Classes: 10}}, set.Fields())
	require.Equal(t, [][]float32{{0, .2, 1}, {9}}, read(t, set, 0))

	set, err = NewImages(images, nil, 0)
	require.NoError(t, err)
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 1, 3}}}, set.Fields())
	require.Equal(t, [][]float32{{1. / 255, 2. / 255, 3. / 255}}, read(t, set, 1))
}

func TestNewImagesRefusesFilesThatDoNotFit(t *testing.T) {
	images := func(dims ...int) *IDX { return &IDX{Name: "pix.gz", Dims: dims, Data: make([]byte, 100), packed: true} }
	labels := func(data ...byte) *IDX { return &IDX{Name: "lab", Dims: []int{len(data)}, Data: data} }
	for _, c := range []struct {
		name           string
		images, labels *IDX
		classes        int
		want           string
	}{
		{"labels as images", labels(1, 2), labels(1, 2), 10, "lab: at byte 3: 1 dimensions [2], but images have 3"},
		{"images as labels", images(2, 5, 5), images(2, 5, 5), 10, "pix.gz: at unpacked byte 3: 3 dimensions [2 5 5], but labels have 1"},
		{"too few labels", images(3, 1, 1), labels(1, 2), 10, "lab: at byte 4: 2 labels for the 3 images in pix.gz"},
		{"a label too high", images(3, 1, 1), labels(1, 2, 10), 10, "lab: at byte 10: label 10 is not a class: they are 0 to 9"},
		{"no classes", images(3, 1, 1), labels(0, 0, 0), 0, "lab: labels of 0 classes"},
		{"too many classes", images(3, 1, 1), labels(0, 0, 0), 1 << 25, "lab: labels of 33554432 classes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewImages(c.images, c.labels, c.classes)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestNewImagesRefusesDataThatAreShorterThanTheirDimensions(t *testing.T) {
	short := &IDX{Name: "short", Dims: []int{5, 2, 2}, Data: make([]byte, 19)}
	_, err := NewImages(short, nil, 0)
	require.EqualError(t, err, "short: at byte 16: 19 elements, but the dimensions [5 2 2] promise 20")
	_, err = NewImages(&IDX{Name: "none", Dims: []int{1, -1, -1}}, nil, 0)
	require.ErrorContains(t, err, "none: at byte 4: shape [1 -1 -1] has a size below 1")
	_, err = NewImages(nil, nil, 0)
	require.ErrorContains(t, err, "give one that OpenIDX returned")
	_, err = NewImages(&IDX{Name: "pix", Dims: []int{5, 1, 1}, Data: make([]byte, 5)}, &IDX{Name: "lab", Dims: []int{5}, Data: make([]byte, 4)}, 10)
	require.EqualError(t, err, "lab: at byte 8: 4 elements, but the dimensions [5] promise 5")
}
