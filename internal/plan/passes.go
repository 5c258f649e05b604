package plan

import (
	"fmt"
	"strconv"

	"github.com/stheno-ml/stheno/lower"
)

// pass is a change for the better from function to function.
type pass struct {
	name string
	run  func(*lower.Func) (*lower.Func, error)
}

// passes is the whole pipeline.
func passes(t Target) []pass {
	return []pass{
		{"unpack results", rewriting(unpack)},
		{"simplify elementwise steps", rewriting(simplify)},
		{"merge equal steps", rewriting(mergeEqual)},
		{"drop dead steps", dropDead},
		{"join sums", rewriting(joinSums)},
		{"drop dead steps", dropDead},
		{"convolve before enlarging", rewriting(enlarged)},
		{"merge equal steps", rewriting(mergeEqual)},
		{"drop dead steps", dropDead},
		{"fuse elementwise steps", fuse},
		{"drop dead steps", dropDead},
		{"make views readable", rewriting(copyUnreadable)},
		{"drop dead steps", dropDead},
		{"split the batch", t.split},
		{"drop dead steps", dropDead},
		{"join passes over memory", join},
		{"group small steps", group},
	}
}

// rewriter is a function being written anew, step by step, from another.
type rewriter struct {
	*lower.Func
	old *lower.Func
	at  []lower.Value // by value of the old function
	def []lower.Step  // by value of the new function: the step that makes it
	lay []Layout      // by value of the new function, as far as asked for

	layoutOf []Layout // by value of the old function, once asked for

	constant map[lower.Value]float64 // values of which all elements are this

	seen map[string][]lower.Value // results of steps, by their text
}

// rewriting makes a pass of a function that writes one step anew: it returns
// the new values of the step's results.
func rewriting(step func(r *rewriter, s lower.Step, in []lower.Value) []lower.Value) func(*lower.Func) (*lower.Func, error) {
	return func(old *lower.Func) (*lower.Func, error) {
		r := newRewriter(old)
		for _, s := range old.Steps() {
			r.put(s, step(r, s, r.now(s.In)))
			if err := r.note(); err != nil {
				return nil, err
			}
		}
		r.finish()
		return r.Func, nil
	}
}

func newRewriter(old *lower.Func) *rewriter {
	shapes := make([]lower.Shape, old.Inputs())
	for i := range shapes {
		shapes[i] = old.Shape(lower.Value(i))
	}
	r := &rewriter{Func: lower.NewFunc(shapes...), old: old, at: make([]lower.Value, old.Values()), constant: map[lower.Value]float64{}, seen: map[string][]lower.Value{}}
	r.Grow(len(old.Steps()))
	for i := range r.at {
		r.at[i] = -1
	}
	for i := range shapes {
		r.at[i] = lower.Value(i)
	}
	r.def = make([]lower.Step, len(shapes), old.Values())
	return r
}

// note records the steps added since the last call.
func (r *rewriter) note() error {
	steps := r.Steps()
	first := len(steps)
	for first > 0 && int(steps[first-1].Out[0]) >= len(r.def) {
		first--
	}
	for _, s := range steps[first:] {
		for range s.Out {
			r.def = append(r.def, s)
		}
	}
	if len(r.def) != r.Values() {
		return fmt.Errorf("rewriting lost count: %d of %d values", len(r.def), r.Values())
	}
	return nil
}

// finish declares the results, and carries over which nodes values are of.
func (r *rewriter) finish() {
	for v, now := range r.at {
		if tags := r.old.Tags(lower.Value(v)); now >= 0 && len(tags) > 0 {
			r.Tag(now, tags...)
		}
	}
	r.Return(r.now(r.old.Results())...)
}

// now returns what values of the old function are in the new one.
func (r *rewriter) now(old []lower.Value) []lower.Value {
	out := make([]lower.Value, len(old))
	for i, v := range old {
		out[i] = r.at[v]
	}
	return out
}

// put notes what the results of an old step are in the new function.
func (r *rewriter) put(s lower.Step, outs []lower.Value) {
	for i, v := range outs {
		r.at[s.Out[i]] = v
	}
}

// same writes a step as it was.
func (r *rewriter) same(s lower.Step, in []lower.Value) []lower.Value {
	return r.Apply(s.Prim, in...)[:len(s.Out)]
}

// unpack reads a slice of a joined array from the part that it lies in, so
// that the packing of an op's several results is never made.
func unpack(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	cut, ok := s.Prim.(lower.Slice)
	if !ok || int(in[0]) < r.Inputs() {
		return r.same(s, in)
	}
	joined := r.def[in[0]]
	c, ok := joined.Prim.(lower.Concat)
	if !ok || c.Axis != cut.Axis {
		return r.same(s, in)
	}
	at := 0
	for _, part := range joined.In {
		n := r.Shape(part)[c.Axis]
		if cut.Start >= at && cut.Stop <= at+n {
			if cut.Start == at && cut.Stop == at+n && cut.Step == 1 {
				return []lower.Value{part}
			}
			return []lower.Value{r.Slice(part, c.Axis, cut.Start-at, cut.Stop-at, cut.Step)}
		}
		at += n
	}
	return r.same(s, in)
}

// simplify computes what is constant, puts constants into the expressions that
// read them, and leaves out the operands of an elementwise step that it does
// not read, and the step where it does nothing.
func simplify(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	m, ok := s.Prim.(lower.Map)
	if !ok {
		outs := r.same(s, in)
		if c, ok := r.constant[in[0]]; ok && lower.IsView(s.Prim) {
			r.constant[outs[0]] = c
		}
		return outs
	}
	var read []lower.Value
	subst := make([]lower.Expr, len(in))
	for i, v := range in {
		if c, ok := r.constant[v]; ok {
			subst[i] = lower.Num(c)
			continue
		}
		subst[i] = lower.Arg(len(read))
		if m.Expr.Reads(i) {
			read = append(read, v)
		}
	}
	e := m.Expr.Subst(subst...).Fold()
	if e.Fn() == lower.FnArg {
		return []lower.Value{read[e.Index()]}
	}
	if len(read) > 0 {
		return []lower.Value{r.Map(e, read...)}
	}
	out := r.Map(e, in[0]) // an operand lends its shape
	r.constant[out] = e.Value()
	return []lower.Value{out}
}

// mergeEqual writes a step once where it is applied twice to the same values.
func mergeEqual(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	key := []byte(s.Prim.String())
	for _, v := range in {
		key = strconv.AppendInt(append(key, ' '), int64(v), 10)
	}
	if outs, ok := r.seen[string(key)]; ok {
		return outs
	}
	outs := r.same(s, in)
	r.seen[string(key)] = outs
	return outs
}

// dropDead leaves out the steps whose results nothing reads.
func dropDead(old *lower.Func) (*lower.Func, error) {
	live := make([]bool, old.Values())
	for _, v := range old.Results() {
		live[v] = true
	}
	steps := old.Steps()
	for i := len(steps) - 1; i >= 0; i-- {
		for _, o := range steps[i].Out {
			if live[o] {
				for _, v := range steps[i].In {
					live[v] = true
				}
				break
			}
		}
	}
	r := newRewriter(old)
	for _, s := range steps {
		wanted := false
		for _, o := range s.Out {
			wanted = wanted || live[o]
		}
		if !wanted {
			continue
		}
		r.put(s, r.same(s, r.now(s.In)))
	}
	r.finish()
	return r.Func, nil
}
