// Package docs_test checks that what the documents of this folder name exists:
// files, tests, and identifiers of packages.
package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the module's folder.
const root = ".."

// others are packages of other modules, whose identifiers are taken on trust.
var others = []string{"gorgonia", "tensor", "testing", "require", "os", "io", "context", "math", "avo", "signal", "http"}

var (
	fence      = regexp.MustCompile("(?ms)^```.*?^```$")
	code       = regexp.MustCompile("`([^`\n]+)`")
	link       = regexp.MustCompile(`\]\(([^)#\s]+)`)
	identifier = regexp.MustCompile(`^\*?([a-z][a-z0-9]*)\.([A-Za-z]\w*)(?:\.([A-Za-z]\w*))?(?:\(.*\)|\{.*\})?$`)
	test       = regexp.MustCompile(`^(?:Test|Benchmark|Example)[A-Z]\w*$`)
	file       = regexp.MustCompile(`\.(?:go|md|s|cuh|h|cc|golden|json|txt)$`)
	blank      = regexp.MustCompile(`<[^<>]*>`)
)

func TestWhatTheDocumentsNameExists(t *testing.T) {
	have, err := readModule()
	require.NoError(t, err)
	documents, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, documents)
	for _, name := range documents {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(name)
			require.NoError(t, err)
			text := fence.ReplaceAllString(string(raw), "")
			checked := 0
			for _, m := range link.FindAllStringSubmatch(text, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				checked++
				if _, err := os.Stat(filepath.FromSlash(m[1])); err != nil {
					t.Errorf("the link to %s leads nowhere", m[1])
				}
			}
			for _, m := range code.FindAllStringSubmatch(text, -1) {
				n, wrong := have.check(m[1])
				checked += n
				if wrong != "" {
					t.Errorf("`%s`: %s", m[1], wrong)
				}
			}
			require.Positive(t, checked, "nothing was found to check")
		})
	}
}

// The check sees what it should: names that are wrong in one letter.
func TestWrongNamesAreFound(t *testing.T) {
	have, err := readModule()
	require.NoError(t, err)
	for _, right := range []string{
		"graph/builder.go", "graph/", "./internal/plan", "internal/plan/*_test.go", "graph/ops_<family>.go", "graph.Builder", "graph.Builder.Output",
		"graph.Input.Optional", "plan.passes", "vm.Run(m)", "cpu.Config{}", "TestListings", "go test ./internal/plan -update", "gorgonia.Let",
	} {
		n, wrong := have.check(right)
		require.Equal(t, 1, n, right)
		require.Empty(t, wrong, right)
	}
	for _, wrong := range []string{
		"graph/bilder.go", "grpah/builder.go", "graph.Bilder", "graph.Builder.Outputt", "grpah.Builder", "TestListingss", "go test ./internal/plam", "vm/nothere/",
	} {
		_, why := have.check(wrong)
		require.NotEmpty(t, why, wrong)
	}
	for _, neither := range []string{"encoder/fc1/w", "x", "a0", "matmul then", "<task>/rate", "[N,C,H,W]"} {
		n, why := have.check(neither)
		require.Zero(t, n, neither)
		require.Empty(t, why, neither)
	}
}

// module is what there is to name.
type module struct {
	top      []string                   // files and folders at the root
	packages map[string]map[string]bool // by a package's name: what it declares, members as "Type.Member"
	tests    map[string]bool
}

// check returns how many names it checked in a piece of code, and what is wrong
// with it, "" if nothing.
func (m *module) check(text string) (checked int, wrong string) {
	if words := strings.Fields(text); len(words) > 1 {
		for _, w := range words {
			if strings.HasPrefix(w, "./") {
				n, why := m.check(strings.TrimSuffix(w, "/..."))
				if checked += n; wrong == "" {
					wrong = why
				}
			}
		}
		return checked, wrong
	}
	if test.MatchString(text) {
		if !m.tests[text] {
			return 1, "there is no such test"
		}
		return 1, ""
	}
	if m.isPath(text) {
		pattern := blank.ReplaceAllString(text, "*")
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			return 1, "there is no such file"
		}
		return 1, ""
	}
	if i := identifier.FindStringSubmatch(text); i != nil {
		return 1, m.declared(i[1], i[2], i[3])
	}
	return 0, ""
}

// isPath tells a file or folder of the module from a name with a slash in it.
func (m *module) isPath(text string) bool {
	if file.MatchString(text) {
		return true
	}
	first, _, slash := strings.Cut(strings.TrimPrefix(text, "./"), "/")
	return slash && slices.Contains(m.top, first) || strings.HasPrefix(text, "./")
}

// declared says what is wrong with pkg.name or pkg.name.member.
func (m *module) declared(pkg, name, member string) string {
	have, ours := m.packages[pkg]
	switch {
	case !ours && slices.Contains(others, pkg):
		return ""
	case !ours:
		return fmt.Sprintf("there is no package %s: add those of other modules to the list in docs_test.go", pkg)
	case !have[name]:
		return fmt.Sprintf("package %s declares no %s", pkg, name)
	case member != "" && !have[name+"."+member]:
		return fmt.Sprintf("%s.%s has no %s", pkg, name, member)
	}
	return ""
}
