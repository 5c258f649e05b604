package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// hooks are files to add to Gorgonia's tests: in its package, the type that replaces a
// TapeMachine; in its external test package, which may import machines that import
// Gorgonia, the machines.
//
//go:embed hook
var hooks embed.FS

// replaced lists the uses of a TapeMachine in Gorgonia's tests, and their replacements.
// The tests of batch norm expect the last bits of one kind of processor (other
// processors have a separate file), even for gradients that are 0. So rounding
// differences are allowed.
var replaced = []struct {
	old *regexp.Regexp
	new string
}{
	{regexp.MustCompile(`\bNewTapeMachine\(`), "NewMachineUnderTest("},
	{regexp.MustCompile(`\*tapeMachine\b`), "*MachineUnderTest"},
	{regexp.MustCompile(`\bdawson\.AllClose\((tC\.\w+, .*?)\), "`), `dawson.AllClose(ExceptRounding($1)), "`},
}

// replace replaces the machines in the source of a test.
func replace(source string) string {
	for _, r := range replaced {
		source = r.old.ReplaceAllString(source, r.new)
	}
	return source
}

// binary is the test binary of Gorgonia, and the folder to run it in.
type binary struct{ path, dir string }

// build builds Gorgonia's tests in the folder work. Go does not allow an overlay for a
// module in its cache, so a folder of links to the module replaces it.
func (s suite) build(work string) (binary, error) {
	b := binary{path: filepath.Join(work, "gorgonia.test")}
	module, err := output("go", "list", "-f", "{{.Module.Dir}}", "gorgonia.org/gorgonia")
	if err != nil {
		return b, err
	}
	b.dir = filepath.Join(work, "gorgonia")
	if err := linked(strings.TrimSpace(module), b.dir); err != nil {
		return b, err
	}
	mod, err := output("go", "env", "GOMOD")
	if err != nil {
		return b, err
	}
	own := strings.TrimSpace(mod)
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(own), file))
		if err != nil {
			return b, err
		}
		if err := os.WriteFile(filepath.Join(work, file), text, 0o644); err != nil {
			return b, err
		}
	}
	replacing := filepath.Join(work, "go.mod")
	if _, err := output("go", "mod", "edit", "-replace", "gorgonia.org/gorgonia="+b.dir, replacing); err != nil {
		return b, err
	}
	_, err = output("go", "test", "-c", "-o", b.path, "-tags", s.tags, "-modfile", replacing, "gorgonia.org/gorgonia")
	return b, err
}

// linked creates a folder of links to the module, with the machines in the tests replaced
// and the hooks added.
func linked(module, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	all, err := os.ReadDir(module)
	if err != nil {
		return err
	}
	for _, f := range all {
		from, to := filepath.Join(module, f.Name()), filepath.Join(dir, f.Name())
		if !strings.HasSuffix(f.Name(), "_test.go") {
			if err := os.Symlink(from, to); err != nil {
				return err
			}
			continue
		}
		source, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, []byte(replace(string(source))), 0o644); err != nil {
			return err
		}
	}
	names, err := hooks.ReadDir("hook")
	if err != nil {
		return err
	}
	for _, f := range names {
		source, err := hooks.ReadFile("hook/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(f.Name(), ".txt")), source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// output runs a command and returns its output. An error includes the output.
func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	if failed, ok := err.(*exec.ExitError); ok {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out, failed.Stderr)
	}
	return string(out), err
}
