package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Summary returns a table of the builder's layers: path, kind, shape of the
// result with the batch as N, number of weights. After the layers come the weights
// of no layer, such as one that is used only through its transpose. The last lines
// are the total numbers and bytes of weights and states. Each counts once, however
// often the graph uses it.
func Summary(b *Builder, title string) string {
	if b == nil {
		return title + "\n" + b.Err().Error() + "\n"
	}
	rows := [][4]string{{"Layer", "Kind", "Output", "Weights"}}
	for _, l := range b.Layers() {
		out := strings.TrimSuffix(strings.TrimPrefix(l.Out.String(), "["), "]")
		if _, rest, more := strings.Cut(out, " "); more {
			out = "N " + rest
		} else if out != "" {
			out = "N"
		}
		rows = append(rows, [4]string{l.Path, l.Kind, "[" + out + "]", thousands(l.Params)})
	}
	weights, states := 0, 0
	for _, q := range b.paramsRead() {
		n := q.shape.Size()
		if !q.trainable {
			states += n
			continue
		}
		weights += n
		if innermost(b.layers, q.name) < 0 {
			rows = append(rows, [4]string{q.name, "Weight", q.shape.String(), thousands(n)})
		}
	}
	return title + "\n" + table(rows) + fmt.Sprintf("Trainable weights: %s (%s)\nStates: %s (%s)\n",
		thousands(weights), b.bytes(weights), thousands(states), b.bytes(states))
}

// paramsRead returns the parameters that the graph reads, in the order in which they
// were created.
func (b *Builder) paramsRead() []*Param {
	return slices.DeleteFunc(b.params.All(), func(q *Param) bool { return b.readers[q.name] == nil })
}

// bytes formats the memory of n elements of the graph's type.
func (b *Builder) bytes(n int) string {
	size := float64(n) * float64(b.dtype.Size())
	units := []string{"KiB", "MiB", "GiB"}
	if size < 1024 {
		return fmt.Sprintf("%.0f B", size)
	}
	u := -1
	for size >= 1024 && u < len(units)-1 {
		size /= 1024
		u++
	}
	return fmt.Sprintf("%.1f %s", size, units[u])
}

// table aligns the rows under a ruled heading, and the last column to the right.
func table(rows [][4]string) string {
	var width [4]int
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], len(c))
		}
	}
	rule := strings.Repeat("-", width[0]+width[1]+width[2]+width[3]+6) + "\n"
	var t strings.Builder
	t.WriteString(rule)
	for i, r := range rows {
		fmt.Fprintf(&t, "%-*s  %-*s  %-*s  %*s\n", width[0], r[0], width[1], r[1], width[2], r[2], width[3], r[3])
		if i == 0 {
			t.WriteString(rule)
		}
	}
	t.WriteString(rule)
	return t.String()
}

// thousands prints n with a comma after every third digit from the right.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// SummaryOf builds a model's training graph and returns its Summary, or the first
// mistake in building it.
func SummaryOf(title string, build func(b *Builder, batch int) Net) (string, error) {
	if build == nil {
		return "", errors.New("graph: no function to build the model with")
	}
	b := New(NewParams(Float32, 0), Config{Training: true})
	build(b, 2) // batch norm cannot train on fewer samples
	if b.Err() != nil {
		return "", b.err
	}
	return Summary(b, title), nil
}
