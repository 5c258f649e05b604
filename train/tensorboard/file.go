package tensorboard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// prefix is how the names of event files begin.
const prefix = "events.out.tfevents."

// file is a file of events, each in a TFRecord. A record is written by one call, so a
// killed process leaves whole records, and perhaps a part of the last one, which readers
// ignore.
type file struct {
	f    *os.File
	size int64 // of the whole records
}

// create creates an event file whose name comes after those of the others in the folder.
// Readers take the files in the order of their names.
func create(dir string) (*file, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	second := time.Now().Unix()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		rest, is := strings.CutPrefix(e.Name(), prefix)
		number, _, _ := strings.Cut(rest, ".")
		if s, err := strconv.ParseInt(number, 10, 64); is && err == nil {
			second = max(second, s+1)
		}
	}
	for ; ; second++ {
		path := filepath.Join(dir, fmt.Sprintf("%s%010d.%s", prefix, second, host))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return &file{f: f}, err
		}
	}
}

// write adds an event. If only a part of it could be written, the next one replaces it.
func (f *file) write(event []byte) error {
	record := record(event)
	if _, err := f.f.WriteAt(record, f.size); err != nil {
		return errors.Join(err, f.f.Truncate(f.size))
	}
	f.size += int64(len(record))
	return nil
}

func (f *file) close() error {
	if f == nil || f.f == nil {
		return nil
	}
	return f.f.Close()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is the TFRecord of some data:
//
//	uint64 length, uint32 masked CRC-32C of length, data, uint32 masked CRC-32C of data
func record(data []byte) []byte {
	out := binary.LittleEndian.AppendUint64(make([]byte, 0, len(data)+16), uint64(len(data)))
	out = binary.LittleEndian.AppendUint32(out, masked(out))
	out = append(out, data...)
	return binary.LittleEndian.AppendUint32(out, masked(data))
}

// masked is the checksum in the form that TFRecords have, which differs from that of
// data with checksums in it.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
