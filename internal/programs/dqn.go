package programs

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// dqn learns to balance a pole by Q-learning. A net acts on one state at a
// time; the same net learns from batches of past transitions; the weights are
// copied to a target net every few steps. There are three graphs on three machines.
type dqn struct{ hidden, batch, acts, copied int }

const (
	poleState   = 4
	poleActions = 2
)

type dqnRunning struct {
	dqn
	s                      *sheet // the net that learns
	actor, target          *qNet
	learner                *loop
	states, chosen, wanted *G.Node
	online, frozen         []*tensor.Dense // the weights of both
	seen                   []transition
	now                    [poleState]float64
}

type transition struct {
	from, to [poleState]float64
	action   int
	reward   float64
	fell     bool
}

// qNet is a net for inference only.
type qNet struct {
	x  *G.Node
	q  *G.Value
	vm G.VM
}

func (c dqn) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	r := &dqnRunning{dqn: c, s: newSheet(dtype, 11)}
	shapes := [][]int{{poleState, c.hidden}, {1, c.hidden}, {c.hidden, poleActions}, {1, poleActions}}
	for _, shape := range shapes {
		w := r.s.normal(0.3, shape...)
		r.online, r.frozen = append(r.online, w), append(r.frozen, w.Clone().(*tensor.Dense))
	}
	r.actor, r.target = c.infers(dtype, 1, r.online, machine), c.infers(dtype, c.batch, r.frozen, machine)

	s := r.s
	r.states, r.chosen, r.wanted = s.input("states", c.batch, poleState), s.input("chosen", c.batch, poleActions), s.input("wanted", c.batch)
	q := c.net(s.learned, r.states, r.online)
	cost := squares(must(G.Sum(must(G.HadamardProd(q, r.chosen)), 1)), r.wanted)
	s.read("cost", cost)
	var err error
	r.learner, err = s.train(cost, G.NewAdamSolver(G.WithLearnRate(1e-3)), machine, r.feed)
	return r, err
}

func (c dqn) net(weight func(string, *tensor.Dense) *G.Node, x *G.Node, w []*tensor.Dense) *G.Node {
	h := must(G.Mul(x, weight("w1", w[0])))
	h = must(G.Rectify(must(G.BroadcastAdd(h, weight("b1", w[1]), nil, []byte{0}))))
	h = must(G.Mul(h, weight("w2", w[2])))
	return must(G.BroadcastAdd(h, weight("b2", w[3]), nil, []byte{0}))
}

func (c dqn) infers(dtype tensor.Dtype, batch int, w []*tensor.Dense, machine Machine) *qNet {
	s := newSheet(dtype, 0)
	n := &qNet{x: s.input("states", batch, poleState), q: new(G.Value)}
	G.Read(c.net(s.given, n.x, w), n.q)
	n.vm = machine(s.g)
	return n
}

// values returns the values of all actions in the given states.
func (n *qNet) values(states []float64) ([]float64, error) {
	if err := G.Let(n.x, dense(n.x.Dtype(), states, n.x.Shape()...)); err != nil {
		return nil, err
	}
	defer n.vm.Reset()
	if err := n.vm.RunAll(); err != nil {
		return nil, err
	}
	return numbers(*n.q)
}

// Step acts, learns once, and every few steps copies the weights.
func (r *dqnRunning) Step(i int, see See) error {
	for range r.acts {
		if err := r.act(); err != nil {
			return err
		}
	}
	see("the actor's values", *r.actor.q)
	if err := r.learner.Step(i, see); err != nil {
		return err
	}
	see("the target's values", *r.target.q)
	if (i+1)%r.copied == 0 {
		for k, w := range r.online {
			if err := tensor.Copy(r.frozen[k], w); err != nil {
				return err
			}
		}
	}
	return nil
}

// act takes the action with the largest value or, sometimes, a random action.
func (r *dqnRunning) act() error {
	q, err := r.actor.values(r.now[:])
	if err != nil {
		return err
	}
	action := 0
	if q[1] > q[0] {
		action = 1
	}
	if r.s.random.IntN(5) == 0 {
		action = r.s.random.IntN(poleActions)
	}
	next, fell := pole(r.now, action)
	r.seen = append(r.seen, transition{r.now, next, action, 1 - 2*truth(fell), fell})
	if r.now = next; fell {
		r.now = [poleState]float64{}
	}
	return nil
}

// feed draws a batch of past transitions.
func (r *dqnRunning) feed(int) error {
	var from, to, chosen, wanted []float64
	var drawn []transition
	for range r.batch {
		t := r.seen[r.s.random.IntN(len(r.seen))]
		drawn, from, to = append(drawn, t), append(from, t.from[:]...), append(to, t.to[:]...)
	}
	later, err := r.target.values(to)
	if err != nil {
		return err
	}
	for i, t := range drawn {
		best := max(later[2*i], later[2*i+1])
		wanted = append(wanted, t.reward+0.95*best*truth(!t.fell))
		chosen = append(chosen, truth(t.action == 0), truth(t.action == 1))
	}
	for i, in := range []*G.Node{r.states, r.chosen, r.wanted} {
		if err := G.Let(in, dense(in.Dtype(), [][]float64{from, chosen, wanted}[i], in.Shape()...)); err != nil {
			return err
		}
	}
	return nil
}

func (r *dqnRunning) Close() error { return closeAll(r.actor.vm, r.target.vm, r.learner.vm) }

// pole is the cart-pole system of Barto, Sutton and Anderson, a fiftieth of a
// second later: position, velocity, angle and angular velocity.
func pole(s [poleState]float64, action int) (next [poleState]float64, fell bool) {
	const gravity, cart, mass, half, tau = 9.8, 1.0, 0.1, 0.5, 0.02
	force := 10 * float64(2*action-1)
	sin, cos := math.Sincos(s[2])
	push := (force + mass*half*s[3]*s[3]*sin) / (cart + mass)
	turn := (gravity*sin - cos*push) / (half * (4./3 - mass*cos*cos/(cart+mass)))
	along := push - mass*half*turn*cos/(cart+mass)
	next = [poleState]float64{s[0] + tau*s[1], s[1] + tau*along, s[2] + tau*s[3], s[3] + tau*turn}
	return next, math.Abs(next[0]) > 2.4 || math.Abs(next[2]) > 12*math.Pi/180
}
