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
	set, err := InMemory(x, labels, 2)
	require.NoError(t, err)
	return set
}

func TestInMemoryGivesItsSamples(t *testing.T) {
	set, err := InMemory([]float32{1, 2, 3, 4, 5, 6}, []int{0, 4, 2}, 1, 2)
	require.NoError(t, err)
	require.Equal(t, 3, set.Len())
	require.Equal(t, []int{1, 2}, set.Shape())
	require.Equal(t, 5, set.Classes())
	x := make([]float32, 2)
	label, err := set.Read(1, x)
	require.NoError(t, err)
	require.Equal(t, 4, label)
	require.Equal(t, []float32{3, 4}, x)

	set, err = InMemory([]float32{1, 2}, nil)
	require.NoError(t, err)
	require.Equal(t, 2, set.Len())
	require.Empty(t, set.Shape())
	require.Zero(t, set.Classes())
	label, err = set.Read(1, x[:1])
	require.NoError(t, err)
	require.Equal(t, -1, label)
	require.Equal(t, float32(2), x[0])
}

func TestInMemoryRefusesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name   string
		x      []float32
		labels []int
		shape  []int
		want   string
	}{
		{"half a sample", make([]float32, 5), nil, []int{2}, "5 values are not a whole number of samples of shape [2]"},
		{"no size", make([]float32, 4), nil, []int{2, 0}, "shape [2 0] has a size below 1"},
		{"negative size", make([]float32, 4), nil, []int{-2, -2}, "shape [-2 -2] has a size below 1"},
		{"sizes that overflow", nil, nil, []int{1 << 20, 1 << 20}, "has more than 1073741824 values"},
		{"too few labels", make([]float32, 4), []int{1}, []int{2}, "1 labels for 2 samples"},
		{"a negative label", make([]float32, 4), []int{1, -1}, []int{2}, "label -1 of sample 1 is below 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := InMemory(c.x, c.labels, c.shape...)
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
	for name, set := range map[string]Set{
		"in memory": pattern(t, 3),
		"images":    images,
		"digits":    NewDigits(1, 3),
		"kept":      keep(newDigits(1, 0, 3)),
		"subset":    sub,
		"limit":     Limit(pattern(t, 9), 3),
	} {
		t.Run(name, func(t *testing.T) {
			volume, err := volumeOf(set.Shape())
			require.NoError(t, err)
			x := make([]float32, volume)
			require.Equal(t, 3, set.Len())
			for i := range 3 {
				label, err := set.Read(i, x)
				require.NoError(t, err)
				require.Less(t, label, set.Classes())
			}
			for _, i := range []int{-1, 3, math.MaxInt} {
				_, err := set.Read(i, x)
				require.ErrorContains(t, err, "in a set of 3")
			}
			_, err = set.Read(0, x[1:])
			require.ErrorContains(t, err, "for a sample of shape")
			_, err = set.Read(0, append(x, 0))
			require.ErrorContains(t, err, "for a sample of shape")

			set.Shape()[0] = 77
			require.NotEqual(t, 77, set.Shape()[0], "Shape returns the set's own slice")
		})
	}
}

func TestSubsetAndLimitGiveTheirPart(t *testing.T) {
	all := pattern(t, 10)
	values := func(set Set) (first []float32) {
		x := make([]float32, 2)
		for i := range set.Len() {
			_, err := set.Read(i, x)
			require.NoError(t, err)
			first = append(first, x[0])
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
	require.Equal(t, []int{1, 1, 3}, set.Shape())
	require.Equal(t, 10, set.Classes())
	x := make([]float32, 3)
	label, err := set.Read(0, x)
	require.NoError(t, err)
	require.Equal(t, 9, label)
	require.Equal(t, []float32{0, .2, 1}, x)

	set, err = NewImages(images, nil, 0)
	require.NoError(t, err)
	label, err = set.Read(1, x)
	require.NoError(t, err)
	require.Equal(t, -1, label)
	require.Zero(t, set.Classes())
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
		{"a label too high", images(3, 1, 1), labels(1, 2, 10), 10, "lab: at byte 10: label 10 is not below 10"},
		{"no classes", images(3, 1, 1), labels(0, 0, 0), 0, "lab: labels of 0 classes"},
		{"too many classes", images(3, 1, 1), labels(0, 0, 0), 257, "lab: labels of 257 classes"},
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
