package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

var testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Example)\w+)\(`)

// readModule finds what every package declares, and the tests.
func readModule() (*module, error) {
	m := &module{packages: map[string]map[string]bool{}, tests: map[string]bool{}}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		m.top = append(m.top, e.Name())
	}
	return m, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "_asm"):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(p) != ".go":
			return nil
		case strings.HasSuffix(p, "_test.go"):
			text, err := os.ReadFile(p)
			for _, f := range testFunc.FindAllStringSubmatch(string(text), -1) {
				m.tests[f[1]] = true
			}
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		m.read(f)
		return nil
	})
}

// read adds what a file declares.
func (m *module) read(f *ast.File) {
	have := m.packages[f.Name.Name]
	if have == nil {
		have = map[string]bool{}
		m.packages[f.Name.Name] = have
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				have[d.Name.Name] = true
			} else {
				have[receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, n := range s.Names {
						have[n.Name] = true
					}
				case *ast.TypeSpec:
					have[s.Name.Name] = true
					for _, member := range members(s.Type) {
						have[s.Name.Name+"."+member] = true
					}
				}
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// members are the fields of a struct and the methods of an interface.
func members(e ast.Expr) (names []string) {
	var fields *ast.FieldList
	switch x := e.(type) {
	case *ast.StructType:
		fields = x.Fields
	case *ast.InterfaceType:
		fields = x.Methods
	default:
		return nil
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return names
}
