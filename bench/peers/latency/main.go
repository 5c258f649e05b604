// Command latency is our side of the comparison of latency.py: it writes the encoders of some models as ONNX, and then
// encodes single images when it is told to. It reads orders from standard input, a line "NET N" for N images one after the
// other, and answers each with a line of JSON: the nanoseconds of each call.
//
// bench/peers/latency/run starts it.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/onnx"
)

// nets are the models whose encoders are measured, on images of 28 by 28.
var nets = map[string]stheno.Model{
	"dense":      dense.Config{},
	"dense-deep": dense.Config{Hidden: []int{500, 250, 30}},
	"conv":       conv.Config{},
	"conv-wide":  conv.Config{Encoder: []int{32, 64}, Code: 32},
	"vae":        vae.Config{},
}

// images is the number of images, which take turns.
const images = 64

func main() {
	dir := flag.String("dir", "", "folder for the nets, NET.onnx, the images, and our codes of them, NET.codes, as little-endian float32")
	flag.Parse()
	if err := run(*dir, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(dir string, orders io.Reader, answers io.Writer) error {
	if dir == "" {
		return errors.New("name a folder with -dir")
	}
	a, err := data.ArrayOf(data.NewDigits(1, images), graph.InputX)
	if err != nil {
		return err
	}
	x := a.Values
	if err := save(dir, "images", x); err != nil {
		return err
	}
	open := map[string]*stheno.Autoencoder{}
	sizes := map[string]int{}
	for name, m := range nets {
		ae, err := stheno.New(m, stheno.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1)})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer ae.Close()
		if err := onnx.Write(filepath.Join(dir, name+".onnx"), ae, onnx.Options{Part: onnx.Encoder}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		codes, err := ae.Encode(x)
		if err == nil {
			err = save(dir, name+".codes", codes)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		open[name], sizes[name] = ae, len(x)/images
	}
	if err := json.NewEncoder(answers).Encode(sizes); err != nil { // ready
		return err
	}
	in := bufio.NewScanner(orders)
	for at := 0; in.Scan(); {
		var name string
		var n int
		if _, err := fmt.Sscan(in.Text(), &name, &n); err != nil || open[name] == nil || n < 1 {
			return fmt.Errorf("the order %q: want NET N", in.Text())
		}
		took := make([]int64, n)
		size := sizes[name]
		for i := range took {
			one := x[at%images*size:][:size]
			at++
			start := time.Now()
			if _, err := open[name].Encode(one); err != nil {
				return err
			}
			took[i] = time.Since(start).Nanoseconds()
		}
		if err := json.NewEncoder(answers).Encode(took); err != nil {
			return err
		}
	}
	return in.Err()
}

func save(dir, name string, x []float32) error {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return os.WriteFile(filepath.Join(dir, name), b, 0o600)
}
