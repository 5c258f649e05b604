package plan

import "github.com/stheno-ml/stheno/lower"

// The facts of the primitives that only passes add.

func (Host) Facts() lower.Facts    { return lower.Facts{} }
func (Loop) Facts() lower.Facts    { return lower.Facts{} }
func (Product) Facts() lower.Facts { return lower.Facts{} }
func (Group) Facts() lower.Facts   { return lower.Facts{} }
func (Region) Facts() lower.Facts  { return lower.Facts{} }
