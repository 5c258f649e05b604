// Batch: some samples, field by field.

package data

// A Batch is some samples: for each field, their values one after another.
type Batch struct {
	N     int   // number of samples, from 1 to BatchOptions.Size
	Epoch int   // their epoch, from 0
	First int   // place of the first sample in the epoch's order; the others follow it
	Index []int // [N], index of each in the set; nil for a stream
	Whole int   // samples of the whole batch, of which BatchOptions.Part chose N

	layout *layout
	values [][]float32 // by field
	sample [][]float32 // the sample that is being read
	index  []int
	room   int // samples that fit in the memory
}

// Fields are those of each sample, in their order. They must not be changed.
func (b *Batch) Fields() []Field {
	if b.layout == nil {
		return nil
	}
	return b.layout.fields
}

// Field returns the samples' values of a field, [N, shape...] in row-major order; nil if there is no such field.
func (b *Batch) Field(name string) []float32 {
	if k := indexOf(b.Fields(), name); k >= 0 {
		return b.values[k]
	}
	return nil
}

// newBatch returns a batch with memory for room samples.
func newBatch(l *layout, room int) *Batch {
	return &Batch{
		layout: l, room: room, values: l.room(room), index: make([]int, room),
		sample: make([][]float32, len(l.sizes)),
	}
}

// resize makes it a batch of n samples, at most room.
func (b *Batch) resize(n int) {
	b.N = n
	for k, size := range b.layout.sizes {
		b.values[k] = b.values[k][:n*size]
	}
}

// at is the memory of sample i: a slice for each field, until the next call.
func (b *Batch) at(i int) [][]float32 {
	for k, size := range b.layout.sizes {
		b.sample[k] = b.values[k][i*size : (i+1)*size]
	}
	return b.sample
}
