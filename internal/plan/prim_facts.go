package plan

import "github.com/stheno-ml/stheno/lower"

// The facts of the primitives that only passes add.

func (Host) Facts() lower.Facts         { return lower.Facts{} }
func (PlacedMatMul) Facts() lower.Facts { return lower.Facts{Operands: 2} }
func (GatherSum) Facts() lower.Facts    { return lower.Facts{Operands: 2} }
func (Loop) Facts() lower.Facts         { return lower.Facts{} }
func (Product) Facts() lower.Facts      { return lower.Facts{} }
func (Group) Facts() lower.Facts        { return lower.Facts{} }
func (Region) Facts() lower.Facts       { return lower.Facts{} }
func (Rows) Facts() lower.Facts         { return lower.Facts{} }
