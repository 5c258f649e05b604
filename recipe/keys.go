package recipe

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Key is a key of the configuration that holds a value.
type Key struct {
	Name    string // with dots, such as "train.epochs"
	Kind    string // what the value is: "text", "number", "whole number", "true or false", "time" or "list"
	Doc     string // one line; "" for the settings of a model or an optimiser, which its package documents
	Default string
	// Types are the types of model or optimiser that have the key; nil for all other keys.
	Types []string
}

// sections are searched in this order for a key whose section was left out.
var sections = []string{"train", "train.optimizer", "data", "model"}

// scheduled are the scalars whose schedules are among the keys; a configuration may have
// schedules of others, too.
var scheduled = []string{"rate", "beta"}

// Keys lists all keys of the configuration.
func Keys() []Key { return slices.Clone(keys()) }

// keys finds the keys of all types of models once: they do not change.
var keys = sync.OnceValue(func() []Key { return keysIn(reflect.TypeFor[Recipe](), "", "") })

// Short returns the names of a key without its section, as Resolve understands them.
func (k Key) Short() (names []string) {
	for _, s := range sections {
		short, ok := strings.CutPrefix(k.Name, s+".")
		if !ok {
			continue
		}
		if full, ok := resolveAmong(keys(), short); ok && full == k.Name {
			names = append(names, short)
		}
	}
	return names
}

func keysIn(t reflect.Type, path, of string) (out []Key) {
	for _, f := range reflect.VisibleFields(t) {
		name := keyOf(f)
		if name == "" {
			continue
		}
		for _, k := range keysOfValue(f, join(path, name), of) {
			i := slices.IndexFunc(out, func(o Key) bool { return o.Name == k.Name })
			if i < 0 {
				out = append(out, k)
			} else if of != "" {
				out[i].Types = append(out[i].Types, of)
			}
		}
	}
	return out
}

// keysOfValue returns the keys of a field.
func keysOfValue(f reflect.StructField, path, of string) []Key {
	t := f.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if all, ok := reflect.New(t).Interface().(typed); ok {
		return typedKeys(all, path)
	}
	switch {
	case t.Kind() == reflect.Struct:
		return keysIn(t, path, of)
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct:
		var out []Key
		for _, name := range scheduled {
			out = append(out, keysIn(t.Elem(), join(path, name), of)...)
		}
		return out
	}
	k := Key{Name: path, Kind: kindName(t), Doc: f.Tag.Get("doc"), Default: f.Tag.Get("default")}
	if of != "" {
		k.Types = []string{of}
	}
	return []Key{k}
}

// typedKeys returns the keys of all types of a section.
func typedKeys(t typed, path string) []Key {
	types := ModelTypes()
	doc := "type of the model"
	if _, ok := t.(*Optimizer); ok {
		types, doc = OptimizerTypes(), "type of the optimiser"
	}
	out := []Key{{Name: join(path, "type"), Kind: "text", Doc: doc + ": " + joinNames(types)}}
	for _, name := range types {
		v, err := t.prototype(name)
		if err != nil {
			continue
		}
		for _, k := range keysIn(reflect.TypeOf(v).Elem(), path, name) {
			i := slices.IndexFunc(out, func(o Key) bool { return o.Name == k.Name })
			if i < 0 {
				out = append(out, k)
			} else {
				out[i].Types = append(out[i].Types, name)
			}
		}
	}
	return out
}

func kindName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "time"
	case t.Kind() == reflect.Map:
		return "keys"
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return "list"
	}
	kind := kindOf(t)
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(kind, "a "), "whole "), "finite "), " from 0 on")
}

// Resolve returns the full name of a key. The sections train, train.optimizer, data and
// model may be left out, and are tried in this order: "epochs" is "train.epochs", and
// "latent" is "model.latent".
func Resolve(key string) (string, error) {
	all := keys()
	if full, ok := resolveAmong(all, key); ok {
		return full, nil
	}
	var known []string
	for _, k := range all {
		known = append(known, k.Name)
		known = append(known, k.Short()...)
	}
	return "", Nearest("key", key, known)
}

func resolveAmong(all []Key, key string) (string, bool) {
	for _, prefix := range append([]string{""}, sections...) {
		full := join(prefix, key)
		if prefix == "" {
			full = key
		}
		if isKey(all, full) {
			return full, true
		}
	}
	return "", false
}

// isKey reports whether a name is one of the keys, a section of them, or that of a
// schedule of any scalar.
func isKey(all []Key, name string) bool {
	const schedules = "train.schedule."
	if rest, ok := strings.CutPrefix(name, schedules); ok {
		if of := strings.LastIndexByte(rest, '.'); of > 0 {
			name = schedules + scheduled[0] + rest[of:]
		}
	}
	return slices.ContainsFunc(all, func(k Key) bool { return k.Name == name || strings.HasPrefix(k.Name, name+".") })
}
