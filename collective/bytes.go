package collective

import "unsafe"

// Bytes are the bytes of an array, in place, as this processor orders them.
func Bytes[T float32 | float64](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}
