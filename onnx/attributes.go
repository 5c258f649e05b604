package onnx

import "github.com/stheno-ml/stheno/internal/onnxproto"

func attrInt(name string, v int) *onnxproto.Attribute {
	return &onnxproto.Attribute{Name: name, Type: onnxproto.AttrInt, I: int64(v)}
}

func attrInts(name string, v ...int) *onnxproto.Attribute {
	a := &onnxproto.Attribute{Name: name, Type: onnxproto.AttrInts}
	for _, x := range v {
		a.Ints = append(a.Ints, int64(x))
	}
	return a
}

func attrText(name, v string) *onnxproto.Attribute {
	return &onnxproto.Attribute{Name: name, Type: onnxproto.AttrString, S: v}
}
