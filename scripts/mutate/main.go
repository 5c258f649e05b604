// Mutate plants faults in the code, one at a time, and says which of them the
// tests catch. Each is a small edit by rule, such as a negated condition or a
// removed call; the narrowest tests that watch its package run with it.
//
//	go run ./scripts/mutate -n 60 -seed 2              # over all packages of the table in watched.go
//	go run ./scripts/mutate -n 10 internal/plan cpu    # over these packages
//	go run ./scripts/mutate -match 'place.go:8[0-9]'   # all edits that match
//
// The source is not changed: go's -overlay replaces a file by the edited one. A
// fault that survives shows a gap in the tests, or does not change the meaning:
// then list it in equal.txt with the reason, and it is not tried again.
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
	n := flag.Int("n", 50, "how many faults, spread evenly over the packages")
	seed := flag.Uint64("seed", 1, "which faults are drawn")
	limit := flag.Duration("limit", 3*time.Minute, "the longest that the tests of one fault may run; one that is slower is caught")
	match := flag.String("match", "", "plant every fault whose line `file:line edit` this matches, in place of drawing")
	list := flag.Bool("list", false, "list the faults, and plant none")
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
		fmt.Println("no such edit any more, take it out of equal.txt:", line)
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
