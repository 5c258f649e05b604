package recipe

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// YAML is the configuration as a text, complete: with all that was filled in. Parse reads
// it as the same recipe.
func (r *Recipe) YAML() ([]byte, error) {
	n, err := encode(reflect.ValueOf(*r))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	return text.Bytes(), e.Close()
}

// encode writes the settings of a struct that are not zero, in the order of its fields.
func encode(v reflect.Value) (*yaml.Node, error) {
	if s, ok := v.Interface().(interface{ section() (string, any) }); ok {
		name, value := s.section()
		if value == nil {
			return nil, nil
		}
		n, err := encode(reflect.ValueOf(value))
		if n != nil {
			n.Content = append([]*yaml.Node{text("type"), text(name)}, n.Content...)
		}
		return n, err
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range reflect.VisibleFields(v.Type()) {
		key := keyOf(f)
		if key == "" {
			continue
		}
		field, err := v.FieldByIndexErr(f.Index)
		if err != nil || field.IsZero() {
			continue
		}
		value, err := encodeValue(field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if value != nil && !(value.Kind == yaml.MappingNode && len(value.Content) == 0 && field.Kind() != reflect.Pointer) {
			n.Content = append(n.Content, text(key), value)
		}
	}
	return n, nil
}

func encodeValue(v reflect.Value) (*yaml.Node, error) {
	if d, ok := v.Interface().(time.Duration); ok {
		return text(d.String()), nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encodeValue(v.Elem())
	case reflect.Struct:
		return encode(v)
	case reflect.Slice, reflect.Array:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for i := range v.Len() {
			item, err := encodeValue(v.Index(i))
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		return n, nil
	case reflect.Float32, reflect.Float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())}, nil
	case reflect.String:
		return text(v.String()), nil
	}
	n := &yaml.Node{}
	if err := n.Encode(v.Interface()); err != nil {
		return nil, err
	}
	if v.Kind() != reflect.Map {
		return n, nil
	}
	n = &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range sortedKeys(v) {
		value, err := encodeValue(v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key())))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, text(name), value)
	}
	return n, nil
}

// text is a text, in quotes where YAML would take it for something else.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}
