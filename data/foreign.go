// Files that are not the data file wanted, recognised by their first bytes.

package data

import (
	"bytes"
	"fmt"
)

// A foreign is a kind of file that is not the one wanted.
type foreign struct {
	start  string // its first bytes; for text, in lower case and without leading space
	what   string
	remedy string
}

// gzipMagic starts a gzip.
const gzipMagic = "\x1f\x8b"

// foreigners are the kinds that are recognised.
func foreigners() []foreign {
	const page = "a server's answer was saved in place of the file: download the file itself"
	return []foreign{
		{"<!doctype html", "an HTML page", page},
		{"<html", "an HTML page", page},
		{"<head", "an HTML page", page},
		{"<body", "an HTML page", page},
		{"<!--", "an HTML page", page},
		{"<?xml", "an XML page", page},
		{"version https://git-lfs", "a Git LFS pointer", "run git lfs pull in its repository to get the file"},
		{gzipMagic, "a gzip", "unpack it with gunzip"},
		{"PK\x03\x04", "a zip archive", "unpack it"},
		{"BZh", "a bzip2", "unpack it with bunzip2"},
		{"\xfd7zXZ\x00", "an xz", "unpack it with unxz"},
		{"\x28\xb5\x2f\xfd", "a zstd", "unpack it with unzstd"},
		{"\x89PNG", "a PNG picture", ""},
		{"\xff\xd8\xff", "a JPEG picture", ""},
		{"%PDF", "a PDF document", ""},
		{"\x93NUMPY", "an npy array", ""},
		{"\x89HDF", "an HDF5 file", ""},
		{"PAR1", "a Parquet file", ""},
		{"MATLAB 5", "a MATLAB file", ""},
		{"\x80\x02", "a Python pickle", ""},
		{"\x80\x03", "a Python pickle", ""},
		{"\x80\x04", "a Python pickle", ""},
	}
}

// sniffed is how many bytes at the start of a file are looked at: pages may begin with blank lines.
const sniffed = 512

// recognise says what a file is, by its first bytes; ok is false if it is none of the kinds.
func recognise(head []byte) (f foreign, ok bool) {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, f := range foreigners() {
		if bytes.HasPrefix(head, []byte(f.start)) || bytes.HasPrefix(text, []byte(f.start)) {
			return f, true
		}
	}
	return foreign{}, false
}

// String is what it is and what to do.
func (f foreign) String() string {
	if f.remedy == "" {
		return "it is " + f.what
	}
	return fmt.Sprintf("it is %s: %s", f.what, f.remedy)
}
