//go:build linux || darwin

package console

import "syscall"

// freeSpace is what a person may still write to the file system of a folder.
func freeSpace(dir string) (bytes uint64, known bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0, false
	}
	return st.Bavail * uint64(st.Bsize), true
}
