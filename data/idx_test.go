package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// idxFile returns an IDX file of unsigned bytes.
func idxFile(elements []byte, dims ...uint32) []byte {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, n := range dims {
		file = binary.BigEndian.AppendUint32(file, n)
	}
	return append(file, elements...)
}

func gz(plain []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(plain)
	w.Close()
	return packed.Bytes()
}

// flip returns a copy with one bit changed, counted from the end if at is negative.
func flip(file []byte, at int) []byte {
	file = slices.Clone(file)
	file[(at+len(file))%len(file)] ^= 1
	return file
}

func TestReadIDXReadsPlainAndPackedFiles(t *testing.T) {
	plain := idxFile([]byte{1, 2, 3, 4, 5, 6}, 3, 2)
	for name, file := range map[string][]byte{
		"plain":      plain,
		"packed":     gz(plain),
		"two gzips":  append(gz(plain[:7]), gz(plain[7:])...),
		"one number": idxFile([]byte{9}, 1),
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":     bytes.NewReader(file),
				"by the byte": iotest.OneByteReader(bytes.NewReader(file)),
			} {
				x, err := ReadIDX(r, "f")
				require.NoError(t, err, how)
				if name != "one number" {
					require.Equal(t, []int{3, 2}, x.Dims)
					require.Equal(t, []byte{1, 2, 3, 4, 5, 6}, x.Data)
				}
			}
		})
	}
}

func TestReadIDXReadsMoreThanItsFirstBuffer(t *testing.T) {
	elements := make([]byte, 5<<20+3)
	for i := range elements {
		elements[i] = byte(i * 7 >> 3)
	}
	x, err := ReadIDX(bytes.NewReader(idxFile(elements, uint32(len(elements)))), "f")
	require.NoError(t, err)
	require.True(t, bytes.Equal(elements, x.Data))
}

func TestReadIDXErrorsNameFileOffsetAndReason(t *testing.T) {
	good := idxFile([]byte{1, 2, 3, 4, 5, 6}, 3, 2)
	typed := func(code byte) []byte { return []byte{0, 0, code, 1, 0, 0, 0, 1, 0, 0, 0, 0} }
	for _, c := range []struct {
		name   string
		file   []byte
		offset int64
		want   string
	}{
		{"empty", nil, 0, "f: at byte 0: the file is cut short, within its magic number"},
		{"half a magic number", good[:3], 3, "f: at byte 3: the file is cut short, within its magic number"},
		{"text", []byte("nothing here"), 0, "not an IDX file: its magic number is 0x6e6f7468, not 0x0000ttdd"},
		{"a page", []byte("<html>nothing here</html>"), 0, "not an IDX file: it is an HTML page: a server's answer was saved in place of the file"},
		{"a page with blank lines", []byte("\n\n  <!DOCTYPE html>\n<html>"), 0, "it is an HTML page"},
		{"a page, packed", gz([]byte("<!doctype html><html>")), 0, "at unpacked byte 0: not an IDX file: it is an HTML page"},
		{"an answer in XML", []byte("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"), 0, "it is an XML page"},
		{"a pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9912422\n"), 0, "it is a Git LFS pointer: run git lfs pull"},
		{"a gzip within a gzip", gz(gz(good)), 0, "f: at unpacked byte 0: not an IDX file: it is a gzip within a gzip: unpack it once, with gunzip"},
		{"a zip archive", []byte("PK\x03\x04\x14\x00"), 0, "it is a zip archive: unpack it"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n"), 0, "it is a PNG picture"},
		{"elements of no type", typed(0x0a), 0, "elements of type 0x0a; the types are 0x08 uint8, 0x09 int8,"},
		{"short elements cut", typed(0x0b)[:9], 9, "cut short, within its 1 elements of dimensions [1]"},
		{"one huge dimension of doubles", []byte{0, 0, 0x0e, 1, 0x08, 0, 0, 1}, 4, "dimension 0 is 134217729, which makes more than 134217728 elements"},
		{"no dimensions", idxFile(nil), 0, "no dimensions"},
		{"cut in the dimensions", good[:9], 9, "cut short, within its dimensions"},
		{"no samples", idxFile(nil, 0, 28, 28), 4, "dimension 0 is 0"},
		{"images without width", idxFile(nil, 5, 28, 0), 12, "dimension 2 is 0"},
		{"one huge dimension", idxFile(nil, 0xffffffff), 4, "dimension 0 is 4294967295, which makes more than 1073741824 elements"},
		{"a product that overflows", idxFile(nil, 1<<16, 1<<16, 1<<16, 1<<16), 8, "dimension 1 is 65536, which makes more than"},
		{"255 dimensions of two", idxFile(nil, slices.Repeat([]uint32{2}, 255)...), 4 + 4*30, "dimension 30 is 2, which makes more"},
		{"cut in the elements", good[:len(good)-1], 17, "cut short, within its 6 elements of dimensions [3 2]"},
		{"a promise of a gigabyte", idxFile([]byte{1, 2}, 1<<30), 10, "cut short, within its 1073741824 elements"},
		{"one byte more", append(slices.Clone(good), 7), 18, "goes on after the 6 elements that its dimensions [3 2] promise"},
		{"gzip, one byte more", gz(append(slices.Clone(good), 7)), 18, "f: at unpacked byte 18: the file goes on after"},
		{"gzip cut in its header", gz(good)[:5], 0, "the gzip header is damaged or cut short"},
		{"gzip of a wrong method", flip(gz(good), 2), 0, "the gzip header is damaged or cut short"},
		{"gzip without its sum", gz(good)[:len(gz(good))-8], 18, "the end of the file is damaged: unexpected EOF"},
		{"gzip with a wrong sum", flip(gz(good), -8), 18, "the end of the file is damaged: gzip: invalid checksum"},
		{"gzip with a wrong length", flip(gz(good), -4), 18, "the end of the file is damaged: gzip: invalid checksum"},
		{"gzip with garbage after it", append(gz(good), "garbage garbage"...), 18, "the end of the file is damaged: gzip: invalid header"},
		{"gzip of a short file", gz(good[:16]), 16, "f: at unpacked byte 16: the file is cut short, within its 6 elements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, err := ReadIDX(bytes.NewReader(c.file), "f")
			require.ErrorContains(t, err, c.want)
			require.Nil(t, x)
			var bad *FormatError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, "f", bad.File)
			require.Equal(t, c.offset, bad.Offset)
		})
	}
}

