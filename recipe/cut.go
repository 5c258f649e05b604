package recipe

import (
	"fmt"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Cut says how pictures are cut into small ones to train on, each picture at its own size.
type Cut struct {
	Size  int `json:"size" doc:"side of the squares that are cut from pictures, to train a net that restores pictures of any size; 0 means whole pictures"`
	Count int `json:"count" doc:"squares that are cut from all pictures, at places drawn from the seed" default:"10000"`
	// Planes makes each square one channel of a picture.
	Planes bool `json:"planes" doc:"a square is of one colour, and the colours of a picture are restored one by one, so a net also fits pictures of other colours than those it was trained on"`
}

// openCut cuts the pictures of a folder.
func (d Data) openCut(dir string, seed uint64) (*source, error) {
	f, err := data.OpenImageFolder(dir, data.ImageFolderOptions{Flat: true})
	if err != nil {
		return nil, err
	}
	grey, err := d.grey(f)
	if err != nil {
		return nil, err
	}
	s := &cutSet{side: d.Cut.Size, channels: 3}
	if grey || d.Cut.Planes {
		s.channels = 1
	}
	for i := range f.Len() {
		p, err := data.OpenPicture(f.Path(i), data.ImageFolderOptions{Grey: grey})
		if err != nil {
			return nil, err
		}
		if min(p.Shape[1], p.Shape[2]) < s.side {
			return nil, fmt.Errorf("%s: a picture of %d by %d has no squares of %d: set data.cut.size to less", f.Path(i), p.Shape[1], p.Shape[2], s.side)
		}
		s.pictures = append(s.pictures, p)
	}
	n := d.Cut.Count
	if n == 0 {
		n = 10000
	}
	r := rand.New(rand.NewPCG(seed, 0x637574))
	for i := range n {
		k := i % len(s.pictures)
		shape := s.pictures[k].Shape
		at := square{picture: k, row: r.IntN(shape[1] - s.side + 1), column: r.IntN(shape[2] - s.side + 1)}
		if shape[0] > s.channels {
			at.channel = r.IntN(shape[0])
		}
		s.at = append(s.at, at)
	}
	return &source{train: s, where: fmt.Sprintf("%s, %d squares of %d pictures %v", dir, n, f.Len(), s.Fields()[0].Shape)}, nil
}

// grey reports whether the pictures of a folder are read as grey ones.
func (d Data) grey(f *data.ImageFolder) (bool, error) {
	if d.Grey != nil {
		return *d.Grey, nil
	}
	return isGrey(f.Path(0))
}

// cutSet is the squares of pictures, x [channels,side,side].
type cutSet struct {
	pictures       []data.Array
	channels, side int
	at             []square
}

// square is where a square begins.
type square struct{ picture, channel, row, column int }

func (s *cutSet) Len() int { return len(s.at) }

func (s *cutSet) Fields() []data.Field {
	return []data.Field{{Name: graph.InputX, Shape: []int{s.channels, s.side, s.side}}}
}

func (s *cutSet) Read(i int, to [][]float32) error {
	if i < 0 || i >= len(s.at) || len(to) != 1 {
		return fmt.Errorf("no square %d of %d", i, len(s.at))
	}
	at := s.at[i]
	p := s.pictures[at.picture]
	for c := range s.channels {
		for k := range s.side {
			from := p.Values[((at.channel+c)*p.Shape[1]+at.row+k)*p.Shape[2]+at.column:]
			copy(to[0][(c*s.side+k)*s.side:][:s.side], from[:s.side])
		}
	}
	return nil
}
