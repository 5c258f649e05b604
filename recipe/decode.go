package recipe

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// shorthand has the key that a section stands for if it is a single value: "data: mnist"
// is short for "data: {source: mnist}".
var shorthand = map[string]string{"data": "source", "model": "type", "train.optimizer": "type"}

// typed is a section whose keys depend on its key "type".
type typed interface {
	// prototype returns a new value of the type, a pointer to a struct.
	prototype(name string) (any, error)
	// put sets the section.
	put(name string, value any)
}

// decode sets a recipe to what the document has.
func (d *document) decode(r *Recipe) error {
	return d.section(d.root, reflect.ValueOf(r).Elem(), "")
}

// section decodes a mapping into a struct: every key must be one of the struct's.
func (d *document) section(n *yaml.Node, to reflect.Value, path string) error {
	n = resolve(n)
	if short := shorthand[path]; short != "" && n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: short, Line: n.Line}
		long := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Content: []*yaml.Node{key, n}}
		if o := d.origins[n]; o != "" {
			d.origins[key], d.origins[long] = o, o
		}
		n = long
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil // a section without anything in it
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("%s: want keys and values", d.about(n, path))
	}
	if t, ok := to.Addr().Interface().(typed); ok {
		return d.typedSection(n, t, path)
	}
	return d.keys(n, to, path, nil)
}

// typedSection decodes a section whose key "type" says which keys it has.
func (d *document) typedSection(n *yaml.Node, t typed, path string) error {
	name, at := "", n
	if v := find(n, "type"); v != nil {
		name, at = v.Value, v
	}
	value, err := t.prototype(name)
	if err != nil {
		return fmt.Errorf("%s: %w", d.about(at, path+".type"), err)
	}
	if err := d.keys(n, reflect.ValueOf(value).Elem(), path, []string{"type"}); err != nil {
		return err
	}
	t.put(name, value)
	return nil
}

// keys decodes the values of a mapping, except for those of the keys in done.
func (d *document) keys(n *yaml.Node, to reflect.Value, path string, done []string) error {
	fields := fieldsOf(to.Type())
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		if k.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s: a key of %s is not a name", d.place(k), orTop(path))
		}
		if seen[k.Value] {
			return fmt.Errorf("%s: %s is there twice", d.place(k), join(path, k.Value))
		}
		seen[k.Value] = true
		if slices.Contains(done, k.Value) {
			continue
		}
		f, ok := fields[k.Value]
		if !ok {
			return fmt.Errorf("%s: %w", d.place(k), unknownKey(path, k.Value, append(keysOf(to.Type()), done...)))
		}
		if err := d.value(v, fieldAt(to, f.Index), join(path, k.Value)); err != nil {
			return err
		}
	}
	return nil
}

func unknownKey(path, key string, known []string) error {
	slices.Sort(known)
	what := "key"
	if path != "" {
		what = "key of " + path
	}
	return Unknown(what, key, known)
}

// value decodes a value into a field.
func (d *document) value(n *yaml.Node, to reflect.Value, path string) error {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && d.origins[n] == "" {
		return nil
	}
	if to.Type() == reflect.TypeFor[time.Duration]() {
		v, err := time.ParseDuration(n.Value)
		if err != nil {
			return fmt.Errorf("%s: %q is not a time such as 90s, 10m or 2h", d.about(n, path), n.Value)
		}
		to.SetInt(int64(v))
		return nil
	}
	switch to.Kind() {
	case reflect.Pointer:
		v := reflect.New(to.Type().Elem())
		if err := d.value(n, v.Elem(), path); err != nil {
			return err
		}
		to.Set(v)
		return nil
	case reflect.Struct:
		return d.section(n, to, path)
	case reflect.Map:
		return d.entries(n, to, path)
	case reflect.Slice, reflect.Array:
		return d.list(n, to, path)
	}
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("%s: want %s, not a list or keys", d.about(n, path), kindOf(to.Type()))
	}
	if err := scalar(n.Value, to); err != nil {
		return fmt.Errorf("%s: %w", d.about(n, path), err)
	}
	return nil
}