func TestReadIDXSaysThatDeflateIsDamaged(t *testing.T) {
	file := gz(idxFile(bytes.Repeat([]byte{3, 1, 4, 1, 5, 9, 2, 6}, 100), 800))
	damaged := 0
	for at := 10; at < len(file)-8; at++ { // everything between gzip's header and its sum
		_, err := ReadIDX(bytes.NewReader(flip(file, at)), "f")
		require.Error(t, err, "bit flipped in byte %d", at)
		damaged++
	}
	require.Positive(t, damaged)
}

func TestReadIDXStopsAtAGzipWithoutEnd(t *testing.T) {
	// The header promises four elements; zeros follow without end.
	r, w := io.Pipe()
	sent := 0
	go func() {
		z := gzip.NewWriter(w)
		z.Write(idxFile(nil, 4))
		for chunk := make([]byte, 1<<16); ; sent += len(chunk) {
			if _, err := z.Write(chunk); err != nil {
				return
			}
			if err := z.Flush(); err != nil {
				return
			}
		}
	}()
	_, err := ReadIDX(r, "endless")
	r.Close()
	require.EqualError(t, err, "endless: at unpacked byte 12: the file goes on after the 4 elements that its dimensions [4] promise")
}

func TestReadIDXTakesNoMoreMemoryThanAGzipIsWorth(t *testing.T) {
	packed := func(elements []byte, promise int) (x *IDX, taken uint64, err error) {
		file := gz(idxFile(elements, uint32(promise)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err = ReadIDX(bytes.NewReader(file), "f")
		runtime.ReadMemStats(&after)
		return x, after.TotalAlloc - before.TotalAlloc, err
	}
	blank := make([]byte, 1<<27) // a thousandth of that, packed

	x, _, err := packed(blank[:unpackFreely], unpackFreely)
	require.NoError(t, err, "so many elements may be as blank as they like")
	require.Len(t, x.Data, unpackFreely)

	_, taken, err := packed(blank, len(blank))
	var bad *FormatError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "unpacks to more than 100 times its size: if that is right, unpack the file first")
	require.Less(t, taken, uint64(len(blank)))

	_, taken, err = packed(nil, MaxIDX)
	require.ErrorContains(t, err, "cut short")
	require.Less(t, taken, uint64(4<<20))

	some := blank[:unpackFreely+1<<22]
	for i := 0; i < len(some); i += 40 {
		some[i] = byte(i*i>>7) | 1
	}
	x, _, err = packed(some, len(some))
	require.NoError(t, err, "what is packed well is read")
	require.True(t, bytes.Equal(some, x.Data))
}

func TestReadIDXKeepsTheReadersError(t *testing.T) {
	broken := errors.New("the disk is on fire")
	_, err := ReadIDX(io.MultiReader(bytes.NewReader(idxFile(nil, 4)), iotest.ErrReader(broken)), "f")
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "f: at byte 8: cannot read the 4 elements of dimensions [4]: the disk is on fire")
}

func TestOpenIDXNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenIDX(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = OpenIDX(dir)
	require.ErrorContains(t, err, dir)

	path := filepath.Join(dir, "labels.bin") // the content, not the name, tells whether it is packed
	require.NoError(t, os.WriteFile(path, gz(idxFile([]byte{7, 8}, 2)), 0o644))
	x, err := OpenIDX(path)
	require.NoError(t, err)
	require.Equal(t, path, x.Name)
	require.Equal(t, []byte{7, 8}, x.Data)
}

// FuzzIDX reads any bytes as images and as labels: no panic, no memory beyond what the bytes hold, and what is accepted
// is consistent and, written again, reads as the same.
func FuzzIDX(f *testing.F) {
	good := idxFile([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	for _, seed := range [][]byte{
		nil, good, gz(good), good[:13], good[:20], append(slices.Clone(good), 0), gz(good)[:20], flip(gz(good), -6),
		idxFile([]byte{0, 1}, 2), idxFile([]byte{0, 200}, 2), idxFile(nil, 0), idxFile(nil, 1<<31, 1<<31, 1<<31),
		idxFile([]byte{1}, 1<<30), gz(gz(good)), gz(make([]byte, 1<<16)), {0x1f, 0x8b}, {0, 0, 8, 255},
		append(gz(good[:4]), gz(good[4:])...),
		{0, 0, 0x0c, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1}, {0, 0, 0x0e, 1, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0x0b, 1, 0, 0, 0, 1, 0},
		[]byte("<html>"), gz([]byte("<html>")),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var x *IDX
		var err error
		bounded(t, len(file), 32*maxRatio, unpackedFree, func() { x, err = ReadIDX(bytes.NewReader(file), "fuzz") })
		if err != nil {
			var bad *FormatError
			require.ErrorAs(t, err, &bad)
			require.GreaterOrEqual(t, bad.Offset, int64(0))
			return
		}
		count := 1
		var dims []uint32
		for _, n := range x.Dims {
			require.Positive(t, n)
			count *= n
			dims = append(dims, uint32(n))
		}
		e, ok := x.Type.element()
		require.True(t, ok)
		require.Len(t, x.Data, count*e.size)
		values, err := x.Floats()
		require.NoError(t, err)
		require.Len(t, values, count)
		plain := idxFile(x.Data, dims...)
		plain[2] = byte(x.Type)
		again, err := ReadIDX(bytes.NewReader(plain), "again")
		require.NoError(t, err)
		require.Equal(t, x.Data, again.Data)

		labels := &IDX{Name: "labels", Dims: []int{x.Dims[0]}, Data: make([]byte, x.Dims[0])}
		if set, err := NewImages(x, labels, 10); err == nil {
			read(t, set, set.Len()-1)
		}
		if x.transpose() == nil {
			if set, err := NewImages(x, labels, 10); err == nil {
				read(t, set, 0)
			}
		}
		if set, err := NewImages(&IDX{Name: "images", Dims: []int{x.Dims[0], 1, 1}, Data: make([]byte, x.Dims[0])}, x, 10); err == nil {
			require.Less(t, read(t, set, 0)[1][0], float32(10))
		}
	})
}
