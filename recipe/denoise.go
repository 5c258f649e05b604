package recipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/restore"
)

// Denoising says which pictures to clean.
type Denoising struct {
	// From is a folder of pictures, or a data set. "" means the run's own test samples.
	From string
	// Out is the folder to write to; "" means that only the result counts.
	Out string
	// Clean is the folder of the clean pictures by the same names, to compare; "" is none.
	Clean string
	// Check says that the pictures are clean: they are damaged first, and compared.
	Check bool
	// Damage is what Check does; the zero value means that of the run.
	Damage restore.Damage
	// Limit is the most pictures; 0 means all.
	Limit int
	// Compare is a PNG file of the first pictures by all methods; "" is none.
	Compare string
}

// radii are those of the median filters that a net is compared with.
func radii() []int { return []int{1, 2, 3} }

// componentCounts are the numbers of principal components that a net is compared with.
func componentCounts() []int { return []int{4, 8, 16, 32, 64, 128, 256} }

// Denoise cleans pictures: it writes their reconstructions as PNG files under the same
// names. Pictures are brought to the size of those that the model was trained on; those of
// a model that was trained on cuts keep their own. If the clean pictures are known, the
// result compares the net with the damaged pictures, with a median filter, and with
// principal components of the training pictures, each of these with its best setting.
func (r *Run) Denoise(ctx context.Context, d Denoising) (*Restored, error) {
	if err := checkOut(d.From, d.Out); err != nil {
		return nil, err
	}
	if d.Check && d.Clean != "" {
		return nil, errors.New("the pictures are damaged first, so they are the clean ones: leave out the folder of the clean pictures")
	}
	if d.Damage.Kind == "" {
		d.Damage = r.Recipe.Data.Damage
	}
	pictures, err := r.photos(ctx, d.From, d.Limit)
	if err != nil {
		return nil, err
	}
	done := &Restored{}
	switch {
	case d.Check && d.Damage.Kind == "":
		return nil, errors.New("no damage: say which with --damage.kind")
	case d.Check:
		done.What = d.Damage.String()
		for i := range pictures {
			p := &pictures[i]
			p.want = p.x
			if p.x, err = d.Damage.Of(p.x, p.shape, r.Recipe.Seed+uint64(i)); err != nil {
				return nil, fmt.Errorf("%s: %w", p.from, err)
			}
		}
	case d.Clean != "":
		if err := r.compareWith(ctx, pictures, d); err != nil {
			return nil, err
		}
	}
	net, err := r.net(false)
	if err != nil {
		return nil, err
	}
	after, err := each(ctx, pictures, net)
	if err != nil {
		return nil, err
	}
	if err := done.write(pictures, after, d.From, d.Out); err != nil {
		return nil, err
	}
	if len(pictures) == 0 || pictures[0].want == nil {
		return done, nil
	}
	all := []method{before(pictures)}
	if all, err = best(ctx, all, MedianFilter, "radius", pictures, radii(), func(p photo, radius int) ([]float32, error) {
		return restore.Median(p.x, p.shape, radius)
	}); err != nil {
		return nil, err
	}
	pca, tile, err := r.principal(false)
	if err != nil {
		return nil, err
	}
	if pca != nil {
		if all, err = best(ctx, all, PrincipalComponents, "components", pictures, upTo(componentCounts(), pca.Components()), func(p photo, k int) ([]float32, error) {
			t, err := restore.Cover(p.shape, tile)
			if err != nil {
				return nil, err
			}
			return t.Restore(p.x, nil, func(_ int, tiles, _ []float32) ([]float32, error) { return pca.Project(tiles, k), nil })
		}); err != nil {
			return nil, err
		}
	}
	all = append(all, method{name: Net, results: after})
	return done, done.compare(pictures, all, d.Compare)
}

// compareWith reads the clean pictures.
func (r *Run) compareWith(ctx context.Context, pictures []photo, d Denoising) error {
	clean, err := r.photos(ctx, d.Clean, d.Limit)
	if err != nil {
		return err
	}
	if err := sameNames(d.From, pictures, d.Clean, clean); err != nil {
		return err
	}
	for i, c := range clean {
		if len(c.x) != len(pictures[i].x) {
			return fmt.Errorf("%s is a picture %v, and the clean one %s is %v: want the same size", pictures[i].from, pictures[i].shape, c.from, c.shape)
		}
		pictures[i].want = c.x
	}
	return nil
}

// upTo leaves out the numbers that are too large.
func upTo(numbers []int, most int) (out []int) {
	for _, n := range numbers {
		if n <= most {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		out = []int{most}
	}
	return out
}
