package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fault is an edit of one file: it replaces bytes from to to-1 by text.
type fault struct {
	of       watched
	file     string // from the root of the module
	line     int
	in       string // the function
	from, to int
	text     string
	// For the report: the source before and after the edit. For a short edit this is
	// the whole line, which distinguishes the edit from others in the function.
	was, becomes string
}

// String returns for example "cpu/bind.go:57 bind: i < n -> i <= n".
func (f fault) String() string { return fmt.Sprintf("%s:%d %s", f.file, f.line, f.edit()) }

func (f fault) edit() string {
	short := func(s string) string {
		if s = strings.Join(strings.Fields(s), " "); len(s) > 80 {
			s = s[:80] + "..."
		}
		return s
	}
	return fmt.Sprintf("%s: %s -> %s", f.in, short(f.was), short(f.becomes))
}

// faultsOf returns every edit of a package's code that builds on this machine.
func faultsOf(w watched) ([]fault, error) {
	pkg, err := build.ImportDir(w.dir, 0)
	if err != nil {
		return nil, err
	}
	var out []fault
	for _, name := range pkg.GoFiles {
		path := filepath.Join(w.dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(source[:min(len(source), 200)]), "DO NOT EDIT") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, source, 0)
		if err != nil {
			return nil, err
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil || f.Name.Name == "String" || f.Name.Name == "Error" {
				continue
			}
			e := edits{set: set, source: source, base: fault{of: w, file: filepath.ToSlash(path), in: f.Name.Name}}
			if f.Type.Results == nil && len(f.Body.List) > 1 {
				e.insert(f.Body.List[0].Pos(), "return; ")
			}
			ast.Inspect(f.Body, e.visit)
			out = append(out, e.out...)
		}
	}
	return out, nil
}

// edits collects the edits of a function.
type edits struct {
	set    *token.FileSet
	source []byte
	base   fault
	out    []fault
}

// swaps lists operators that replace each other.
var swaps = [...][2]token.Token{
	{token.LSS, token.LEQ}, {token.GTR, token.GEQ}, {token.ADD, token.SUB}, {token.EQL, token.NEQ}, {token.MUL, token.QUO},
}

// visit adds the edits of one node. It skips code that only formats an error, and checks
// for an error, because every test would notice these edits.
func (e *edits) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		called := e.text(n.Fun)
		if called == "panic" || strings.HasPrefix(called, "fmt.") || strings.HasPrefix(called, "errors.") || strings.HasSuffix(called, "Failf") ||
			strings.HasSuffix(called, ".fail") || strings.HasSuffix(called, ".wrong") {
			return false
		}
		switch called {
		case "min":
			e.replace(n.Fun, "max")
		case "max":
			e.replace(n.Fun, "min")
		}
	case *ast.IfStmt:
		if cond := e.text(n.Cond); cond != "err != nil" && cond != "err == nil" {
			e.replace(n.Cond, "!("+cond+")")
		}
	case *ast.ExprStmt:
		e.replace(n, "{}")
	case *ast.DeferStmt:
		e.replace(n, "{}")
	case *ast.IncDecStmt:
		e.replace(n, "{}")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			e.replace(n, "{}")
		}
	case *ast.BranchStmt:
		if n.Tok == token.CONTINUE || n.Tok == token.BREAK {
			e.replace(n, "{}")
		}
	case *ast.BinaryExpr:
		e.binary(n)
	case *ast.BasicLit:
		if v, err := strconv.ParseInt(n.Value, 0, 64); err == nil && n.Kind == token.INT {
			if v == 1 {
				e.replace(n, "0")
			} else {
				e.replace(n, fmt.Sprint(v+1))
			}
		}
	case *ast.Ident:
		switch n.Name {
		case "true":
			e.replace(n, "false")
		case "false":
			e.replace(n, "true")
		}
	}
	return true
}

// binary swaps the operator, or drops an operand of a logical operator.
func (e *edits) binary(n *ast.BinaryExpr) {
	x, y := e.text(n.X), e.text(n.Y)
	if x == "err" || y == "err" || strings.ContainsAny(x+y, `"`) {
		return
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		e.replace(n, "("+x+")")
		e.replace(n, "("+y+")")
		return
	}
	for _, s := range swaps {
		for i := range s {
			if n.Op == s[i] {
				e.replace(n, x+" "+s[1-i].String()+" "+y)
			}
		}
	}
}

func (e *edits) offset(p token.Pos) int { return e.set.Position(p).Offset }

func (e *edits) text(n ast.Node) string { return string(e.source[e.offset(n.Pos()):e.offset(n.End())]) }

// minBytes is the least bytes of source that identify an edit.
const minBytes = 12

// describe sets was and becomes.
func (e *edits) describe(f *fault) {
	from, to := f.from, f.to
	if to-from < minBytes {
		from = bytes.LastIndexByte(e.source[:from], '\n') + 1
		to += bytes.IndexByte(append(e.source[to:len(e.source):len(e.source)], '\n'), '\n')
	}
	f.was = string(e.source[from:to])
	f.becomes = string(e.source[from:f.from]) + f.text + string(e.source[f.to:to])
}

func (e *edits) replace(n ast.Node, text string) {
	f := e.base
	f.line = e.set.Position(n.Pos()).Line
	f.from, f.to = e.offset(n.Pos()), e.offset(n.End())
	f.text = text
	e.describe(&f)
	e.out = append(e.out, f)
}

func (e *edits) insert(at token.Pos, text string) {
	f := e.base
	f.line = e.set.Position(at).Line
	f.from, f.to = e.offset(at), e.offset(at)
	f.text = text
	e.describe(&f)
	e.out = append(e.out, f)
}
