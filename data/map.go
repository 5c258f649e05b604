// Sets over sets that compute fields: a function of the caller's, and one-hot classes.

package data

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// A MapFunc makes fields of sample i. It reads from, which has a slice for each field of the set in the order of its
// Fields, and fills to, which has a slice for each field that is made, in the order given to Map. The initial content
// of to is undefined, and from must not be changed. Random numbers from r depend only on Map's seed and on i. It is
// called from several goroutines at once.
type MapFunc func(i int, r *rand.Rand, from, to [][]float32) error

// Map returns a set whose samples have the fields of the set and those that f makes of them; a made field replaces a
// field of the same name. To have a noisy image beside the clean one:
//
//	image := []int{1, 28, 28}
//	made := []data.Field{{Name: "x", Shape: image}, {Name: "target", Shape: image}}
//	noisy, err := data.Map(set, made, 1, func(i int, r *rand.Rand, from, to [][]float32) error {
//		copy(to[1], from[0])
//		for k, v := range from[0] {
//			to[0][k] = v + 0.3*float32(r.NormFloat64())
//		}
//		return nil
//	})
//
// A sample is the same whenever it is read, in every epoch and after every Seek. To have numbers that differ from epoch
// to epoch, draw them in the net.
func Map(set Set, made []Field, seed uint64, f MapFunc) (Set, error) {
	if f == nil {
		return nil, errors.New("map: no function")
	}
	if len(made) == 0 {
		return nil, errors.New("map: say which fields the function makes")
	}
	s, err := derive(set, made, seed, f)
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	return s, nil
}

// OneHot returns a set in which a field of classes, such as "label", is one-hot: of shape [shape... Classes], 1 at the
// number of the class and 0 elsewhere. Its Classes is then 0.
func OneHot(set Set, field string) (Set, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, fmt.Errorf("one-hot: %w", err)
	}
	at, err := find(in.fields, field)
	if err != nil {
		return nil, fmt.Errorf("one-hot: %w", err)
	}
	classes := in.fields[at].Classes
	if classes == 0 {
		return nil, fmt.Errorf("one-hot: field %q is not one of classes: set Field.Classes", field)
	}
	hot := Field{Name: field, Shape: append(slices.Clone(in.fields[at].Shape), classes)}
	s, err := derive(set, []Field{hot}, 0, func(i int, _ *rand.Rand, from, to [][]float32) error {
		clear(to[0])
		for k, v := range from[at] {
			if err := checkClass(v, classes); err != nil {
				return fmt.Errorf("field %q: sample %d: %w", field, i, err)
			}
			to[0][k*classes+int(v)] = 1
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("one-hot: %w", err)
	}
	return s, nil
}

// derive returns a set with the fields of a set and those that f makes of them.
func derive(set Set, made []Field, seed uint64, f MapFunc) (*derived, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	if _, err := newLayout(made); err != nil {
		return nil, err
	}
	s := &derived{set: set, in: in, compute: f, key: mix(seed + golden)}
	fields := in.Fields()
	for k := range fields {
		s.into = append(s.into, k)
	}
	for _, field := range made {
		k := indexOf(fields, field.Name)
		switch {
		case k < 0:
			k = len(fields)
			fields = append(fields, field)
		default:
			fields[k], s.into[k] = field, -1
		}
		s.made = append(s.made, k)
	}
	if s.layout, err = newLayout(fields); err != nil {
		return nil, err
	}
	return s, nil
}

// A derived set has fields of another set, and fields that a function makes of them.
type derived struct {
	*layout
	set     Set
	in      *layout // of set
	into    []int   // for each field of set, its place here; -1: it is left out
	made    []int   // the places here of the fields that the function makes
	compute MapFunc // nil if it makes nothing
	key     uint64

	mu   sync.Mutex
	free []*scratch // not in use
}

// scratch is the scratch memory of one Read.
type scratch struct {
	own      [][]float32 // for fields of set that are left out here, else nil
	from, to [][]float32
	source   rand.PCG
	rand     *rand.Rand
}

func (s *derived) Len() int { return s.set.Len() }

func (s *derived) Read(i int, to [][]float32) error {
	if err := s.checkRoom("set of fields", to); err != nil {
		return err
	}
	c := s.take()
	defer s.give(c)
	for k, at := range s.into {
		if c.from[k] = c.own[k]; at >= 0 {
			c.from[k] = to[at]
		}
	}
	if err := s.set.Read(i, c.from); err != nil || s.compute == nil {
		return err
	}
	for k, at := range s.made {
		c.to[k] = to[at]
	}
	key := mix(s.key + golden*uint64(i))
	c.source.Seed(key, mix(key+golden))
	return s.compute(i, c.rand, c.from, c.to)
}

// take returns scratch memory for a Read, until give.
func (s *derived) take() *scratch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		c := s.free[n-1]
		s.free = s.free[:n-1]
		return c
	}
	c := &scratch{
		own:  make([][]float32, len(s.into)),
		from: make([][]float32, len(s.into)),
		to:   make([][]float32, len(s.made)),
	}
	for k, at := range s.into {
		if at < 0 {
			c.own[k] = make([]float32, s.in.sizes[k])
		}
	}
	c.rand = rand.New(&c.source)
	return c
}

func (s *derived) give(c *scratch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, c)
}
