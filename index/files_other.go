//go:build !unix

package index

import "math"

// mostFiles is how many files the system lets this process open.
func mostFiles() int { return math.MaxInt32 }
