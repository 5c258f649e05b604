package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is a configuration as it was written, with the places of its values.
type document struct {
	name    string
	root    *yaml.Node
	origins map[*yaml.Node]string // of values that do not stand in the file
}

// mostBytes is the size of the largest configuration.
const mostBytes = 1 << 20

func newDocument(text []byte, name string) (*document, error) {
	if len(text) > mostBytes {
		return nil, fmt.Errorf("%s: %d bytes are too many for a configuration: want at most %d", name, len(text), mostBytes)
	}
	d := &document{name: name, origins: map[*yaml.Node]string{}}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var file yaml.Node
	if err := decoder.Decode(&file); errors.Is(err, io.EOF) {
		d.root = &yaml.Node{Kind: yaml.MappingNode}
		return d, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document: want one configuration in a file", name)
	}
	d.root = resolve(file.Content[0])
	if d.root.Kind == yaml.ScalarNode && d.root.Tag == "!!null" {
		d.root = &yaml.Node{Kind: yaml.MappingNode}
	}
	if d.root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want keys and values, such as \"seed: 1\"", name, d.root.Line)
	}
	return d, nil
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for i := 0; n.Kind == yaml.AliasNode && n.Alias != nil && i < 100; i++ {
		n = n.Alias
	}
	return n
}

// place says where a value stands.
func (d *document) place(n *yaml.Node) string {
	if o := d.origins[n]; o != "" {
		return o
	}
	return fmt.Sprintf("%s:%d", d.name, n.Line)
}

// about says where a value stands and what its key is, unless the place says that.
func (d *document) about(n *yaml.Node, path string) string {
	place := d.place(n)
	if place == "--"+path {
		return place
	}
	return place + ": " + path
}

// set replaces or adds a value.
func (d *document) set(s Setting) error {
	origin := s.Origin
	if origin == "" {
		origin = "the setting " + s.Key
	}
	key, err := Resolve(s.Key)
	if err != nil {
		return fmt.Errorf("%s: %w", origin, err)
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Value: s.Value}
	if strings.HasPrefix(s.Value, "[") || strings.HasPrefix(s.Value, "{") {
		var file yaml.Node
		if err := yaml.Unmarshal([]byte(s.Value), &file); err != nil {
			return fmt.Errorf("%s: %s", origin, strings.TrimPrefix(err.Error(), "yaml: "))
		}
		value = file.Content[0]
	}
	d.mark(value, origin)
	at := d.root
	path := strings.Split(key, ".")
	for i, name := range path {
		next := find(at, name)
		last := i == len(path)-1
		switch {
		case last && next != nil && shorthand[key] != "" && next.Kind == yaml.MappingNode:
			return d.set(Setting{Key: key + "." + shorthand[key], Value: s.Value, Origin: origin})
		case last && next != nil:
			*next = *value
			d.mark(next, origin)
			return nil
		case last:
			at.Content = append(at.Content, d.key(name, origin), value)
			return nil
		case next == nil:
			next = &yaml.Node{Kind: yaml.MappingNode}
			d.origins[next] = origin
			at.Content = append(at.Content, d.key(name, origin), next)
		case next.Kind == yaml.ScalarNode && shorthand[strings.Join(path[:i+1], ".")] != "":
			long := shorthand[strings.Join(path[:i+1], ".")]
			was := *next
			o := d.place(next)
			*next = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{d.key(long, o), &was}}
			d.origins[next], d.origins[&was] = o, o
		case next.Kind != yaml.MappingNode:
			return fmt.Errorf("%s: %s has no keys: see %s", origin, strings.Join(path[:i+1], "."), d.place(next))
		}
		at = next
	}
	return nil
}

// key is the node of a key that does not stand in the file.
func (d *document) key(name, origin string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: name}
	d.origins[n] = origin
	return n
}

// mark notes where a value and all that is in it come from.
func (d *document) mark(n *yaml.Node, origin string) {
	d.origins[n] = origin
	for _, c := range n.Content {
		d.mark(c, origin)
	}
}

// find returns the value of a key, or nil.
func find(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}
