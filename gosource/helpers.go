package gosource

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

//go:embed runtime/runtime.go
var runtimeSource string

// helpersOf returns the declarations of package runtime that the calls need, directly or
// not, and the packages that they import.
func helpersOf(calls map[string]bool) (source string, imports []string, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "runtime.go", runtimeSource, parser.ParseComments)
	if err != nil {
		return "", nil, err
	}
	declared := map[string][]ast.Decl{} // by the name of a function, or of a type with its methods
	for _, d := range file.Decls {
		name := ""
		switch d := d.(type) {
		case *ast.FuncDecl:
			if name = d.Name.Name; d.Recv != nil {
				name = d.Recv.List[0].Type.(*ast.Ident).Name
			}
		case *ast.GenDecl:
			if t, ok := d.Specs[0].(*ast.TypeSpec); ok {
				name = t.Name.Name
			}
		}
		declared[name] = append(declared[name], d)
	}
	packages := map[string]string{"sync": "sync", "fmt": "fmt"}
	for _, im := range file.Imports {
		path, err := strconv.Unquote(im.Path.Value)
		if err != nil {
			return "", nil, err
		}
		packages[path[strings.LastIndex(path, "/")+1:]] = path
	}
	used := map[string]bool{"sync": true, "fmt": true}
	for again := true; again; {
		again = false
		for name := range calls {
			for _, d := range declared[name] {
				ast.Inspect(d, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						if packages[id.Name] != "" {
							used[id.Name] = true
						}
						if declared[id.Name] != nil && !calls[id.Name] {
							calls[id.Name], again = true, true
						}
					}
					return true
				})
			}
		}
	}
	if calls["math"] {
		used["math"] = true
	}
	var out bytes.Buffer
	for _, d := range file.Decls {
		for name := range calls {
			if name != "" && slices.Contains(declared[name], d) {
				if err := printer.Fprint(&out, set, &printer.CommentedNode{Node: d, Comments: file.Comments}); err != nil {
					return "", nil, err
				}
				fmt.Fprint(&out, "\n\n")
			}
		}
	}
	for name := range used {
		imports = append(imports, packages[name])
	}
	slices.Sort(imports)
	return out.String(), imports, nil
}
