package recipe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/restore"
	"github.com/stheno-ml/stheno/train/picture"
)

// The methods of a restoration.
const (
	Before              = "before"               // nothing was done
	MedianFilter        = "median filter"        //
	PrincipalComponents = "principal components" //
	MeanPicture         = "mean of the training pictures"
	WienerFilter        = "Wiener filter"
	Net                 = "net"
)

// Restored is what a restoration has done.
type Restored struct {
	What     string            `json:"what,omitempty"` // the damage, or what was hidden
	Pictures []RestoredPicture `json:"pictures"`
	// Resized is the number of pictures of another size than Size, [height,width], which
	// they were brought to because the model was trained on it.
	Resized int   `json:"resized,omitempty"`
	Size    []int `json:"size,omitempty"`
	// Methods compares the net with others by means over the pictures; nil if the originals
	// are not known.
	Methods []MethodResult `json:"methods,omitempty"`
	Compare string         `json:"compare,omitempty"` // the picture that compares
}

// RestoredPicture is a picture with how near to the original each method comes.
type RestoredPicture struct {
	From string                      `json:"from"`
	To   string                      `json:"to,omitempty"`
	Near map[string]restore.Nearness `json:"near,omitempty"`
}

// MethodResult is a method with the means over all pictures.
type MethodResult struct {
	Name    string `json:"name"`
	Setting string `json:"setting,omitempty"` // the best of those that were tried
	restore.Nearness
}

// photo is a picture to restore.
type photo struct {
	from  string // its file, or its name
	shape []int  // [C,H,W]
	x     []float32
	want  []float32 // the original; nil if it is not known
	mask  []float32 // 0 where it is hidden; nil if nothing is
	other bool      // its file has another size
}

// near compares a result with the original.
func (p photo) near(x []float32) (restore.Nearness, error) {
	if p.mask != nil {
		return restore.NearIn(x, p.want, p.mask, p.shape)
	}
	return restore.Near(x, p.want, p.shape)
}

// method is a way to restore pictures, with what comes out.
type method struct {
	name, setting string
	results       [][]float32
}

// before is what is to be restored, as it is.
func before(pictures []photo) method {
	m := method{name: Before}
	for _, p := range pictures {
		m.results = append(m.results, p.x)
	}
	return m
}

// each restores pictures one by one.
func each(ctx context.Context, pictures []photo, f func(photo) ([]float32, error)) ([][]float32, error) {
	out := make([][]float32, len(pictures))
	for i, p := range pictures {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = f(p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.from, err)
		}
	}
	return out, nil
}

