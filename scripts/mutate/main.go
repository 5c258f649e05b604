// Mutate plants faults in the code, one at a time, and reports which of them the tests
// catch. A fault is a small edit by a rule, such as a negated condition or a removed
// call. It runs the tests that watch the edited package, the narrowest first.
//
//	go run ./scripts/mutate -n 60 -seed 2              # over all packages of the table in watched.go
//	go run ./scripts/mutate -n 10 internal/plan cpu    # over these packages
//	go run ./scripts/mutate -match 'place.go:8[0-9]'   # all edits that match
//
// It does not change the source: go's -overlay replaces a file by the edited one. A fault
// that survives shows a gap in the tests, or does not change the meaning. In the latter
// case list it in equal.txt with the reason, and it is not tried again.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	n := flag.Int("n", 50, "the number of faults, spread evenly over the packages")
	seed := flag.Uint64("seed", 1, "the seed for drawing faults")
	limit := flag.Duration("limit", 3*time.Minute, "the time limit for the tests of one fault; a fault that exceeds it is caught")
	match := flag.String("match", "", "plant every fault whose line `file:line edit` matches, instead of drawing")
	list := flag.Bool("list", false, "list the faults without planting them")
	flag.Parse()
	if err := run(*n, *seed, *limit, *match, *list, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(n int, seed uint64, limit time.Duration, match string, list bool, dirs []string) error {
	wanted, err := regexp.Compile(match)
	if err != nil {
		return err
	}
	packages, err := choose(dirs)
	if err != nil {
		return err
	}
	known, err := readEqual("scripts/mutate/equal.txt")
	if err != nil {
		return err
	}
	var faults []fault
	for i, p := range packages {
		all, err := faultsOf(p)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(f fault) bool { return known.has(f) || !wanted.MatchString(f.String()) })
		if match == "" {
			share := n*(i+1)/len(packages) - n*i/len(packages)
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			all = all[:min(share, len(all))]
		}
		faults = append(faults, all...)
	}
	for _, line := range known.unused(packages) {
		fmt.Println("equal.txt has an edit that does not exist, remove it:", line)
	}
	count := map[string]int{}
	sound := map[string]bool{}
	for _, f := range faults {
		if list {
			fmt.Println(f)
			continue
		}
		if !sound[f.of.dir] {
			for _, t := range f.of.tests {
				if verdict, failed := test("", t, limit); failed {
					return fmt.Errorf("the tests that watch %s fail without a fault: %s", f.of.dir, verdict)
				}
			}
			sound[f.of.dir] = true
		}
		start := time.Now()
		verdict, err := f.plant(limit)
		if err != nil {
			return err
		}
		kind, _, _ := strings.Cut(verdict, ":")
		count[kind]++
		fmt.Printf("%-70s  %s (%.0f s)\n", f, verdict, time.Since(start).Seconds())
	}
	if !list {
		fmt.Printf("%d caught, %d survived, %d did not build\n", count["caught"], count["SURVIVED"], count["did not build"])
	}
	return nil
}
