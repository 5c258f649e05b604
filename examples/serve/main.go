// Command serve trains an autoencoder, saves it, and starts itself again. The second
// process loads the file and encodes images, one per call, first from one goroutine and
// then from eight. The codes must be the same bit for bit.
//
//	go run ./examples/serve             # generated digits
//	go run ./examples/serve -data mnist # the real ones
//
// It prints the ID of each process, the checksum of its codes of the test images, and
// how many codes per second one and eight goroutines compute.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

const (
	pixels  = 28 * 28
	latent  = 20
	clients = 8 // goroutines that encode concurrently
)

type options struct {
	data, load      string
	samples, epochs int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: a name, such as mnist, or a folder")
	flag.StringVar(&o.load, "load", "", "serve the model in this `file` instead of training one")
	flag.IntVar(&o.samples, "samples", 10000, "train on the first `n` samples, and encode as many test images")
	flag.IntVar(&o.epochs, "epochs", 1, "passes over the samples")
	flag.Parse()
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run trains, saves, and starts the process that serves. If o.load is set, it is that
// process.
func run(w io.Writer, o options) error {
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	x, err := data.ArrayOf(data.Limit(test, o.samples), "x")
	if err != nil {
		return err
	}
	if o.load != "" {
		return serve(w, o.load, x.Values)
	}
	ae, err := stheno.Train(context.Background(), vae.Config{Latent: latent}, data.Limit(training, o.samples), stheno.Options{Epochs: o.epochs})
	if err != nil {
		return err
	}
	defer ae.Close()
	codes, err := encode(ae, x.Values, 1)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "process %d has trained: codes %08x\n", os.Getpid(), checksum(codes))
	folder, err := os.MkdirTemp("", "serve")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "vae.stheno")
	if err := ae.Save(file); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	second := exec.Command(self, "-data", o.data, "-samples", fmt.Sprint(o.samples), "-load", file)
	second.Stdout, second.Stderr = w, os.Stderr
	return second.Run()
}

// serve loads the model and encodes images x from one goroutine and from eight.
func serve(w io.Writer, file string, x []float32) error {
	ae, err := stheno.Load(file)
	if err != nil {
		return err
	}
	defer ae.Close()
	var codes [2][]float32
	for i, n := range []int{1, clients} {
		if _, err := encode(ae, x, n); err != nil { // the first calls also compile
			return err
		}
		start := time.Now()
		if codes[i], err = encode(ae, x, n); err != nil {
			return err
		}
		fmt.Fprintf(w, "%d goroutines: %.0f codes per second\n", n, float64(len(x)/pixels)/time.Since(start).Seconds())
	}
	if !slices.Equal(codes[0], codes[1]) {
		return fmt.Errorf("the codes of %d goroutines differ from those of one", clients)
	}
	fmt.Fprintf(w, "process %d has loaded: codes %08x\n", os.Getpid(), checksum(codes[1]))
	return nil
}

// encode returns the codes of images. n goroutines request them one at a time.
func encode(ae *stheno.Autoencoder, x []float32, n int) ([]float32, error) {
	codes := make([]float32, len(x)/pixels*latent)
	errs := make([]error, n)
	var all sync.WaitGroup
	for c := range n {
		all.Go(func() {
			for i := c; i < len(x)/pixels && errs[c] == nil; i += n {
				in := vm.Array{Name: "x", Shape: []int{1, pixels}, Data: x[i*pixels : (i+1)*pixels]}
				out := vm.Array{Name: "code", Data: codes[i*latent : (i+1)*latent]} // receives the result
				errs[c] = ae.Call([]vm.Array{in}, []vm.Array{out})
			}
		})
	}
	all.Wait()
	return codes, errors.Join(errs...)
}

// checksum identifies codes by their bits.
func checksum(codes []float32) uint32 {
	sum := crc32.NewIEEE()
	binary.Write(sum, binary.LittleEndian, codes)
	return sum.Sum32()
}
