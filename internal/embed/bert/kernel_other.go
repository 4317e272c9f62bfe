//go:build !amd64 && !arm64

package bert

// Fast says whether this machine can run a model at the pace of a mirror. Without,
// a passage takes about a second.
func Fast() bool { return false }

func tile(c []float32, ldc int, a []float32, lda int, b []float32) { tileGo(c, ldc, a, lda, b) }
