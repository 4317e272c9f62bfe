package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSocket is the longest path that every system takes for a Unix socket.
const maxSocket = 100

// socketPath is where the owner of an index listens: in the data folder or,
// where that path is too long for a socket, in a short folder of the same user.
// All processes find the same, however they name the data folder.
func socketPath(data, key string) (string, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	if real, err := filepath.EvalSymlinks(data); err == nil {
		data = real
	}
	path := filepath.Join(data, key+".sock")
	if len(path) <= maxSocket {
		return path, nil
	}
	sum := sha256.Sum256([]byte(path))
	dir := socketFolder()
	short := filepath.Join(dir, hex.EncodeToString(sum[:12])+".sock")
	if len(short) > maxSocket {
		return "", fmt.Errorf("the path of the data folder is too long for a socket by %d characters, and so is that of %s", len(path)-maxSocket, dir)
	}
	if err := makePrivate(dir); err != nil {
		return "", fmt.Errorf("the path of the data folder is too long for a socket by %d characters, and instead of it %w", len(path)-maxSocket, err)
	}
	return short, nil
}

// socketFolder is for the sockets of data folders whose paths are too long.
func socketFolder() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return filepath.Join(dir, "mcp-notion")
		}
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("mcp-notion-%d", os.Getuid()))
}

// makePrivate makes a folder that this user alone can enter. Where temporary
// files lie everybody can make one of any name, so that one that is there
// already is looked at, and not trusted.
func makePrivate(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("no folder can be made: %w", err)
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("no folder can be looked at: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is not used, because it is a symbolic link", dir)
	case !info.IsDir():
		return fmt.Errorf("%s is not used, because it is no folder", dir)
	case !ours(info):
		return fmt.Errorf("%s is not used, because it belongs to somebody else", dir)
	case !closed(info):
		return fmt.Errorf("%s is not used, because others can enter it (mode %04o)", dir, info.Mode().Perm())
	}
	return nil
}

// Shareable says why two processes could not use a data folder at the same
// time; nil if they can.
func Shareable(data string) error {
	const anyKey = "0123456789abcdef0123456789abcdef"
	_, err := socketPath(data, anyKey)
	return err
}
