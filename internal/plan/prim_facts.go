package plan

import "github.com/stheno-ml/stheno/lower"

// The facts of the steps that passes make.

func (Host) Facts() lower.Facts    { return lower.Facts{} }
func (Loop) Facts() lower.Facts    { return lower.Facts{} }
func (Product) Facts() lower.Facts { return lower.Facts{} }
func (Group) Facts() lower.Facts   { return lower.Facts{} }
func (Region) Facts() lower.Facts  { return lower.Facts{} }
