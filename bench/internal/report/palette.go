// Colours: one for each backend, the same throughout a page.

package report

import "fmt"

// hues is the number of colours in the style sheet, without the Baseline's
// grey.
const hues = 7

// palette gives a backend's class in the style sheet.
type palette map[string]string

// newPalette gives every backend of the report a colour, in the order in which
// they appear.
func newPalette(r Report) palette {
	p := palette{Baseline: "base"}
	add := func(backend string) {
		if _, has := p[backend]; !has {
			p[backend] = fmt.Sprintf("hue%d", (len(p)-1)%hues)
		}
	}
	for _, run := range r.Results.Runs {
		add(run.Backend)
	}
	for _, c := range r.Curves {
		add(c.Backend)
	}
	for _, g := range r.Images {
		add(g.Backend)
	}
	return p
}

// distinct returns the different keys of the items, in the order in which they
// first appear.
func distinct[T any, K comparable](items []T, key func(T) K) []K {
	var keys []K
	seen := map[K]bool{}
	for _, item := range items {
		if k := key(item); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// subject is what a panel is about: a model, at a batch size.
type subject struct {
	model string
	batch int
}

// titlesOf names subjects by the model, and by the batch if the model has
// several.
func titlesOf(all []subject) map[subject]string {
	titles, batch := map[subject]string{}, map[string]int{}
	for _, s := range all {
		if first, seen := batch[s.model]; seen && first != s.batch {
			batch[s.model] = -1
		} else if !seen {
			batch[s.model] = s.batch
		}
	}
	for _, s := range all {
		titles[s] = s.model
		if batch[s.model] < 0 {
			titles[s] = fmt.Sprintf("%s, batch %s", s.model, count(s.batch))
		}
	}
	return titles
}
