package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// Region is a part of the function that runs on a few images of a batch at a time. It
// runs all its steps for some images, then all steps for the next, so that values
// between the steps stay in the cache. Its operands and results are of two kinds.
// Arrays [Batch, C, H, W] are split by image. Arrays without a batch, such as
// weights, are read whole; such results are sums over the batch. Body is the function
// that the region computes.
type Region struct {
	Batch int
	Body  *lower.Func
}

// String lists the steps.
func (p Region) String() string {
	return fmt.Sprintf("region[batch %d]%s", p.Batch, inBraces(p.Body))
}

// Infer takes operands of the body's shapes.
func (p Region) Infer(in []lower.Shape) ([]lower.Shape, error) {
	if err := checkOperands(p.Body, in); err != nil {
		return nil, err
	}
	out := make([]lower.Shape, len(p.Body.Results()))
	for i, v := range p.Body.Results() {
		out[i] = p.Body.Shape(v)
	}
	return out, nil
}

// checkOperands returns an error unless the operands have the shapes of the body's
// inputs.
func checkOperands(body *lower.Func, in []lower.Shape) error {
	if err := body.Err(); err != nil {
		return err
	}
	if len(in) != body.Inputs() {
		return fmt.Errorf("want %d operands, have %d", body.Inputs(), len(in))
	}
	for i, s := range in {
		if want := body.Shape(lower.Value(i)); !s.Equal(want) {
			return fmt.Errorf("operand %d is %v, want %v", i, s, want)
		}
	}
	return nil
}

// inBraces lists the steps of a body.
func inBraces(body *lower.Func) string {
	text := strings.TrimRight(body.String(), "\n")
	return "{\n\t" + strings.ReplaceAll(text, "\n", "\n\t") + "\n}"
}

// block is where a step goes: to the whole steps of a phase, or to a region of that
// phase. Regions run after the whole steps of the same phase.
type block struct {
	phase int
	batch int // the region's batch; 0 for the whole steps
}

// split splits the batch if the machine runs regions.
func (t Target) split(f *lower.Func) (*lower.Func, error) {
	if t.Regions == 0 {
		return f, nil
	}
	return regions(f, t.Regions)
}

// regions gathers the steps on images into as few regions as possible, for batches of
// at least that many images. A sum over the batch is complete only when its region
// ends, so a step that reads it goes into a later phase.
func regions(old *lower.Func, least int) (*lower.Func, error) {
	c := newRewriter(old)
	at := make([]block, len(old.Steps()))
	stepOf := make([]int, old.Values()) // by value: 1 + the step that computes it
	phase := make([]int, old.Values())
	byImage := make([]bool, old.Values()) // by value: a region computes it image by image
	var blocks []block
	stepsOf := map[block][]int{}
	for i, s := range old.Steps() {
		for _, v := range s.Out {
			stepOf[v] = i + 1
		}
		images, batch := c.onImages(s, byImage)
		if batch < least {
			batch = 0
		}
		b := block{batch: batch}
		for k, v := range s.In {
			p := phase[v]
			if m := stepOf[v]; m > 0 && at[m-1].batch > 0 && !(slices.Contains(images, k) && byImage[v] && at[m-1].batch == batch) {
				p++ // the step needs the whole array
			}
			b.phase = max(b.phase, p)
		}
		at[i] = b
		for _, v := range s.Out {
			phase[v] = b.phase
			byImage[v] = batch > 0 && len(old.Shape(v)) == 4 && old.Shape(v)[0] == batch && !s.Prim.Facts().SumsBatch
		}
		if stepsOf[b] == nil {
			blocks = append(blocks, b)
		}
		stepsOf[b] = append(stepsOf[b], i)
	}
	slices.SortStableFunc(blocks, func(a, b block) int {
		if a.phase != b.phase {
			return a.phase - b.phase
		}
		return min(a.batch, 1) - min(b.batch, 1)
	})
	leaves := make([]bool, old.Values()) // by value: it is read outside of the block that computes it
	for i, s := range old.Steps() {
		for _, v := range s.In {
			leaves[v] = leaves[v] || stepOf[v] > 0 && at[stepOf[v]-1] != at[i]
		}
	}
	for _, v := range old.Results() {
		leaves[v] = true
	}
	if !mostStayInside(old, at, leaves) {
		return old, nil
	}
	r := newRewriter(old)
	for _, b := range blocks {
		if b.batch > 0 {
			r.region(b.batch, stepsOf[b], at, stepOf, leaves)
			continue
		}
		for _, i := range stepsOf[b] {
			s := old.Steps()[i]
			r.replace(s, r.copyStep(s, r.mapped(s.In)))
		}
	}
	r.finish()
	return r.Func, r.BuildErr()
}