// best adds a method with the setting whose mean squared error is the least.
func best(ctx context.Context, all []method, name, what string, pictures []photo, settings []int, f func(photo, int) ([]float32, error)) ([]method, error) {
	var found method
	least := 0.0
	for _, s := range settings {
		results, err := each(ctx, pictures, func(p photo) ([]float32, error) { return f(p, s) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		wrong := 0.0
		for i, p := range pictures {
			wrong += squaredError(results[i], p.want, p.mask)
		}
		if found.results == nil || wrong < least {
			found, least = method{name, fmt.Sprintf("%s %d", what, s), results}, wrong
		}
	}
	return append(all, found), nil
}

// write writes pictures as PNG files.
func (d *Restored) write(pictures []photo, after [][]float32, dir, out string) error {
	for i, p := range pictures {
		done := RestoredPicture{From: p.from}
		if out != "" {
			var err error
			if done.To, err = writePicture(p, dir, out, after[i]); err != nil {
				return err
			}
		}
		d.Pictures = append(d.Pictures, done)
		if p.other {
			d.Resized++
			d.Size = p.shape[1:]
		}
	}
	return nil
}

// writePicture writes a picture under the name and in the folder that it had.
func writePicture(p photo, dir, out string, x []float32) (string, error) {
	name, err := filepath.Rel(dir, p.from)
	if err != nil || strings.HasPrefix(name, "..") {
		name = p.from
	}
	img, err := Picture(p.shape, x)
	if err != nil {
		return "", err
	}
	path := filepath.Join(out, strings.TrimSuffix(name, filepath.Ext(name))+".png")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, WritePNG(path, img)
}

// compare compares methods with the originals, and draws the first pictures.
func (d *Restored) compare(pictures []photo, all []method, file string) error {
	for _, m := range all {
		mean := MethodResult{Name: m.name, Setting: m.setting}
		n := float64(len(pictures))
		for i, p := range pictures {
			near, err := p.near(m.results[i])
			if err != nil {
				return fmt.Errorf("%s: %w", p.from, err)
			}
			if d.Pictures[i].Near == nil {
				d.Pictures[i].Near = map[string]restore.Nearness{}
			}
			d.Pictures[i].Near[m.name] = near
			mean.MSE, mean.PSNR, mean.SSIM = mean.MSE+near.MSE/n, mean.PSNR+near.PSNR/n, mean.SSIM+near.SSIM/n
		}
		d.Methods = append(d.Methods, mean)
	}
	if file == "" {
		return nil
	}
	d.Compare = file
	return drawAll(file, pictures, all)
}

// The sizes of a picture that compares.
const (
	mostCompared = 12  // pictures in a row, if they are small
	smallPicture = 64  // the largest side of a small one
	viewSide     = 160 // the side of what is shown of a large one
)

// drawAll draws originals, and below them the results of each method. Of large pictures it
// shows the middle of the first, of a hole in it what is around it.
func drawAll(file string, pictures []photo, all []method) error {
	shape := pictures[0].shape
	n := 0
	for n < len(pictures) && n < mostCompared && slices.Equal(pictures[n].shape, shape) {
		n++
	}
	crop := func(x []float32) []float32 { return x }
	large := max(shape[1], shape[2]) > smallPicture
	if large {
		high, wide := min(viewSide, shape[1]), min(viewSide, shape[2])
		top, left := (shape[1]-high)/2, (shape[2]-wide)/2
		if at := slices.Index(pictures[0].mask, 0); at >= 0 {
			top, left = min(shape[1]-high, max(0, at/shape[2]%shape[1]-high/3)), min(shape[2]-wide, max(0, at%shape[2]-wide/3))
		}
		whole := shape
		shape = []int{whole[0], high, wide}
		n = 1
		crop = func(x []float32) (out []float32) {
			for c := range whole[0] {
				for i := range high {
					out = append(out, x[(c*whole[1]+top+i)*whole[2]+left:][:wide]...)
				}
			}
			return out
		}
	}
	var rows [][]float32
	row := func(of func(i int) []float32) {
		var r []float32
		for i := range n {
			r = append(r, clip(crop(of(i)))...)
		}
		rows = append(rows, r)
	}
	row(func(i int) []float32 { return pictures[i].want })
	for _, m := range all {
		row(func(i int) []float32 { return m.results[i] })
	}
	if large { // side by side
		rows = [][]float32{slices.Concat(rows...)}
	}
	img, err := picture.Grid(shape, rows...)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return WritePNG(file, img)
}

// clip is a copy with values in [0,1].
func clip(x []float32) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = min(1, max(0, v))
	}
	return out
}

// sameNames returns an error unless two folders have pictures of the same names.
func sameNames(a string, as []photo, b string, bs []photo) error {
	if len(as) != len(bs) {
		return fmt.Errorf("%s has %d pictures and %s has %d: want the same ones", a, len(as), b, len(bs))
	}
	bare := func(dir, path string) string {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			name = path
		}
		return strings.TrimSuffix(name, filepath.Ext(name))
	}
	for i := range as {
		if x, y := bare(a, as[i].from), bare(b, bs[i].from); x != y {
			return fmt.Errorf("%s has the picture %s where %s has %s: want the same names", a, x, b, y)
		}
	}
	return nil
}

// checkOut returns an error if the folder to write to is that of the pictures.
func checkOut(from, out string) error {
	if from == "" || out == "" {
		return nil
	}
	if same, err := sameFolder(from, out); err != nil || same {
		return errors.Join(err, fmt.Errorf("-o %s is the folder of the pictures themselves: choose another", out))
	}
	return nil
}

// sameFolder reports whether two paths are one folder.
func sameFolder(a, b string) (bool, error) {
	x, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	y, err := filepath.Abs(b)
	return x == y, err
}
