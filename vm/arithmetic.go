package vm

import "fmt"

// Arithmetic names what a backend's rounding depends on, such as "cpu avx2": a program
// gives the same bits wherever the names are equal. It is what the backend's method
// Arithmetic returns, or else the backend's type.
func Arithmetic(b Backend) string {
	if a, ok := b.(interface{ Arithmetic() string }); ok {
		return a.Arithmetic()
	}
	return fmt.Sprintf("%T", b)
}
