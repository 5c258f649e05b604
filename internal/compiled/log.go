package compiled

import (
	"fmt"
	"log"
	"reflect"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// runLog is what to log of each run, set by WithLogger, WithWatchlist and WithValueFmt.
// A TapeMachine logs its instructions. This machine logs the nodes that a run
// publishes, operands first, with the values of watched nodes.
type runLog struct {
	to     *log.Logger // nil logs nothing
	format string      // for values
	all    bool        // every node is watched
	watch  map[*graph.Node]bool
}

// readLog reads the settings of the log from the fields of a TapeMachine.
func (o *vmOptions) readLog(fields reflect.Value, all bool) {
	o.log = runLog{
		to:     (*log.Logger)(fields.FieldByName("logger").UnsafePointer()),
		format: fields.FieldByName("valueFmt").String(),
		all:    all,
		watch:  map[*graph.Node]bool{},
	}
	for _, n := range o.nodes("WithWatchlist", fields.FieldByName("watchNodes")) {
		o.log.watch[n] = true
	}
	ids := fields.FieldByName("watchNodeIDs")
	for _, n := range o.graph.AllNodes() {
		for k := range ids.Len() {
			if ids.Index(k).Int() == n.ID() {
				o.log.watch[n] = true
			}
		}
	}
	if registers := fields.FieldByName("watchRegs"); registers.Len() > 0 {
		o.ignore("WithWatchlist of registers: this machine has no registers, pass nodes")
	}
}

// needs reports whether the log needs the value of a node.
func (l *runLog) needs(n *graph.Node) bool { return l.to != nil && l.watch[n] }

// write logs the nodes that a run published.
func (l *runLog) write(nodes []*graph.Node) {
	if l.to == nil {
		return
	}
	for _, n := range nodes {
		line := fmt.Sprintf("node %x, %s %v", n.ID(), n.Name(), n.Shape())
		if l.all || l.watch[n] {
			line += ": " + strings.TrimSpace(fmt.Sprintf(l.format, n.Value()))
		}
		l.to.Println(line)
	}
}
