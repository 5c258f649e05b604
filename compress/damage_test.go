package compress_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc64"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/models/vae"
)

// file is a file of the first model.
func file(t testing.TB) ([]byte, *compress.Model) {
	m, err := compress.New(models[0].model, params(t, models[0].model))
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = compress.Encode(&b, m, levels(t, 30, m.Shape(), 2), compress.Options{Streams: 2})
	require.NoError(t, err)
	return b.Bytes(), m
}

// reseal replaces the checksum by the right one.
func reseal(file []byte) []byte {
	if len(file) < 8 {
		return file
	}
	body := file[:len(file)-8]
	return binary.LittleEndian.AppendUint64(bytes.Clone(body), crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
}

func TestDamagedFilesAreErrors(t *testing.T) {
	whole, m := file(t)
	decode := func(b []byte) error {
		_, _, err := compress.Decode(bytes.NewReader(b), m, compress.Options{})
		return err
	}
	require.NoError(t, decode(whole))
	for n := range len(whole) {
		require.Error(t, decode(whole[:n]), "%d bytes", n)
		changed := bytes.Clone(whole)
		changed[n] ^= 1 << (n % 8)
		require.Error(t, decode(changed), "byte %d", n)
		require.Error(t, decode(reseal(whole[:n])), "%d bytes with a right checksum", n)
		if n < len(whole)-8 {
			require.Error(t, decode(reseal(changed)), "byte %d with a right checksum", n)
		}
	}
	require.ErrorContains(t, decode(append(bytes.Clone(whole), 0)), "the checksum is wrong")
	require.ErrorContains(t, decode([]byte("PK\x03\x04 a zip archive")), "it is not a compressed file of this library")
	require.ErrorContains(t, decode(nil), "it is not a compressed file of this library")
	newer := bytes.Clone(whole)
	newer[8] = 9
	require.ErrorContains(t, decode(newer), "version 9 of the format")
	other := bytes.Clone(whole)
	other[9] = 2
	require.ErrorContains(t, decode(reseal(other)), "quantised codes: read it with DecodeCodes")
}

func TestAnotherModelIsAnError(t *testing.T) {
	whole, _ := file(t)
	p := params(t, models[0].model)
	w := p.Get("decoder/fc1/w")
	x := w.Floats()
	x[0] += 1e-6
	require.NoError(t, w.SetFloats(x))
	m, err := compress.New(models[0].model, p)
	require.NoError(t, err)
	_, _, err = compress.Decode(bytes.NewReader(whole), m, compress.Options{})
	require.ErrorContains(t, err, "the file was coded by another model")
	_, _, err = compress.Decode(bytes.NewReader(whole), nil, compress.Options{})
	require.ErrorContains(t, err, "there is no model")
	big, err := compress.New(vae.Config{}, params(t, vae.Config{}))
	require.NoError(t, err)
	_, _, err = compress.Decode(bytes.NewReader(whole), big, compress.Options{})
	require.ErrorContains(t, err, "the file was coded by another model")
}

func TestFilesLargerThanAllowedAreErrors(t *testing.T) {
	whole, m := file(t)
	_, _, err := compress.Decode(bytes.NewReader(whole), m, compress.Options{MaxBytes: len(whole) - 1})
	require.ErrorContains(t, err, "raise Options.MaxBytes")
	_, _, err = compress.Decode(bytes.NewReader(whole), m, compress.Options{MaxValues: 12*30 - 1})
	require.ErrorContains(t, err, "raise Options.MaxValues")
	_, _, err = compress.Decode(bytes.NewReader(whole), m, compress.Options{MaxBytes: len(whole), MaxValues: 12 * 30})
	require.NoError(t, err)
	_, _, err = compress.Decode(iotest.ErrReader(iotest.ErrTimeout), m, compress.Options{})
	require.ErrorIs(t, err, iotest.ErrTimeout)
	_, _, err = compress.Decode(nil, m, compress.Options{})
	require.ErrorContains(t, err, "nothing to read from")
}

// No file makes Decode panic, or take more memory than it is allowed.
func FuzzDecode(f *testing.F) {
	whole, m := file(f)
	f.Add(whole)
	f.Add(whole[:60])
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, file := range [][]byte{b, reseal(b)} {
			a, _, err := compress.Decode(bytes.NewReader(file), m, compress.Options{MaxBytes: 1 << 16, MaxValues: 1 << 12, Threads: 1})
			if err == nil && len(a.Values) > 1<<12 {
				t.Fatal("more values than allowed")
			}
		}
	})
}
