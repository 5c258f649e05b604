package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// kinds counts instructions of some kinds.
type kinds struct{ instructions, multiplyAdds, loads, stores int }

func (k kinds) plus(o kinds) kinds {
	return kinds{k.instructions + o.instructions, k.multiplyAdds + o.multiplyAdds, k.loads + o.loads, k.stores + o.stores}
}

func (k kinds) minus(o kinds) kinds {
	return kinds{k.instructions - o.instructions, k.multiplyAdds - o.multiplyAdds, k.loads - o.loads, k.stores - o.stores}
}

func (k kinds) half() kinds {
	return kinds{k.instructions / 2, k.multiplyAdds / 2, k.loads / 2, k.stores / 2}
}

// kindOf is the count of one instruction, by its name.
func kindOf(name string) kinds {
	k := kinds{instructions: 1}
	switch {
	case strings.HasPrefix(name, "fmla"), strings.HasPrefix(name, "fmls"):
		k.multiplyAdds = 1
	case strings.HasPrefix(name, "ld"):
		k.loads = 1
	case strings.HasPrefix(name, "st"):
		k.stores = 1
	}
	return k
}

// counts are the instructions of each kernel.
type counts map[string]kinds

func (c counts) total() (all kinds) {
	for _, k := range c {
		all = all.plus(k)
	}
	return all
}

// list is a table of the kernels that execute some percentage of the instructions or more.
func (c counts) list(share float64) string {
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "kernel\tinstructions\tof the step\tmultiply-adds\tloads\tstores\tothers\t")
	all := c.total().instructions
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b].instructions, c[a].instructions), cmp.Compare(a, b))
	})
	for _, name := range names {
		k, percent := c[name], 100*float64(c[name].instructions)/float64(max(all, 1))
		if percent < share {
			break
		}
		others := k.instructions - k.multiplyAdds - k.loads - k.stores
		fmt.Fprintf(table, "%s\t%d\t%.1f %%\t%d\t%d\t%d\t%d\t\n", name, k.instructions, percent, k.multiplyAdds, k.loads, k.stores, others)
	}
	table.Flush()
	return b.String()
}
