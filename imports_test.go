package stheno_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/stheno-ml/stheno/"

// allowed lists, for each folder, the folders of this module that its code may
// import. "x/..." means x and all folders below it. The longest matching folder
// applies.
var allowed = map[string][]string{
	"lower":                   {},
	"internal/interp":         {"lower"},
	"graph":                   {"lower", "internal/storage", "internal/available", "internal/interp", "internal/value", "internal/exprgraph", "internal/op"},
	"graph/optest":            {"graph", "lower", "internal/interp", "vm", "internal/value", "internal/exprgraph", "internal/op"},
	"optim":                   {"graph", "lower"},
	"models":                  {"graph", "lower"},
	"data":                    {"internal/atomicfile", "internal/npy", "internal/regular"},
	"collective":              {},
	"train":                   {"collective", "internal/storage", "graph", "optim", "data", "vm", "checkpoint", "internal/atomicfile"},
	"train/picture":           {"train", "data", "graph", "internal/atomicfile"},
	"train/tensorboard":       {"train", "train/picture", "data", "graph"},
	"train/figure":            {"train", "train/search", "internal/atomicfile"},
	"metrics":                 {},
	"smiles":                  {},
	"sequence":                {"data", "decode", "graph", "models/seq", "vm"},
	"decode":                  {"vm"},
	"estimate":                {"graph", "lower", "data", "train", "vm"},
	"sampler":                 {"graph", "lower", "optim", "data", "train", "vm", "metrics"},
	"presets":                 {"cluster", "compress", "sequence", "smiles", "lower", "graph", "optim", "models/...", "data", "train", "train/picture", "train/figure", "metrics", "estimate", "sampler", "vm", "checkpoint", "internal/atomicfile"},
	"restore":                 {"metrics"},
	"recommend":               {"data", "graph", "metrics", "models/vae", "train", "vm"},
	"impute":                  {"data", "graph", "lower", "models/vae", "optim", "train", "vm"},
	"onnx":                    {"data", "graph", "lower", "train", "internal/atomicfile", "internal/forward", "internal/interp", "internal/onnxproto", "internal/regular"},
	"compress":                {"graph", "models/...", "data", "train", "vm", "compress/internal/..."},
	"cluster":                 {"data", "graph", "lower", "metrics", "models/dense", "optim", "train", "vm"},
	"detect":                  {"metrics", "graph", "optim", "models/...", "data", "train", "cpu", "vm"},
	"detect/series":           {"detect", "metrics", "graph", "optim", "models/...", "data", "train", "cpu", "vm", "internal/regular"},
	"cmd":                     {"recipe", "presets", "train/picture", "train/search", "metrics", "data", "compress", "detect", "detect/series", "gosource", "impute", "onnx", "recommend", "serve", "cuda", "vm", "internal/atomicfile", "internal/available", "internal/interrupt", "internal/kernel", "internal/machine"},
	"recipe":                  {"cluster", "cpu", "sequence", "smiles", "cuda", "graph", "optim", "data", "train", "train/picture", "train/figure", "train/search", "vm", "presets", "sampler", "metrics", "internal/atomicfile", "internal/kernel", "internal/machine", "restore"},
	"serve":                   {"data", "graph", "train", "vm"},
	"train/search":            {"internal/atomicfile", "graph", "optim", "data", "vm", "train"},
	"tape":                    {"lower", "internal/storage", "graph", "internal/compiled", "internal/value", "vm", "internal/exprgraph", "internal/op"},
	"gosource":                {"data", "graph", "lower", "train", "internal/atomicfile", "internal/forward", "internal/interp"},
	"internal":                {},
	"internal/npy":            {"internal/element"},
	"internal/forward":        {"data", "graph", "lower", "internal/exprgraph", "internal/op", "internal/value"},
	"internal/safetensors":    {"internal/element"},
	"internal/op":             {"lower"},
	"internal/killtest":       {"data", "graph", "models/...", "optim", "train", "train/search", "vm"},
	"internal/modeltest":      {"graph", "tape", "vm"},
	"internal/nets":           {"graph", "models/...", "train"},
	"internal/zoo":            {"graph", "models/..."},
	"internal/plan":           {"internal/exprgraph", "internal/op", "graph", "lower"},
	"internal/solve":          {"internal/kernel"},
	"internal/value":          {"lower"},
	"vm":                      {"graph"},
	"vm/vmtest":               {"graph", "vm"},
	"checkpoint":              {"graph", "internal/safetensors", "internal/atomicfile", "internal/element", "internal/npy", "internal/regular"},
	"internal/compiled":       {"internal/storage", "graph", "lower", "internal/available", "internal/interp", "internal/plan", "vm", "internal/kernel", "internal/solve", "internal/team", "internal/value", "internal/exprgraph", "internal/op"},
	"internal/compiled/suite": {"graph", "graph/optest", "lower", "models/...", "optim", "tape", "train", "vm", "internal/zoo", "internal/compiled", "internal/programs", "internal/value"},
	"cpu":                     {"internal/storage", "graph", "lower", "internal/available", "internal/compiled", "internal/interp", "internal/plan", "internal/kernel", "internal/solve", "internal/team", "vm", "internal/value"},
	"bench":                   {"presets", "lower", "graph", "optim", "models/...", "data", "train", "tape", "cpu", "cuda", "vm", "internal/...", "bench/internal/..."},
	"bench/peers/latency":     {"graph", "models/...", "data", "cpu", "onnx"},
	"bench/peers":             {"lower", "graph", "optim", "models/...", "data", "train", "cpu", "cuda", "vm", "internal/...", "bench/internal/...", "bench/peers/..."},
	"examples":                {"collective", "detect/...", "metrics", "estimate", "sampler", "decode", "presets", "lower", "checkpoint", "graph", "optim", "models/...", "data", "train", "train/search", "train/figure", "tape", "cpu", "vm", "examples/internal/...", "compress"},
	"examples/internal":       {},
	"":                        {"graph", "models/...", "onnx", "data", "train", "vm", "cpu", "cuda", "checkpoint"},
	"scripts/neon-count/step": {"cpu", "internal/nets", "train"},
	"bench/internal":          {},
	"bench/internal/report":   {"internal/atomicfile", "internal/regular"},

	"cuda":                    {"internal/storage", "graph", "lower", "internal/compiled", "internal/available", "internal/kernel", "internal/plan", "internal/value", "vm", "cuda/internal/..."},
	"cuda/internal":           {},
	"cuda/internal/emu/build": {"cuda/internal/emu"},
	"cuda/internal/code":      {"graph", "lower", "internal/plan"},
	"cuda/internal/driver":    {"cuda/internal/dynlib", "cuda/internal/nvrtc"},
	"cuda/internal/emulated":  {"cuda/internal/dynlib"},
	"cuda/internal/nvrtc":     {"cuda/internal/dynlib"},
	"cuda/internal/roofline":  {"cuda/internal/code", "cuda/internal/nvrtc", "internal/compiled", "internal/nets", "internal/plan", "lower", "train"},
}

