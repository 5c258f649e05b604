package optest

import "testing"

func TestDeclarations(t *testing.T) { Declarations(t) }
