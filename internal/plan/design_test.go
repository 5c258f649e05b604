package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// design is the document that shows what each pass does to one small net.
var design = filepath.Join("..", "..", "docs", "design.md")

// designTarget is the CPU machine, as it plans float32.
var designTarget = Target{Regions: 9, Batched: true, Rows: true, GatherSums: true}

// listing matches a block of the document that this test writes, with its name.
var listing = regexp.MustCompile("(?s)(<!-- listing: ([^>]+) -->\n```text\n)(.*?)(```\n)")

func TestTheDesignShowsWhatThePassesDo(t *testing.T) {
	text, err := os.ReadFile(design)
	require.NoError(t, err)
	want := designListings(t)
	var shown []string
	now := listing.ReplaceAllStringFunc(string(text), func(block string) string {
		m := listing.FindStringSubmatch(block)
		made, ok := want[m[2]]
		require.True(t, ok, "docs/design.md has a listing %q, which the plan does not produce", m[2])
		shown = append(shown, m[2])
		return m[1] + made + m[4]
	})
	for name := range want {
		require.Contains(t, shown, name, "docs/design.md lacks the listing <!-- listing: %s -->", name)
	}
	if *update {
		require.NoError(t, os.WriteFile(design, []byte(now), 0o644))
		return
	}
	require.Equal(t, now, string(text), "a pass changed: run go test ./internal/plan -update, and check the text around the listings")
}

func TestTheDesignHasASectionForEachPassInOrder(t *testing.T) {
	text, err := os.ReadFile(design)
	require.NoError(t, err)
	at := 0
	var seen []string
	for _, p := range passes(designTarget) {
		if slices.Contains(seen, p.name) {
			continue
		}
		seen = append(seen, p.name)
		heading := "\n### " + p.name + "\n"
		k := strings.Index(string(text)[at:], heading)
		require.GreaterOrEqual(t, k, 0, "docs/design.md has no heading %q after the headings of earlier passes", heading)
		at += k
	}
}

// designListings produces every listing of the document.
func designListings(t *testing.T) map[string]string {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := dense.Config{Input: 4, Hidden: []int{2}}.Build(b, 8)
	optim.Minimize(b, optim.SGD{}, net.Tasks[0])
	b.Output("loss", net.Tasks[0].Loss)
	program, err := b.Program()
	require.NoError(t, err)
	p, err := gather(SourceOf(program))
	require.NoError(t, err)

	out := map[string]string{"function": inputsOf(p) + stepsOf(p.Func)}
	var table strings.Builder
	fmt.Fprintf(&table, "   %-28s%3d steps, %2d of them views\n", "the function as written", len(p.Func.Steps()), viewsOf(p.Func))
	examples, seen := designExamples(), map[string]bool{}
	for i, pass := range passes(designTarget) {
		f, err := pass.run(p.Func)
		require.NoError(t, err)
		require.NoError(t, f.Err())
		fmt.Fprintf(&table, "%2d %-28s%3d steps, %2d of them views\n", i+1, pass.name, len(f.Steps()), viewsOf(f))
		first, before := !seen[pass.name], examples[pass.name]
		seen[pass.name] = true
		switch {
		case first && f.String() != p.Func.String():
			require.Nil(t, before, "pass %q changes the net itself: remove its example", pass.name)
			out["after "+pass.name] = stepsOf(f)
		case first:
			require.NotNil(t, before, "pass %q does nothing to the net: add an example to designExamples", pass.name)
			require.NoError(t, before.Err())
			after, err := pass.run(before)
			require.NoError(t, err)
			after, err = dropDead(after)
			require.NoError(t, err)
			require.NotEqual(t, before.String(), after.String(), "pass %q does nothing to its example", pass.name)
			out["example "+pass.name] = before.String() + "\nbecomes\n\n" + after.String()
		}
		p.Func = f
	}
	p.layOut()
	p.place()
	require.NoError(t, p.verify())
	out["passes"], out["plan"], out["arena"] = table.String(), p.String(), arenaOf(p)
	return out
}

