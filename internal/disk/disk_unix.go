//go:build !windows

package disk

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

var fullErrors = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}

// Free is how many bytes there is room for in a folder.
func Free(folder string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil {
		return 0, fmt.Errorf("ask how much room there is: %w", err)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