// mostStayInside reports whether regions keep most of the images that they compute to
// themselves. An image that a program can read goes to memory anyway, and in another
// order than a region's. If most do, or if there are only sums over images, whole steps
// are faster.
func mostStayInside(f *lower.Func, at []block, leaves []bool) bool {
	computed, stored := 0, 0
	for i, s := range f.Steps() {
		if v := s.Out[0]; at[i].batch > 0 && !s.Prim.Facts().SumsBatch {
			computed += f.Shape(v).Size()
			if leaves[v] {
				stored += f.Shape(v).Size()
			}
		}
	}
	return computed > 0 && 2*stored <= computed
}

// onImages returns which operands of a step are images [batch, C, H, W], if the step
// can go into a region. batch is 0 for other steps.
func (r *rewriter) onImages(s lower.Step, byImage []bool) (operands []int, batch int) {
	shape := func(k int) lower.Shape { return r.old.Shape(s.In[k]) }
	facts := s.Prim.Facts()
	switch {
	case facts.Images > 0:
		for k := range facts.Images {
			operands = append(operands, k)
		}
		return operands, shape(0)[0]
	case facts.Reduction:
		p := s.Prim.(lower.Reduce)
		if p.Kind == lower.ReduceSum && byImage[s.In[0]] && sumsImages(p, shape(0)) {
			return []int{0}, shape(0)[0]
		}
	case facts.Elementwise:
		images := false
		for k, v := range s.In {
			l := r.oldLayout(v)
			switch {
			case byImage[v]:
				images = true
				operands = append(operands, k)
			case byImage[l.Root]: // a view of images
				return nil, 0
			case l.PerChannel():
			case l.Root == v && len(l.Shape) == 4:
				operands = append(operands, k)
			default:
				return nil, 0
			}
		}
		if images {
			return operands, shape(0)[0]
		}
	}
	return nil, 0
}

// PerChannel reports whether an array [N, C, H, W] repeats one number for each channel.
func (l Layout) PerChannel() bool {
	if len(l.Shape) != 4 {
		return false
	}
	for _, a := range [...]int{0, 2, 3} {
		if l.Shape[a] > 1 && l.Strides[a] != 0 {
			return false
		}
	}
	return true
}

// sumsImages reports whether a sum of images [N, C, H, W] leaves one number, or one for
// each channel. It need not name axes 2 and 3 if their extent is 1.
func sumsImages(p lower.Reduce, images lower.Shape) bool {
	for _, a := range [...]int{0, 2, 3} {
		if images[a] > 1 && !slices.Contains(p.Axes, a) {
			return false
		}
	}
	return slices.Contains(p.Axes, 0)
}

// region writes the steps of a region as one step.
func (r *rewriter) region(batch int, steps []int, at []block, stepOf []int, leaves []bool) {
	all := r.old.Steps()
	self := at[steps[0]]
	inside := func(v lower.Value) bool { return stepOf[v] > 0 && at[stepOf[v]-1] == self }
	var inputs []lower.Value // in the old function
	// source returns the array that a value from outside the region is a view of.
	var source func(v lower.Value) lower.Value
	source = func(v lower.Value) lower.Value {
		if stepOf[v] > 0 && lower.IsView(all[stepOf[v]-1].Prim) && r.isView(v) {
			return source(all[stepOf[v]-1].In[0])
		}
		return v
	}
	in := make(map[lower.Value]lower.Value)
	for _, i := range steps {
		for _, v := range all[i].In {
			if inside(v) {
				continue
			}
			root := source(v)
			if _, seen := in[root]; !seen {
				in[root] = lower.Value(len(inputs))
				inputs = append(inputs, root)
			}
		}
	}
	shapes := make([]lower.Shape, len(inputs))
	for i, v := range inputs {
		shapes[i] = r.old.Shape(v)
	}
	body := lower.NewFunc(shapes...)
	var operand func(v lower.Value) lower.Value
	operand = func(v lower.Value) lower.Value {
		if b, ok := in[v]; ok {
			return b
		}
		view := all[stepOf[v]-1]
		in[v] = body.Apply(view.Prim, operand(view.In[0]))[0]
		return in[v]
	}
	var out []lower.Value
	for _, i := range steps {
		s := all[i]
		args := make([]lower.Value, len(s.In))
		for k, v := range s.In {
			args[k] = operand(v)
		}
		for k, v := range body.Apply(s.Prim, args...)[:len(s.Out)] {
			in[s.Out[k]] = v
			if leaves[s.Out[k]] {
				out = append(out, s.Out[k])
			}
		}
	}
	results := make([]lower.Value, len(out))
	for i, v := range out {
		results[i] = in[v]
	}
	body.Return(results...)
	for i, v := range r.Apply(Region{Batch: batch, Body: body}, r.mapped(inputs)...)[:len(out)] {
		r.newValue[out[i]] = v
	}
}

// isView reports whether a value of the old function shares memory with an operand of
// its step.
func (r *rewriter) isView(v lower.Value) bool { return r.oldLayout(v).Root != v }

// oldLayout returns the layout of a value of the old function.
func (r *rewriter) oldLayout(v lower.Value) Layout {
	if r.oldLayouts == nil {
		r.oldLayouts = Layouts(r.old)
	}
	return r.oldLayouts[v]
}
