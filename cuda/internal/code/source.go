package code

import (
	"fmt"
	"slices"
	"strings"
)

// kernels are the kernels written so far, and the functions that they call.
// Kernels that differ only in their name are one.
type kernels struct {
	functions []function
	list      []*kernel
	byText    map[string]string // the name, by all the rest
}

// kernel is one of the kernels.
type kernel struct {
	name, text string
	steps      []int  // that call it
	what       string // what the first of them does
}

// function is text that kernels call. If it has a name, only the kernels that
// contain the name need it.
type function struct{ name, text string }

// kernel returns the name of a kernel with that body.
func (k *kernels) kernel(label string, threads int, params []string, body string, step int, what string) string {
	const form = "extern \"C\" __global__ void __launch_bounds__(%d) %s(%s) {\n%s}\n"
	key := fmt.Sprintf(form, threads, "", strings.Join(params, ", "), body)
	if name, ok := k.find(key); ok {
		for _, have := range k.list {
			if have.name == name && have.steps[len(have.steps)-1] != step {
				have.steps = append(have.steps, step)
			}
		}
		return name
	}
	name := fmt.Sprintf("%s%d", label, len(k.list))
	k.byText[key] = name
	k.list = append(k.list, &kernel{name, fmt.Sprintf(form, threads, name, strings.Join(params, ", "), body), []int{step}, what})
	return name
}

// function returns the name of a device function with that body.
func (k *kernels) function(label string, params []string, body string) string {
	const form = "static __device__ void %s(%s) {\n%s}\n"
	key := fmt.Sprintf(form, "", strings.Join(params, ", "), body)
	if name, ok := k.find(key); ok {
		return name
	}
	name := fmt.Sprintf("%s_part%d", label, len(k.functions))
	k.byText[key] = name
	k.functions = append(k.functions, function{name, fmt.Sprintf(form, name, strings.Join(params, ", "), body)})
	return name
}

// define adds text that kernels need, once.
func (k *kernels) define(text string) {
	if _, ok := k.find(text); !ok {
		k.byText[text] = ""
		k.functions = append(k.functions, function{text: text})
	}
}

func (k *kernels) find(key string) (string, bool) {
	if k.byText == nil {
		k.byText = map[string]string{}
	}
	name, ok := k.byText[key]
	return name, ok
}

// source puts all kernels into one translation unit.
func (m *maker) source() string { return m.unit(m.kernels.list) }

// kernelsOfUnit is how many kernels are compiled together: few enough that
// units compile in parallel, many enough that shared text costs little.
const kernelsOfUnit = 6

// units divides the kernels into translation units.
func (m *maker) units() []Unit {
	var units []Unit
	for list := range slices.Chunk(m.kernels.list, kernelsOfUnit) {
		u := Unit{Source: m.unit(list)}
		for _, k := range list {
			u.Kernels = append(u.Kernels, k.name)
		}
		units = append(units, u)
	}
	return units
}

// unit is a translation unit of some kernels and of what they call.
func (m *maker) unit(list []*kernel) string {
	var text strings.Builder
	for _, k := range list {
		steps := strings.Trim(strings.ReplaceAll(fmt.Sprint(k.steps), " ", ", "), "[]")
		word := "step"
		if len(k.steps) > 1 {
			word = "steps"
		}
		fmt.Fprintf(&text, "\n// %s %s: %s\n%s", word, steps, k.what, k.text)
	}
	var b strings.Builder
	b.WriteString(preamble(m.double))
	for _, f := range m.kernels.functions {
		if f.name == "" || strings.Contains(text.String(), f.name+"(") {
			b.WriteString("\n" + f.text)
		}
	}
	return b.String() + text.String()
}
