// Package onnx writes nets as ONNX files, which other runtimes run, and reads ONNX files
// as models, which run on every backend and can be trained on.
//
//	err := onnx.Write("encoder.onnx", ae, onnx.Options{Part: onnx.Encoder})
//
//	m, err := onnx.Read("net.onnx")
//	net, err := stheno.Train(ctx, m, set, stheno.Options{Epochs: 3})
//
// A file has the net as it is in evaluation, in float32, with the weights, and with the
// scalers of its inputs and of its reconstruction inside. The number of samples is free:
// the axis "batch". Inputs and outputs have the names that they have in the net.
package onnx

// opset is the version of ONNX's ops that is written, and irVersion that of the file's
// format which belongs to it.
const (
	opset     = 18
	irVersion = 8
)
