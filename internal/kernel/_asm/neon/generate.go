// What a generator calls.

package neon

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/build"
)

// Flag declares the flag -neon of a generator.
func Flag() *bool { return flag.Bool("neon", false, "write the kernels of arm64, and no others") }

// Constraint declares for which builds the assembly is.
func Constraint(on bool) {
	if on {
		build.ConstraintExpr("arm64,!purego")
	} else {
		build.ConstraintExpr("amd64,!purego")
	}
}

// Generate writes the files of the flags -out and -stubs, and translates the assembly.
func Generate(on bool) {
	build.Generate()
	if !on {
		return
	}
	if err := Rewrite(flag.Lookup("out").Value.String()); err != nil {
		log.Fatal(err)
	}
}
