// Images in folders: a picture file is a sample, and its folder may be its class.

package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Fit says how a picture of another shape becomes an image.
type Fit string

// The fits.
const (
	FitStretch Fit = "stretch" // the whole picture, stretched or compressed if its proportions differ
	FitCrop    Fit = "crop"    // the largest part about the centre that has the image's proportions
)

// ImageFolderOptions are the options of OpenImageFolder. The zero value gives colour images of the first picture's size.
type ImageFolderOptions struct {
	Height, Width int  // of the images; both 0: those of the first picture
	Grey          bool // one channel instead of red, green and blue
	Fit           Fit  // "": FitStretch
	// Flat means that folders are not classes: all pictures in the folder and below it are samples without a label.
	Flat bool
	// MaxPixels is the largest number of pixels of a picture; 0: 2^26. A larger one is an error before it is decoded.
	MaxPixels int
}

// An ImageFolder is a set of the pictures in a folder, with the fields x [channels, height, width], values in [0,1], and
// label. A picture is read and decoded when its sample is read, so the folder may be larger than memory.
type ImageFolder struct {
	// Classes are the names of the folders that are the classes, sorted; nil if Flat.
	Classes []string

	*layout
	paths     []string
	labels    []float32
	form      imageForm
	maxPixels int
}

// OpenImageFolder finds the pictures in a folder: files whose names end in .png, .jpg, .jpeg, .gif, .bmp, .tif, .tiff or
// .webp, whatever the case. Each folder in it is a class and has its pictures in it or in folders below; pictures beside
// the class folders are an error. Names that begin with a dot are passed over. Samples are in the order of their paths,
// sorted by bytes, class by class.
//
// Pictures are scaled by the Catmull-Rom filter. Colour becomes grey as luma by ITU-R BT.601; transparent pixels are over
// black; of an animation, the first picture counts; the orientation in a camera's EXIF notes does not. A file that cannot
// be decoded is an error of Read that names it.
func OpenImageFolder(dir string, opts ImageFolderOptions) (*ImageFolder, error) {
	f, err := openImageFolder(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("images in %s: %w", dir, err)
	}
	return f, nil
}

func openImageFolder(dir string, opts ImageFolderOptions) (*ImageFolder, error) {
	f := &ImageFolder{maxPixels: opts.MaxPixels}
	if f.maxPixels == 0 {
		f.maxPixels = 1 << 26
	}
	if opts.Fit != "" && opts.Fit != FitStretch && opts.Fit != FitCrop {
		return nil, fmt.Errorf("fit %q: the fits are %q and %q", opts.Fit, FitStretch, FitCrop)
	}
	if opts.Height < 0 || opts.Width < 0 || (opts.Height == 0) != (opts.Width == 0) {
		return nil, fmt.Errorf("images of height %d and width %d: give both, or none", opts.Height, opts.Width)
	}
	find := f.findClasses
	if opts.Flat {
		find = f.findFlat
	}
	if err := find(dir); err != nil {
		return nil, err
	}
	height, width := opts.Height, opts.Width
	if height == 0 {
		p, err := openPicture(f.paths[0], f.maxPixels)
		if err != nil {
			return nil, err
		}
		height, width = p.height, p.width
		p.close()
	}
	channels := 3
	if opts.Grey {
		channels = 1
	}
	f.form = imageForm{channels, height, width, opts.Fit == FitCrop}
	shape := []int{channels, height, width}
	if _, err := volumeOf(shape); err != nil {
		return nil, err
	}
	f.layout = imageLayout(shape, len(f.Classes))
	return f, nil
}

// Len is the number of pictures.
func (f *ImageFolder) Len() int {
	if f == nil {
		return 0
	}
	return len(f.paths)
}

// Fields are x and, unless the folder is flat, label.
func (f *ImageFolder) Fields() []Field {
	if f == nil || f.layout == nil {
		return nil
	}
	return f.layout.Fields()
}

// Path is the path of picture i; "" if there is none.
func (f *ImageFolder) Path(i int) string {
	if i < 0 || i >= f.Len() {
		return ""
	}
	return f.paths[i]
}

// Read decodes picture i.
func (f *ImageFolder) Read(i int, to [][]float32) error {
	if f == nil || f.layout == nil {
		return errors.New("images: no folder: make it by OpenImageFolder")
	}
	if err := f.check("images", i, f.Len(), to); err != nil {
		return err
	}
	p, err := openPicture(f.paths[i], f.maxPixels)
	if err != nil {
		return err
	}
	defer p.close()
	picture, err := p.decode()
	if err != nil {
		return err
	}
	f.form.write(picture, to[0])
	if f.labels != nil {
		to[1][0] = f.labels[i]
	}
	return nil
}

// findClasses takes the folders in dir as classes.
func (f *ImageFolder) findClasses(dir string) error {
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path) // follows links
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case info.IsDir():
			n := len(f.paths)
			if err := f.find(path); err != nil {
				return err
			}
			if len(f.paths) == n {
				return fmt.Errorf("class folder %s has no pictures: remove it", path)
			}
			for range len(f.paths) - n {
				f.labels = append(f.labels, float32(len(f.Classes)))
			}
			f.Classes = append(f.Classes, e.Name())
		case isPicture(e.Name()):
			return fmt.Errorf("picture %s is in no class folder: move it into one, or set Flat", path)
		}
	}
	if len(f.paths) == 0 {
		return errors.New("no class folders: put the pictures of each class into a folder of its own, or set Flat")
	}
	if len(f.Classes) > maxClasses {
		return fmt.Errorf("%d class folders; at most %d are possible", len(f.Classes), maxClasses)
	}
	return nil
}

// findFlat takes all pictures in dir.
func (f *ImageFolder) findFlat(dir string) error {
	if err := f.find(dir); err != nil {
		return err
	}
	if len(f.paths) == 0 {
		return fmt.Errorf("no pictures: their names end in %s", strings.Join(pictureNames(), ", "))
	}
	return nil
}

// find takes all pictures in a folder and below it, sorted.
func (f *ImageFolder) find(dir string) error {
	n := len(f.paths)
	// The slash at the end follows a link to a folder.
	err := filepath.WalkDir(dir+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(e.Name(), ".") && len(path) > len(dir)+1:
			if e.IsDir() {
				return filepath.SkipDir
			}
		case !e.IsDir() && isPicture(e.Name()):
			f.paths = append(f.paths, filepath.Clean(path))
		}
		return nil
	})
	slices.Sort(f.paths[n:])
	return err
}

// isPicture tells by its name whether a file is a picture.
func isPicture(name string) bool {
	return slices.Contains(pictureNames(), strings.ToLower(filepath.Ext(name)))
}
