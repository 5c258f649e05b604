package data

// OpenPicture reads one picture file at its own size: a sample [channels, height, width] of values in [0,1]. Of the
// options, Height and Width are left out, and Fit does not matter. See OpenImageFolder for the formats.
func OpenPicture(path string, opts ImageFolderOptions) (Array, error) {
	most := opts.MaxPixels
	if most == 0 {
		most = 1 << 26
	}
	p, err := openPicture(path, most)
	if err != nil {
		return Array{}, err
	}
	defer p.close()
	decoded, err := p.decode()
	if err != nil {
		return Array{}, err
	}
	channels := 3
	if opts.Grey {
		channels = 1
	}
	x := make([]float32, channels*p.height*p.width)
	imageForm{channels, p.height, p.width, false}.write(decoded, x)
	return Array{Name: "x", Shape: []int{channels, p.height, p.width}, Values: x}, nil
}
