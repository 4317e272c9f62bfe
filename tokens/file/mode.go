//go:build !windows

package file

import (
	"fmt"
	"io/fs"
)

func checkMode(path string, mode fs.FileMode) error {
	if open := mode.Perm() & 0o077; open != 0 {
		return fmt.Errorf("%s has mode %04o and others may get at its tokens: run chmod 600 on it", path, mode.Perm())
	}
	return nil
}
