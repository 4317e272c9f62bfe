package bert

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// Fast says whether this machine can run a model at the pace of a mirror. Without,
// a passage takes about a second.
func Fast() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

//go:noescape
func kernelAVX2(c *float32, ldc uintptr, a *float32, lda uintptr, b *float32, k uintptr)

func tile(c []float32, ldc int, a []float32, lda int, b []float32) {
	if !Fast() {
		tileGo(c, ldc, a, lda, b)
		return
	}
	k := checked(c, ldc, a, lda, b)
	const size = unsafe.Sizeof(float32(0))
	kernelAVX2(&c[0], uintptr(ldc)*size, &a[0], uintptr(lda)*size, &b[0], uintptr(k))
}