// designExamples has functions for the passes that do not change the net.
func designExamples() map[string]*lower.Func {
	packing := lower.NewFunc(lower.Shape{2, 2}, lower.Shape{3})
	both := packing.Concat(0, packing.Reshape(packing.In(0), 4), packing.In(1))
	packing.Return(packing.Reshape(packing.Slice(both, 0, 0, 4, 1), 2, 2), packing.Map(lower.Arg(0).Square(), packing.Slice(both, 0, 4, 7, 1)))

	grouped := lower.NewFunc(lower.Shape{2, 4, 5, 5}, lower.Shape{6, 2, 3, 3})
	groups := around()
	groups.Groups = 2
	grouped.Return(grouped.Apply(lower.Conv{Geometry: groups}, grouped.In(0), grouped.In(1))...)

	roots := lower.NewFunc(lower.Shape{64, 8}, lower.Shape{64, 1})
	roots.Return(roots.Map(lower.Arg(0).Div(lower.Sqrt(lower.Arg(1))), roots.In(0), roots.Broadcast(roots.In(1), 64, 8)))

	rows := lower.NewFunc(lower.Shape{64, 8}, lower.Shape{8})
	mean := rows.Map(lower.Arg(0).Mul(lower.Num(.125)), rows.Sum(rows.In(0), 1))
	square := rows.Sum(rows.Map(lower.Arg(0).Square(), rows.In(0)), 1)
	rows.Return(rows.Map(lower.Arg(0).Sub(lower.Arg(1)).Div(lower.Sqrt(lower.Arg(2))).Mul(lower.Arg(3)), rows.In(0),
		rows.Broadcast(mean, 64, 8), rows.Broadcast(square, 64, 8), rows.Broadcast(rows.In(1), 64, 8)))

	equal := lower.NewFunc(lower.Shape{3})
	half := lower.Num(.5).Mul(lower.Arg(0))
	equal.Return(equal.Map(lower.Exp(half), equal.In(0)), equal.Map(lower.Exp(half), equal.In(0)))

	sums := lower.NewFunc(lower.Shape{5, 3, 4})
	sums.Return(sums.Sum(sums.Reshape(sums.Sum(sums.In(0), 1), 5, 4), 0, 1))

	bags := lower.NewFunc(lower.Shape{1000, 8}, lower.Shape{12})
	words := bags.Apply(lower.Gather{}, bags.In(0), bags.In(1))[0]
	bags.Return(bags.Sum(bags.Reshape(words, 3, 4, 8), 1))

	upsampled := lower.NewFunc(lower.Shape{2, 1, 4, 4}, lower.Shape{1, 1, 3, 3})
	two := lower.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	repeated := upsampled.Apply(lower.PoolSpread{Window: two, Divisor: lower.NoDivisor, In: [2]int{8, 8}}, upsampled.In(0))[0]
	upsampled.Return(upsampled.Apply(lower.Conv{Geometry: around()}, repeated, upsampled.In(1))...)

	heads := lower.NewFunc(lower.Shape{2, 3, 5, 5}, lower.Shape{2, 5, 12})
	values := heads.Transpose(heads.Reshape(heads.In(1), 2, 5, 3, 4), 0, 2, 1, 3)
	weighted := heads.Transpose(heads.MatMul(heads.In(0), values), 0, 2, 1, 3)
	heads.Return(heads.Map(lower.Exp(lower.Arg(0)), heads.Reshape(weighted, 2, 5, 12)))

	reshaped := lower.NewFunc(lower.Shape{2, 3})
	reshaped.Return(reshaped.Map(lower.Exp(lower.Arg(0)), reshaped.Reshape(reshaped.Transpose(reshaped.In(0), 1, 0), 6)))

	batch := lower.NewFunc(lower.Shape{32, 1, 4, 4}, lower.Shape{2, 1, 3, 3}, lower.Shape{2, 2, 3, 3}, lower.Shape{32, 2, 4, 4})
	x, g := batch.In(0), batch.In(3)
	y := batch.Map(lower.Max(lower.Arg(0), lower.Num(0)), batch.Apply(lower.Conv{Geometry: around()}, x, batch.In(1))[0])
	dy := batch.Apply(lower.ConvData{Geometry: around(), In: [2]int{4, 4}}, g, batch.In(2))[0]
	dy = batch.Map(lower.Where(lower.Num(0).Less(lower.Arg(1)), lower.Arg(0), lower.Num(0)), dy, y)
	dw := batch.Apply(lower.ConvFilter{Geometry: around(), Kernel: [2]int{3, 3}}, x, dy)[0]
	batch.Return(batch.Map(lower.Arg(0).Sub(lower.Num(.01).Mul(lower.Arg(1))), batch.In(1), dw))

	slices := lower.NewFunc(lower.Shape{2, 3}, lower.Shape{1, 3}, lower.Shape{4, 3})
	first := slices.Pad(slices.In(0), []int{0, 0}, []int{2, 0})
	last := slices.Pad(slices.In(1), []int{3, 0}, []int{0, 0})
	slices.Return(slices.Map(lower.Arg(0).Add(lower.Arg(1)).Add(lower.Arg(2)), first, slices.In(2), last))

	return map[string]*lower.Func{
		"split groups of channels": grouped, "join padded arrays": slices,
		"unpack results": packing, "merge equal steps": equal, "join sums": sums, "add up gathered rows": bags, "convolve before upsampling": upsampled,
		"place products":            heads,
		"compute before broadcasts": roots, "join steps over rows": rows,
		"make views readable": reshaped, "split the batch": batch,
	}
}

// around is a convolution by kernels of 3 by 3 whose result has the images' size.
func around() lower.Geometry {
	one := [2]int{1, 1}
	return lower.Geometry{Stride: one, Dilation: one, Pad: lower.Margins{Top: 1, Bottom: 1, Left: 1, Right: 1}}
}

// inputsOf lists the sources of the inputs.
func inputsOf(p *Plan) string {
	var b strings.Builder
	for i, n := range p.Inputs {
		fmt.Fprintf(&b, "%%%d = %v %v\n", i, n, p.Func.Shape(lower.Value(i)))
	}
	return b.String()
}

// stepsOf lists a function without its inputs.
func stepsOf(f *lower.Func) string {
	lines := strings.SplitAfter(f.String(), "\n")
	return strings.Join(lines[f.Inputs():], "")
}

func viewsOf(f *lower.Func) (n int) {
	for _, s := range f.Steps() {
		if lower.IsView(s.Prim) {
			n++
		}
	}
	return n
}

// arenaOf draws the live range of each array in the arena.
func arenaOf(p *Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s%10s%8s  step ", "", "elements", "place")
	for i := range p.Steps {
		fmt.Fprintf(&b, " %d", i)
	}
	b.WriteString(" end\n")
	for _, s := range p.spans() {
		line := fmt.Sprintf("%-12s%10d%8d       ", fmt.Sprintf("%%%d %v", s.root, p.Func.Shape(s.root)), s.size, p.Values[s.root].Base)
		for i := range len(p.Steps) + 1 {
			if i < s.first || i > s.last {
				line += "  "
			} else {
				line += " #"
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
