package tensorboard

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protocol buffer that is being written. The field numbers are those of
// TensorFlow's event.proto and summary.proto.
type message []byte

func (m message) double(field protowire.Number, v float64) message {
	return protowire.AppendFixed64(protowire.AppendTag(m, field, protowire.Fixed64Type), math.Float64bits(v))
}

func (m message) float(field protowire.Number, v float32) message {
	return protowire.AppendFixed32(protowire.AppendTag(m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m message) integer(field protowire.Number, v int) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

func (m message) bytes(field protowire.Number, v []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m message) doubles(field protowire.Number, v []float64) message {
	var packed message
	for _, x := range v {
		packed = protowire.AppendFixed64(packed, math.Float64bits(x))
	}
	return m.bytes(field, packed)
}

// event is an Event without its content.
func event(seconds float64, step int) message {
	return message{}.double(1, seconds).integer(2, step)
}

// version is the first event of a file.
func version(seconds float64) message {
	return event(seconds, 0).bytes(3, []byte("brain.Event:2"))
}

// restart is the event that makes readers drop what earlier files have of this step and
// of later ones.
func restart(seconds float64, step int) message {
	const start = 1 // SessionLog.START
	return event(seconds, step).bytes(7, message{}.integer(1, start))
}

// summary is an event with values.
func summary(seconds float64, step int, values []message) message {
	var s message
	for _, v := range values {
		s = s.bytes(1, v)
	}
	return event(seconds, step).bytes(5, s)
}

// scalar is the value of a number.
func scalar(tag string, v float64) message {
	return message{}.bytes(1, []byte(tag)).float(2, float32(v))
}

// imageOf is the value of a PNG image.
func imageOf(tag string, wide, high int, png []byte) message {
	const rgba = 4
	return message{}.bytes(1, []byte(tag)).bytes(4, message{}.integer(1, high).integer(2, wide).integer(3, rgba).bytes(4, png))
}

// histogram is the value of a histogram.
func histogram(tag string, h counts) message {
	m := message{}.double(1, h.min).double(2, h.max).double(3, h.n).double(4, h.sum).double(5, h.squares)
	return message{}.bytes(1, []byte(tag)).bytes(5, m.doubles(6, h.limits).doubles(7, h.buckets))
}
