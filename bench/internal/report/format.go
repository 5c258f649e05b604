// Numbers as people read them.

package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unknown stands for a figure that is not known.
const unknown = "-"

// shown formats a figure that may be unknown.
func shown[T any](o Opt[T], format func(T) string) string {
	v, known := o.Get()
	if !known {
		return unknown
	}
	return format(v)
}

// words shows a text as it is.
func words(s string) string { return s }

// count groups the digits of a whole number: 1,234,567.
func count[T int | int64](n T) string {
	return grouped(strconv.FormatInt(int64(n), 10))
}

// significant formats a number with that many significant digits, as 0.0123,
// 1.23, 12.3, 123 and 1,234 with three. Very small and very large numbers are
// written with an exponent.
func significant(v float64, digits int) string {
	switch {
	case v == 0:
		return "0"
	case !isFinite(v):
		return fmt.Sprint(v)
	}
	text := strconv.FormatFloat(v, 'e', digits-1, 64)
	exponent, _ := strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
	if exponent < -4 || exponent > 8 {
		return text
	}
	return grouped(strconv.FormatFloat(v, 'f', max(digits-1-exponent, 0), 64))
}

// three formats timings and rates.
func three(v float64) string { return significant(v, 3) }

// two formats differences and targets.
func two(v float64) string { return significant(v, 2) }

// four formats losses.
func four(v float64) string { return significant(v, 4) }

// grouped puts commas between the thousands of a decimal number.
func grouped(text string) string {
	sign, digits := "", text
	if strings.HasPrefix(text, "-") {
		sign, digits = "-", text[1:]
	}
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if hasFraction {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// percent formats a fraction: 0.1234 is 12.3 %.
func percent(v float64) string {
	if v != 0 && math.Abs(v) < 0.001 {
		return three(100*v) + " %"
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + " %"
}

// times formats a ratio: 19.7×.
func times(v float64) string { return three(v) + "×" }

// bytesOf formats a size in binary units: 12.3 MiB.
func bytesOf(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n)/1024, 0
	for v >= 1023.5 && unit < len(units)-1 {
		v, unit = v/1024, unit+1
	}
	return fmt.Sprintf("%s %ciB", three(v), units[unit])
}

// some formats a whole number and its noun: 1 core, 2 cores.
func some[T int | int64](n T, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return count(n) + " " + noun
}
