package recipe

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/restore"
)

// Inpainting says which pictures to fill in, and where.
type Inpainting struct {
	// From is a folder of pictures, or a data set. "" means the run's own test samples.
	From string
	// Out is the folder to write to; "" means that only the result counts.
	Out string
	// Hide is what is hidden and filled in; the zero value means that of the run.
	Hide restore.Hole
	// Limit is the most pictures; 0 means all.
	Limit int
	// Compare is a PNG file of the first pictures by all methods; "" is none.
	Compare string
}

// Inpaint hides a part of pictures and fills it in, and writes them as PNG files under the
// same names. The model was trained to fill in, such as conv.Inpainting. The result compares
// the hidden pixels with the originals, beside the mean of the training pictures there, and
// their principal components, fitted to the shown pixels by least squares.
func (r *Run) Inpaint(ctx context.Context, in Inpainting) (*Restored, error) {
	if err := checkOut(in.From, in.Out); err != nil {
		return nil, err
	}
	hide := in.Hide
	if hide.Kind == "" {
		hide = r.Recipe.Data.Hide
	}
	if hide.Kind == "" {
		return nil, errors.New("nothing is hidden: say what with --hide.kind")
	}
	if err := hide.Check(); err != nil {
		return nil, err
	}
	net, err := r.net(true)
	if err != nil {
		return nil, err
	}
	pictures, err := r.photos(ctx, in.From, in.Limit)
	if err != nil {
		return nil, err
	}
	if err := r.hide(pictures, hide); err != nil {
		return nil, err
	}
	after, err := each(ctx, pictures, net)
	if err != nil {
		return nil, err
	}
	done := &Restored{What: hide.String()}
	if err := done.write(pictures, after, in.From, in.Out); err != nil {
		return nil, err
	}
	if len(pictures) == 0 {
		return done, nil
	}
	all := []method{before(pictures)}
	pca, tile, err := r.principal(true)
	if err != nil {
		return nil, err
	}
	if pca != nil {
		fill := func(p photo, k int) ([]float32, error) { return fillBy(pca, tile, p, k) }
		if all, err = best(ctx, all, MeanPicture, "components", pictures, []int{0}, fill); err != nil {
			return nil, err
		}
		all[len(all)-1].setting = ""
		if all, err = best(ctx, all, PrincipalComponents, "components", pictures, upTo(componentCounts(), pca.Components()), fill); err != nil {
			return nil, err
		}
	}
	all = append(all, method{name: Net, results: after})
	return done, done.compare(pictures, all, in.Compare)
}

// hide hides a part of each picture: 0 is in its place.
func (r *Run) hide(pictures []photo, hide restore.Hole) error {
	for i := range pictures {
		p := &pictures[i]
		mask, err := Data{Hide: hide}.mask(p.shape)
		if err == nil && mask == nil {
			mask = make([]float32, len(p.x))
			err = hide.Apply(rand.New(rand.NewPCG(r.Recipe.Seed+uint64(i), 0x686964)), mask, p.shape)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.from, err)
		}
		p.mask, p.want = mask, p.x
		p.x = make([]float32, len(p.want))
		for k, v := range p.want {
			p.x[k] = v * mask[k]
		}
	}
	return nil
}

// fillBy fills in a picture by k principal components of its tiles.
func fillBy(pca *restore.PCA, tile []int, p photo, k int) ([]float32, error) {
	t, err := restore.Cover(p.shape, tile)
	if err != nil {
		return nil, err
	}
	return t.Restore(p.x, p.mask, func(_ int, tiles, masks []float32) ([]float32, error) { return pca.Fill(tiles, masks, k) })
}
