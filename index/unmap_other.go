//go:build !linux

package index

// unmap leaves it to the system when to give back the memory into which a file
// is mapped.
func unmap([]byte) {}
