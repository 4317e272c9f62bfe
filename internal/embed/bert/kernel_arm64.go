package bert

import "unsafe"

// Fast says whether this machine can run a model at the pace of a mirror.
func Fast() bool { return true }

//go:noescape
func kernelNEON(c *float32, ldc uintptr, a *float32, lda uintptr, b *float32, k uintptr)

func tile(c []float32, ldc int, a []float32, lda int, b []float32) {
	k := checked(c, ldc, a, lda, b)
	const size = unsafe.Sizeof(float32(0))
	kernelNEON(&c[0], uintptr(ldc)*size, &a[0], uintptr(lda)*size, &b[0], uintptr(k))
}