// entries decodes a mapping whose keys are names of the user's.
func (d *document) entries(n *yaml.Node, to reflect.Value, path string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("%s: want keys and values", d.about(n, path))
	}
	if to.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("%s: a value of type %v cannot be set in a configuration", d.about(n, path), to.Type())
	}
	if to.IsNil() {
		to.Set(reflect.MakeMap(to.Type()))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		key := reflect.ValueOf(k.Value).Convert(to.Type().Key())
		if to.MapIndex(key).IsValid() {
			return fmt.Errorf("%s: %s is there twice", d.place(k), join(path, k.Value))
		}
		e := reflect.New(to.Type().Elem()).Elem()
		if err := d.value(v, e, join(path, k.Value)); err != nil {
			return err
		}
		to.SetMapIndex(key, e)
	}
	return nil
}

// list decodes a list. A text is a list with commas in it, and a single value is a list
// of one.
func (d *document) list(n *yaml.Node, to reflect.Value, path string) error {
	items := n.Content
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "":
		items = nil
	case n.Kind == yaml.ScalarNode:
		items = nil
		for _, text := range strings.Split(n.Value, ",") {
			item := &yaml.Node{Kind: yaml.ScalarNode, Value: strings.TrimSpace(text), Line: n.Line}
			if o := d.origins[n]; o != "" {
				d.origins[item] = o
			}
			items = append(items, item)
		}
	case n.Kind != yaml.SequenceNode:
		return fmt.Errorf("%s: want a list, such as [1, 2]", d.about(n, path))
	}
	if to.Kind() == reflect.Array {
		if len(items) > to.Len() {
			return fmt.Errorf("%s: %d values, want at most %d", d.about(n, path), len(items), to.Len())
		}
	} else {
		to.Set(reflect.MakeSlice(to.Type(), len(items), len(items)))
	}
	for i, item := range items {
		if err := d.value(resolve(item), to.Index(i), fmt.Sprintf("%s, value %d", path, i+1)); err != nil {
			return err
		}
	}
	return nil
}

// scalar parses a number, a truth value or a text.
func scalar(text string, to reflect.Value) error {
	fails := fmt.Errorf("%q is not %s", text, kindOf(to.Type()))
	plain := strings.ReplaceAll(text, "_", "")
	switch k := to.Kind(); k {
	case reflect.String:
		to.SetString(text)
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return fails
		}
		to.SetBool(v)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v, err := strconv.ParseInt(plain, 10, to.Type().Bits())
		if err != nil {
			return fails
		}
		to.SetInt(v)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v, err := strconv.ParseUint(plain, 10, to.Type().Bits())
		if err != nil {
			return fails
		}
		to.SetUint(v)
	case reflect.Float32, reflect.Float64:
		v, err := strconv.ParseFloat(plain, to.Type().Bits())
		if err != nil || v != v || v-v != 0 {
			return fails
		}
		to.SetFloat(v)
	default:
		return fmt.Errorf("a value of type %v cannot be set in a configuration", to.Type())
	}
	return nil
}

// kindOf is what a user calls a type.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Float32, reflect.Float64:
		return "a finite number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number from 0 on"
	}
	return "a whole number"
}

// fieldsOf returns the fields of a struct by key, those of embedded structs included.
// Fields that a configuration cannot hold, such as functions, are left out.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	out := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(t) {
		if key := keyOf(f); key != "" {
			out[key] = f
		}
	}
	return out
}

// keysOf returns the keys of a struct in the order of its fields.
func keysOf(t reflect.Type) []string {
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		if key := keyOf(f); key != "" {
			out = append(out, key)
		}
	}
	return out
}

// keyOf is the key of a field: its name in JSON, else the field's in lower camel case; ""
// if it has none.
func keyOf(f reflect.StructField) string {
	tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch kind := f.Type.Kind(); {
	case !f.IsExported() || tag == "-" || kind == reflect.Func || kind == reflect.Interface || kind == reflect.Chan:
		return ""
	case tag != "":
		return tag
	case f.Anonymous:
		return ""
	}
	return lowerCamel(f.Name)
}

// lowerCamel is a name whose first word is in lower case: "Beta1" is "beta1", "AMSGrad"
// "amsGrad".
func lowerCamel(name string) string {
	r := []rune(name)
	for i := range r {
		if i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) || !unicode.IsUpper(r[i]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// fieldAt is a field by its index path, through pointers that it creates.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	for i, k := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(k)
	}
	return v
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orTop(path string) string {
	if path == "" {
		return "the configuration"
	}
	return path
}
