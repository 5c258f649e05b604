// The public data sets that Open knows: their files, their sums and where to get them.

package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/stheno-ml/stheno/internal/regular"
)

// A collection is a public data set of four IDX files.
type collection struct {
	name    string
	classes int
	mirrors []string // addresses of folders that hold the files
	files   [4]original
}

// The places of a collection's files.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
)

// fileNames are the names of a collection's files, unpacked.
func fileNames() [4]string {
	return [4]string{
		"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
		"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
	}
}

// An original is a published file: the gzip's name and size in bytes, and the SHA-256 sums of the gzip and of its
// content, in hexadecimal.
type original struct {
	name          string
	size          int64
	packed, plain string
}

func collections() []collection {
	return []collection{
		{
			name: "mnist", classes: 10,
			mirrors: []string{
				"https://ossci-datasets.s3.amazonaws.com/mnist",
				"https://storage.googleapis.com/cvdf-datasets/mnist",
			},
			files: [4]original{
				{"train-images-idx3-ubyte.gz", 9912422,
					"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
					"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
				{"train-labels-idx1-ubyte.gz", 28881,
					"3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
					"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
				{"t10k-images-idx3-ubyte.gz", 1648877,
					"8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
					"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
				{"t10k-labels-idx1-ubyte.gz", 4542,
					"f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
					"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
			},
		},
		{
			name: "fashion-mnist", classes: 10,
			mirrors: []string{
				"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
				"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
			},
			files: [4]original{
				{"train-images-idx3-ubyte.gz", 26421880,
					"3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
					"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
				{"train-labels-idx1-ubyte.gz", 29515,
					"a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
					"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
				{"t10k-images-idx3-ubyte.gz", 4422102,
					"346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
					"5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
				{"t10k-labels-idx1-ubyte.gz", 5148,
					"67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
					"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
			},
		},
	}
}

// verify checks that the file at path is the original, byte for byte.
func (o *original) verify(path string) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, o.size+1))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := o.match(n, sum.Sum(nil)); err != nil {
		return fmt.Errorf("%s: %w%s", path, err, instead(f))
	}
	return nil
}

// instead says what an opened file is, if it is not a gzip and its first bytes tell.
func instead(f *os.File) string {
	head := make([]byte, sniffed)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return ""
	}
	if f, ok := recognise(head[:n]); ok && f.start != gzipMagic {
		return "; " + f.String()
	}
	return ""
}

// match compares the size and the SHA-256 sum of a gzip with the original's.
func (o *original) match(size int64, sum []byte) error {
	if size > o.size {
		return fmt.Errorf("not the original file: it has more than %d bytes", o.size)
	}
	if size < o.size {
		return fmt.Errorf("not the original file: it has %d of %d bytes", size, o.size)
	}
	if got := hex.EncodeToString(sum); got != o.packed {
		return fmt.Errorf("not the original file: its SHA-256 is %s, not %s", got, o.packed)
	}
	return nil
}

// identify returns the collection whose original files these are, or nil. Labels are compared first, because they are
// small.
func identify(files *[4]*IDX, known []collection) *collection {
next:
	for i := range known {
		for _, k := range []int{testLabels, trainLabels, testImages, trainImages} {
			want, err := hex.DecodeString(known[i].files[k].plain)
			if err != nil || !bytes.Equal(files[k].sum(), want) {
				continue next
			}
		}
		return &known[i]
	}
	return nil
}

// sum returns the SHA-256 sum of the file that x was read from, unpacked.
func (x *IDX) sum() []byte {
	head := []byte{0, 0, byte(x.Type.filled()), byte(len(x.Dims))}
	for _, n := range x.Dims {
		head = binary.BigEndian.AppendUint32(head, uint32(n))
	}
	sum := sha256.New()
	sum.Write(head)
	sum.Write(x.Data)
	return sum.Sum(nil)
}
