// Command sum prints portable.Sum.
package main

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/compress/internal/portable"
)

func main() {
	sum, err := portable.Sum()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(sum)
}
