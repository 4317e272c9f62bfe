//go:build unix

package server

import (
	"io/fs"
	"os"
	"syscall"
)

// ours says whether a file belongs to this user.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// closed says whether nobody else has any right to a file.
func closed(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
