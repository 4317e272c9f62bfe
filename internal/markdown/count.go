package markdown

import "strconv"

// Count is a number of things: 1 page, 2 pages.
func Count(n int, one string) Text { return Counted(n, one, one+"s") }

// Counted is Count where more than the last letter differs: one and many are
// what stands behind the number.
func Counted(n int, one, many string) Text {
	if n == 1 {
		many = one
	}
	return escaped(strconv.Itoa(n)+" "+many, style{})
}