// testImports lists additional imports of tests: for all folders under "", for one
// folder under its name.
var testImports = map[string][]string{
	"":                     {"internal/edges", "internal/storage", "internal/interp", "internal/modeltest", "tape", "cpu", "cuda", "graph/optest", "optim", "graph", "lower", "data", "vm", "vm/vmtest", "internal/value"},
	"checkpoint":           {"train"},
	"cluster":              {"models/vae"},
	"cpu":                  {"train", "models/...", "internal/compiled/suite", "internal/zoo"},
	"cuda":                 {"collective", "train", "models/...", "internal/compiled/suite", "internal/killtest", "internal/zoo"},
	"cuda/internal/code":   {"models/...", "cuda/internal/emu", "cuda/internal/nvrtc"},
	"cuda/internal/driver": {"cuda/internal/emulated"},
	"cuda/internal/nvrtc":  {"models/...", "cuda/internal/code", "cuda/internal/emu"},
	"internal/plan":        {"models/..."},
	"internal/zoo":         {"train"},
	"models/conv":          {"internal/op"},
	"recommend":            {"data", "graph", "metrics", "models/vae", "train", "vm"},
	"impute":               {"data", "graph", "lower", "models/vae", "optim", "train", "vm"},
	"recipe":               {"models/...", "optim"},
	"gosource":             {"internal/zoo", "models/..."},
	"onnx":                 {"internal/zoo", "models/...", "internal/op"},
	"compress":             {"estimate", "checkpoint"},
	"estimate":             {"models/..."},
	"serve":                {"internal/zoo", "models/..."},
	"sampler":              {"models/..."},
	"sequence":             {"optim", "train"},
	"train":                {"internal/killtest", "internal/zoo", "models/..."},
	"train/picture":        {"models/..."},
	"train/search":         {"models/..."},
	"train/tensorboard":    {"models/..."},
}

// gorgonia lists the folders that may import Gorgonia's graph API.
var gorgonia = []string{"graph", "internal/storage", "internal/exprgraph", "internal/op", "graph/optest", "vm", "internal/plan", "internal/solve", "internal/value", "internal/compiled", "internal/compiled/suite", "internal/programs", "tape", "cpu", "cuda", "bench/internal/baseline", "examples"}

// cuBinding lists the folders that may import gorgonia.org/cu, which exits the program if there is no driver.
var cuBinding = []string{"cuda", "cuda/internal/driver"}

// TestImports checks the layers of the architecture: which package may import which.
func TestImports(t *testing.T) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(p))
		if dir == "." {
			dir = ""
		}
		for _, im := range file.Imports {
			to, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, dir, strings.HasSuffix(name, "_test.go"), to)
		}
		return nil
	})
	require.NoError(t, err)
}

func checkImport(t *testing.T, from string, test bool, to string) {
	if strings.HasPrefix(to, "gorgonia.org/gorgonia") || strings.HasPrefix(to, "gorgonia.org/tensor") {
		require.True(t, test || slices.Contains(gorgonia, from), "%s imports %s: only %v may", from, to, gorgonia)
	}
	if to == "gorgonia.org/cu" || strings.HasPrefix(to, "gorgonia.org/cu/") {
		require.Contains(t, cuBinding, from, "%s imports %s", from, to)
	}
	to, ours := strings.CutPrefix(to, module)
	if !ours || to == from || test && (matches(testImports[""], to) || matches(testImports[from], to)) {
		return
	}
	folder := from
	for {
		if _, ok := allowed[folder]; ok {
			break
		}
		if folder = path.Dir(folder); folder == "." {
			folder = ""
		}
	}
	if matches(allowed[folder], to) {
		return
	}
	if strings.HasPrefix(from, "models/") && strings.HasPrefix(to, "models/") {
		require.Failf(t, "import", "%s imports %s: model families must not import each other", from, to)
	}
	require.Failf(t, "import", "%s imports %s: %q may import only %v", from, to, folder, allowed[folder])
}

// matches reports whether a folder is in a list of folders and trees, "x/...".
func matches(list []string, folder string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		tree, ok := strings.CutSuffix(a, "/...")
		return folder == a || ok && (folder == tree || strings.HasPrefix(folder, tree+"/"))
	})
}
