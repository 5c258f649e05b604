// Package rans is the range variant of asymmetric numeral systems (Duda 2013) with a
// state of 64 bits and words of 32. It is a stack: what was pushed last is popped first.
// A symbol is an interval [start, start+size) of [0, 2^bits); pushing it takes about
// bits - log2(size) bits.
//
// Popping the interval that contains a uniform number is the inverse of pushing, so a
// stack is also a source of symbols of any distribution: that is what bits-back coding
// needs.
package rans

import "errors"

// least is the least state between calls: all states are in [least, 2^64).
const least = 1 << 32

// MaxBits is the greatest number of bits of an interval's bounds.
const MaxBits = 31

// ErrEmpty is the error of a stack that ends before what is popped from it.
var ErrEmpty = errors.New("the stream ends too early")

// Stack is a stack of symbols. The zero value is empty.
type Stack struct {
	// State is the top of the stack, at least 2^32; 0 means 2^32.
	State uint64
	// Words are below the state, the top one last.
	Words []uint32
	// Refill, if not nil, gives further words below the last one.
	Refill func() uint32
}

// Push adds a symbol. Its size is at least 1, and its bits at most MaxBits.
func (s *Stack) Push(start, size uint64, bits int) {
	x := max(s.State, least)
	if x>>(64-bits) >= size {
		s.Words = append(s.Words, uint32(x))
		x >>= 32
	}
	s.State = x/size<<bits + x%size + start
}

// Peek is the number in [0, 2^bits) that the top symbol's interval contains.
func (s *Stack) Peek(bits int) uint64 { return max(s.State, least) & (1<<bits - 1) }

// Pop removes the top symbol, whose interval contains Peek.
func (s *Stack) Pop(start, size uint64, bits int) error {
	x := max(s.State, least)
	x = size*(x>>bits) + x&(1<<bits-1) - start
	if x < least {
		var word uint32
		switch n := len(s.Words); {
		case n > 0:
			word, s.Words = s.Words[n-1], s.Words[:n-1]
		case s.Refill != nil:
			word = s.Refill()
		default:
			return ErrEmpty
		}
		x = x<<32 | uint64(word)
	}
	s.State = x
	return nil
}
