package index

import "syscall"

// unmap gives back the memory into which a file is mapped. It is mapped again
// where it is read.
func unmap(file []byte) {
	if len(file) > 0 {
		_ = syscall.Madvise(file, syscall.MADV_DONTNEED)
	}
}
