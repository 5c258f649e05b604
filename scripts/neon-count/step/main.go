// Command step runs training steps of a model on generated numbers, for neon-count. It prints
// the operations of the products of a step, a multiply-add as two.
package main

import (
	"flag"
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/internal/nets"
	"github.com/stheno-ml/stheno/train"
)

func main() {
	name := flag.String("model", "dense", "model")
	batch := flag.Int("batch", 16, "samples in a step")
	steps := flag.Int("steps", 1, "steps")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*name, *batch, *steps); err != nil {
		log.Fatal("step: ", err)
	}
}

func run(name string, batch, steps int) (err error) {
	net, ok := nets.Named(name)
	if !ok {
		return fmt.Errorf("no model %q", name)
	}
	s, err := train.NewTrainStep(net.Model, batch, train.Options{Backend: cpu.Config{Threads: 1}})
	if err != nil {
		return err
	}
	defer s.Close()
	machine := s.Machines()[0]
	for _, in := range machine.Program().Inputs() {
		if in.Optional {
			continue
		}
		x := make([]float32, in.Shape.Size())
		for i := range x {
			x[i] = float32(i%7) / 7
		}
		if err := s.Feed(in.Name, x); err != nil {
			return err
		}
	}
	profile, err := machine.Profile(func() error { return nil })
	if err != nil {
		return err
	}
	flops := int64(0)
	for _, p := range profile {
		flops += p.Flops
	}
	for i := range steps {
		if _, err := s.Run(0, i*batch); err != nil {
			return err
		}
	}
	fmt.Println(flops)
	return nil
}
